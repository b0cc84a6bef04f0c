"""What makes serial ports over the network (RFC 2217) quick enough to work with."""
