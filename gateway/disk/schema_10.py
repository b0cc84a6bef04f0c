"""What version 10 adds to the database: which earlier gateways can go on with it. So there is a way back.

From here on a step only adds: tables, and columns that may be left out. A gateway that knows fewer steps
reads and writes what it knows, loses no incident, and the next upgrade finds all that was raised meanwhile.
A step that cannot keep to it raises `READS_FROM` of `schema` to its own number: then there is no way back.
"""

VERSION_10 = """
CREATE TABLE compatible (
    reads_from INTEGER NOT NULL     -- the lowest version whose gateway can go on with this database
) STRICT;
INSERT INTO compatible (reads_from) VALUES (0);  -- `migrate` says it
"""
