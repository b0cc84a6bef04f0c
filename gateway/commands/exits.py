"""What a command leaves behind as its exit status: the numbers of sysexits.h where that has one.

0   done
1   refused, or something is wrong: the output says what, and what to do
2   the command line is wrong
65  the file is no enrolment for this gateway, or no backup of one
66  the file does not exist, or cannot be read
69  the gateway does not run, and this needs it
74  the disk or the database cannot be used
75  not confirmed in time: it may still be, so try again
77  this user may not do that
78  gateway.toml or the gateway's key
"""

import os

DONE = 0
FAULT = 1
USAGE = 2
BAD_FILE = os.EX_DATAERR
NO_FILE = os.EX_NOINPUT
NOT_RUNNING = os.EX_UNAVAILABLE
DISK = os.EX_IOERR
NOT_YET = os.EX_TEMPFAIL
NOT_ALLOWED = os.EX_NOPERM
CONFIG = os.EX_CONFIG


def of_result(result: str) -> int:
    """Return what the answer of the running gateway to a command leaves behind."""
    return {"done": DONE, "not_committed": DISK}.get(result, FAULT)
