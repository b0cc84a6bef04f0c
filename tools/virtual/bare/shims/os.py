"""`os` of a board at its console: the files are those of the folder that the process works in."""

import _air
from uos import (
    chdir,
    getcwd,
    ilistdir,
    listdir,
    mkdir,
    remove,
    rename,
    rmdir,
    stat,
    statvfs,
    unlink,
)  # noqa: F401


def urandom(count):
    """Return random bytes from the seed of the run."""
    return bytes(_air.call("urandom", count))


def sync():
    """Finish what was written: files here are the computer's."""
