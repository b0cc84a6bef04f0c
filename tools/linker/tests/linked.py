"""Small programs, linked as a role is, and run on the real MicroPython before and after."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import micropython
from tools.linker.link import MAIN, finish, make_smaller
from tools.linker.merge import merge
from tools.linker.names import shorten
from tools.linker.source import global_name, read
from tools.linker.written import written


def linked(**modules: str) -> str:
    """Return modules of the package firmware as one text; the last one imports what it needs."""
    sources = {f"firmware.{name}": read(f"firmware.{name}", text) for name, text in modules.items()}
    texts = {"tocsin": merge(sources, list(sources), dict.fromkeys(sources, "tocsin"))}
    make_smaller(texts, frozenset())
    shorten(texts, frozenset())
    return written(texts["tocsin"])


def in_parts(program: str) -> str:
    """Return what `run` of a program prints, linked as a role is: without what it makes once."""
    texts = _in_parts(program)
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / f"{name}.py").write_text(text)
        return _printed("import door\ndoor.run()", folder)


def classes_left(program: str) -> int:
    """Return how many classes a program has when it is linked."""
    return sum(text.count("class ") for text in _in_parts(program).values())


def started(program: str) -> str:
    """Return what `run` of a program prints, as it is."""
    return _printed(_MARKER + program + "\nrun()", "")


_MARKER = "def forget():\n    pass\n"


def _in_parts(program: str) -> dict[str, str]:
    main = "from firmware.core.makers import forget\n" + program
    modules = {"core.makers": _MARKER, "main": main}
    sources = {f"firmware.{name}": read(f"firmware.{name}", text) for name, text in modules.items()}
    texts = {MAIN: merge(sources, list(sources), dict.fromkeys(sources, MAIN))}
    return finish(texts, {"door": global_name("firmware.main", "run")})


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
