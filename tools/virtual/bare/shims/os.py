"""`os` of a board at its console: the files are those of the folder that the process works in."""

import _air
import uos

chdir, getcwd, ilistdir, listdir, stat, statvfs = (
    uos.chdir,
    uos.getcwd,
    uos.ilistdir,
    uos.listdir,
    uos.stat,
    uos.statvfs,
)
mkdir, remove, rename, rmdir, unlink = uos.mkdir, uos.remove, uos.rename, uos.rmdir, uos.unlink


def urandom(count):
    """Return random bytes from the seed of the run."""
    return bytes(_air.call("urandom", count))


def sync():
    """Finish what was written: files here are the computer's."""
