"""Small programs, linked as a role is, and run on the real MicroPython before and after."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import micropython
from tools.linker.link import make_smaller
from tools.linker.merge import merge
from tools.linker.names import shorten
from tools.linker.source import read
from tools.linker.written import written


def linked(**modules: str) -> str:
    """Return modules of the package firmware as one text; the last one imports what it needs."""
    sources = {f"firmware.{name}": read(f"firmware.{name}", text) for name, text in modules.items()}
    texts = {"tocsin": merge(sources, list(sources), dict.fromkeys(sources, "tocsin"))}
    make_smaller(texts, frozenset())
    shorten(texts, frozenset())
    return written(texts["tocsin"])


def apart(**modules: str) -> str:
    """Return what modules print, imported as they are."""
    with TemporaryDirectory() as folder:
        package = Path(folder) / "firmware"
        package.mkdir()
        for name, text in modules.items():
            (package / f"{name}.py").write_text(text)
        return _printed(f"import firmware.{list(modules)[-1]}", folder)


def together(**modules: str) -> str:
    """Return what modules print, linked."""
    return _printed(linked(**modules), "")


def _printed(program: str, path: str) -> str:
    argv = [*micropython.command(), "-c", f"import sys; sys.path[:] = [{path!r}]\n{program}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert not done.stderr, f"{done.stderr}\n{program}"
    return done.stdout
