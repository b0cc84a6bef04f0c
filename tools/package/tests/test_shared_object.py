"""A shared object is shorter and is loaded as before; nothing else is touched."""

import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import uvloop.loop

from tools.package.shared_object import shortened

LIBRARY = Path(uvloop.loop.__file__)


def test_what_was_cut_is_loaded_and_works(tmp_path: Path) -> None:
    whole = LIBRARY.read_bytes()
    cut = shortened(whole)
    assert len(cut) < len(whole) / 2
    package = tmp_path / "uvloop"
    shutil.copytree(LIBRARY.parent, package, ignore=shutil.ignore_patterns("loop.*.so"))
    (package / f"loop{EXTENSION_SUFFIXES[0]}").write_bytes(cut)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import asyncio, uvloop;"
        f" assert uvloop.__file__.startswith({str(tmp_path)!r});"
        " uvloop.run(asyncio.sleep(0.01)); print('slept')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "slept\n"


def test_cut_again_it_is_the_same() -> None:
    cut = shortened(LIBRARY.read_bytes())
    assert shortened(cut) == cut


def test_what_is_no_shared_object_comes_back_as_it_is() -> None:
    for content in (b"", b"\x7fELF", b"\x7fELF\x01\x01" + bytes(100), b"print('x')\n" * 20):
        assert shortened(content) == content
