"""What the gateway tells of itself: log, status, metrics."""
