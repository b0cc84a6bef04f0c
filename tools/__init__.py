"""What people run on a laptop: demo, provisioning, benches, checks."""
