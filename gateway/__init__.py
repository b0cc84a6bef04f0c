"""The gateway: hears frames, commits them to disk, answers the wearer, tells people."""
