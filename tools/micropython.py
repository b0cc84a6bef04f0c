"""Finds the real MicroPython (unix port), or obtains it.

    python -m tools.micropython [--arch native] [--arch i386]

Looked for in this order: what TOCSIN_MICROPYTHON names (TOCSIN_MICROPYTHON_I386 for the 32-bit
one), the system's own from 1.24 on, our cache. Else it is unpacked into the cache from the Debian
release that has it. CPython never takes its place: each candidate is asked what it is.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import debian

MINIMUM = (1, 24, 0)
RELEASE = "trixie"  # the first Debian release with a MicroPython that is recent enough: 1.25.0
# Its libraries come along: those of an older system, the C library first, are too old for it.
PACKAGES = ("micropython", "libc6", "libffi8", "libmbedcrypto16", "libmbedtls21", "libmbedx509-7")

VARIABLES = {None: "TOCSIN_MICROPYTHON", "i386": "TOCSIN_MICROPYTHON_I386"}

HOW_TO_GET_IT = """\
How to get it:
  Debian 12 or newer, Raspberry Pi OS   connect to the network and run this again
  Ubuntu 25.04 or newer                 sudo apt-get install micropython
  macOS                                 brew install micropython
  elsewhere                             your system's package, or build the unix port of MicroPython
Or name the interpreter you have: {variable}=/path/to/micropython"""

WHAT_ARE_YOU = "import sys; i = sys.implementation; print(i[0], *i[1][:3], sys.maxsize)"


class MicroPythonMissing(Exception):
    """There is no usable MicroPython: says why, and how to get one."""

    def __init__(self, reason: str, arch: str | None) -> None:
        minimum = ".".join(map(str, MINIMUM[:2]))
        kind = "" if arch is None else f" for {arch}"
        super().__init__(
            f"MicroPython {minimum} or newer{kind} (unix port) is missing: {reason}\n"
            + HOW_TO_GET_IT.format(variable=VARIABLES[arch])
        )


@dataclass(frozen=True)
class Interpreter:
    """A program that says it is MicroPython."""

    argv: tuple[str, ...]  # what starts it; its own arguments follow
    version: tuple[int, ...]
    is_32_bit: bool

    def __str__(self) -> str:
        """Return version and path as a person reads them."""
        version = ".".join(map(str, self.version))
        bits = 32 if self.is_32_bit else 64
        return f"MicroPython {version} ({bits} bit): {self.argv[-1]}"


def command(arch: str | None = None) -> list[str]:
    """Return what starts MicroPython, native or "i386", obtaining it if need be.

    Raises `MicroPythonMissing`.
    """
    return list((find(arch) or obtain(arch)).argv)


def find(arch: str | None = None) -> Interpreter | None:
    """Return the interpreter this machine has, if any.

    Raises `MicroPythonMissing` if the environment names one that will not do: what a person
    chose is never replaced by something else.
    """
    named = os.environ.get(VARIABLES[arch])
    if named:
        return _named(named, arch)
    system = shutil.which("micropython")
    if system and (found := probe((system,))) and _suits(found, arch):
        return found
    return _in_root(cache_folder(arch), arch)


def obtain(arch: str | None = None) -> Interpreter:
    """Unpack MicroPython into the cache, all of it or nothing; raise `MicroPythonMissing`."""
    home = cache_folder(arch)
    home.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="unpacking-", dir=home.parent) as folder:
        work = Path(folder)
        try:
            root = debian.unpack(PACKAGES, RELEASE, arch or debian.architecture(), work)
        except debian.DebianUnavailable as refusal:
            raise MicroPythonMissing(str(refusal), arch) from refusal
        if _in_root(root, arch) is None:
            raise MicroPythonMissing("this machine cannot run what it downloaded", arch)
        if home.exists() and _in_root(home, arch) is None:
            home.rename(work / "broken")
        if not home.exists():  # else another process was faster
            root.rename(home)
    found = _in_root(home, arch)
    if found is None:
        raise MicroPythonMissing(f"{home} changed while it was being filled", arch)
    return found


def probe(argv: tuple[str, ...]) -> Interpreter | None:
    """Ask a program what it is; return None unless it is MicroPython."""
    asked = [*argv, "-c", WHAT_ARE_YOU]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    name, *numbers = done.stdout.split() or [""]
    if done.returncode or name != "micropython":
        return None
    *version, maxsize = map(int, numbers)
    return Interpreter(argv, tuple(version), is_32_bit=maxsize < 1 << 32)


def cache_folder(arch: str | None = None) -> Path:
    """Return where an unpacked MicroPython lives, whether it is there or not."""
    return cache_home() / "micropython" / f"{RELEASE}-{arch or platform.machine()}"


def cache_home() -> Path:
    """Return where what can be had again is kept, whether it is there or not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():  # as the XDG base directory specification says
        cache = Path.home() / ".cache"
    return cache / "tocsin"


def _named(path: str, arch: str | None) -> Interpreter:
    found = probe((path,))
    if found is None:
        raise MicroPythonMissing(f"{VARIABLES[arch]}={path} is not MicroPython", arch)
    if not _suits(found, arch):
        raise MicroPythonMissing(f"{VARIABLES[arch]} names {found}", arch)
    return found


def _in_root(root: Path, arch: str | None) -> Interpreter | None:
    """Return the interpreter unpacked below `root`, started through the loader beside it."""
    for loader in root.glob("usr/lib/*/ld-linux*.so.*"):
        libraries, program = loader.parent, root / "usr/bin/micropython"
        found = probe((str(loader), "--library-path", str(libraries), str(program)))
        if found and _suits(found, arch):
            return found
    return None


def _suits(found: Interpreter, arch: str | None) -> bool:
    return found.version >= MINIMUM and (found.is_32_bit or arch is None)


def main() -> int:
    """Print each interpreter asked for, obtaining what is missing; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.micropython", description=__doc__)
    parser.add_argument("--arch", action="append", choices=("native", "i386"))
    for name in parser.parse_args().arch or ["native"]:
        arch = None if name == "native" else name
        try:
            found = find(arch)
            if found is None:
                print(
                    f"Obtaining MicroPython ({name}) from this system's Debian mirror ...",
                    flush=True,
                )
                found = obtain(arch)
        except MicroPythonMissing as missing:
            print(missing, file=sys.stderr)
            return 1
        print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
