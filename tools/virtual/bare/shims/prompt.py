"""What runs on a board without a main.py: it runs what is typed at the console, and says what came out.

prompt.py FOLDER ROOM FROZEN    the board's files, how many bytes they may have, what its image brings
"""

import builtins
import io
import sys

import _air
import uos

_NO_SPACE = 28  # ENOSPC
_room = int(sys.argv[2])
_frozen = sys.argv[3]
_open, _print, _import = builtins.open, builtins.print, builtins.__import__


def _used(folder):
    total = 0
    for name, kind, *_ in uos.ilistdir(folder):
        path = folder + "/" + name
        total += 4096 + _used(path) if kind & 0x4000 else uos.stat(path)[6]
    return total


class _File:
    """A file that is being written, in a file system that can be full."""

    def __init__(self, file):
        self._file = file

    def write(self, data):
        if _used(".") + len(data) > _room:
            raise OSError(_NO_SPACE)
        count = self._file.write(data)
        self._file.flush()
        return count

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()


def _open_here(path, mode="r", *rest):
    file = _open(path, mode, *rest)
    return _File(file) if "w" in mode or "a" in mode or "+" in mode else file


def _print_here(*values, **how):
    text = io.StringIO()
    _print(*values, file=text, **how)
    _air.call("prompt_shows", text.getvalue())


def _import_here(name, *how):
    """Import with `.frozen` standing for what the image brings, too: no folder can have that name."""
    path = list(sys.path)
    sys.path[:] = [
        each for one in path for each in ((_frozen, one) if one == ".frozen" else (one,))
    ]
    try:
        return _import(name, *how)
    finally:
        sys.path[:] = path


def _run(source, space):
    try:
        exec(compile(source, "<stdin>", "exec"), space)  # noqa: S102  it is what a console is for
    except BaseException as error:  # noqa: BLE001  all of them are shown
        text = io.StringIO()
        sys.print_exception(error, text)
        return text.getvalue()
    return ""


uos.chdir(sys.argv[1])
builtins.__import__ = _import_here
_space = {"__name__": "__main__", "print": _print_here, "open": _open_here}
while True:
    _air.call("prompt_ran", _run(_air.call("prompt"), _space))
