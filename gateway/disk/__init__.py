"""What must survive: the database, the journal, the outbox, keys, and how they are mended."""
