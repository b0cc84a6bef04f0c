"""Which files a board gets, which it has, and how they get there.

The program is that of `tools.firmware_build` for the native code which the interpreter on the board says it
runs: on a virtual board that is the computer's. main.py is not among them; it goes last, by itself.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.firmware_closure import ROOT
from tools.flashed import flashed
from tools.provision.chips import ARCHS, HOSTS, Chip
from tools.provision.frozen import Frozen
from tools.provision.identity import Planned
from tools.provision.repl import Repl
from tools.provision.stopped import Stopped

MAIN = "main.py"
_MAIN_SOURCE = ROOT / "firmware" / MAIN
_NOT_FOR_BOARDS = ("shims",)
_MAPS = "firmware/boards/"
_ALWAYS = (f"{_MAPS}pins.mpy", f"{_MAPS}__init__.mpy")
_CHUNK = 3072  # bytes; 4,096 characters of base64

_DIGESTS = """
import hashlib, binascii, os
def _digest(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            data = file.read(512)
            if not data:
                return binascii.hexlify(found.digest()).decode()
            found.update(data)
def _digests(names):
    there = {}
    for name in names:
        try:
            there[name] = _digest(name)
        except OSError:
            pass
    return there
"""
_FOLDER = """
import os
for name in %r:
    try:
        os.mkdir(name)
    except OSError as error:
        if error.args[0] != 17:
            raise
"""


@dataclass(frozen=True, slots=True)
class Program:
    """The files of one role for one kind of native code, by their names on the board.

    A program that the image has frozen in is one without files.
    """

    arch: str
    files: dict[str, bytes]
    main: bytes
    frozen: Frozen | None = None

    @property
    def digest(self) -> str:
        """One digest of all, for the record."""
        if self.frozen:
            return self.frozen.digest
        found = hashlib.sha256()
        for name, data in sorted({**self.files, MAIN: self.main}.items()):
            found.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
        return found.hexdigest()


def program(planned: Planned, arch: str, frozen: Frozen | None) -> Program:
    """Return what a board with `planned` settings is to hold beside what its image has frozen in."""
    if frozen:
        return Program(arch, {}, _MAIN_SOURCE.read_bytes(), frozen)
    tree = flashed(planned.role, arch)
    files = {name: (tree / name).read_bytes() for name in _names(tree, planned.board)}
    return Program(arch, files, (tree / MAIN).read_bytes())


def arch_of(repl: Repl, chip: Chip) -> str:
    """Return the native code that the interpreter runs; raise `Stopped` where it is not the chip's."""
    number = repl.ask("import sys\nprint(sys.implementation._mpy >> 10)")
    arch = ARCHS.get(number)
    if arch != chip.arch and arch not in HOSTS:
        raise Stopped("arch_of_other_chip", chip=chip.called, arch=arch or number)
    return str(arch)


def missing(repl: Repl, files: dict[str, bytes]) -> list[str]:
    """Return the names of the files that the board has not, or has with other content."""
    repl.run(_DIGESTS)
    there = repl.ask(f"print(_digests({sorted(files)!r}))", limit_s=30)
    return [name for name, data in files.items() if there.get(name) != _sha256(data)]


def copy(repl: Repl, name: str, data: bytes) -> Iterator[int]:
    """Write a file, yielding how many bytes are there; `missing` tells whether they arrived."""
    folders = [parent.as_posix() for parent in reversed(Path(name).parents) if parent.name]
    if folders:
        repl.run(_FOLDER % (folders,))
    begin = f"import binascii\nf = open({name!r}, 'wb')\n"
    for at in range(0, max(len(data), 1), _CHUNK):
        text = base64.b64encode(data[at : at + _CHUNK])
        is_last = at + _CHUNK >= len(data)
        end = "\nf.close()" if is_last else ""
        repl.run(f"{begin}_ = f.write(binascii.a2b_base64({text!r})){end}")
        begin = ""
        yield min(at + _CHUNK, len(data))


def _names(tree: Path, board: str) -> Iterator[str]:
    wanted = (*_ALWAYS, f"{_MAPS}{board}.mpy")
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        is_other_map = name.startswith(_MAPS) and name not in wanted
        is_wanted = name != MAIN and name.split("/")[0] not in _NOT_FOR_BOARDS
        if path.is_file() and is_wanted and not is_other_map:
            yield name


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
