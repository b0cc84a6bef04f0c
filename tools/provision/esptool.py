"""esptool, run as a program of its own: its licence is GPL-2, and it stays on its side of a pipe.

No secret ever goes this way: an argument can be read by every user of the machine.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.provision import chips
from tools.provision.chips import Chip
from tools.provision.stopped import Lost, Stopped

Progress = Callable[[float], None]  # from 0 to 1
_NETWORK_PORT = Path(__file__).parent / "network_port"
_PERCENT = re.compile(rb"(\d+(?:\.\d+)?)%")
_FACT = re.compile(r"^(Chip type|MAC|Detected flash size|Connected to)\W+(.*?):?\s*$", re.MULTILINE)
_LOST = ("could not open", "failed to connect", "serial exception", "no serial data", "timed out",
         "packet content transfer stopped", "no more data to read", "invalid head of packet",
         "stopped: possible serial noise", "failed to write", "md5 of file does not match",
         "chip stopped responding", "response doesn't match", "failed to start stub", "hash of data",
         "failed to erase", "failed to read", "failed to enter")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What the chip's loader says of a board."""

    chip: Chip
    described: str  # with package and revision
    mac: str
    flash_mb: int


def find(port: str) -> Found:
    """Ask the loader of the board at `port`; raise `Lost`, or `Stopped` for a chip that is none of ours."""
    said = _run(port, "--after", "no-reset", "flash-id")  # whoever comes next resets it
    facts: dict[str, str] = dict(_FACT.findall(said))
    described = facts.get("Chip type", "")
    name = facts.get("Connected to", described).split(" ")[0]
    chip = chips.called(name)
    if chip is None:
        raise Stopped("chip_unknown", chip=described or name)
    size = facts.get("Detected flash size", "")
    if not size.endswith("MB"):
        raise Lost("flash_unknown", port=port)
    return Found(chip, described, facts.get("MAC", ""), int(size.removesuffix("MB")))


def write(port: str, chip: Chip, image: Path, baud: int, progress: Progress) -> None:
    """Erase all, write an image and let the chip compare its digest; raise `Lost`."""
    options = ("--chip", chip.name, "--baud", str(baud))
    where = (hex(chip.starts_at), str(image))
    _run(port, *options, "write-flash", "--erase-all", *where, progress=progress)


def _run(port: str, *arguments: str, progress: Progress = lambda _part: None) -> str:
    argv = [sys.executable, "-m", "esptool", "--port", port, *arguments]
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_env()
    )
    said = bytearray()
    with process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        while data := os.read(process.stdout.fileno(), 4096):
            said += data
            percents = _PERCENT.findall(data)
            if percents:
                progress(float(percents[-1]) / 100)
    text = said.decode("utf-8", "replace")
    if process.returncode:
        raise _why(port, text)
    return text


def _why(port: str, text: str) -> Stopped:
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["?"]
    errors = [line for line in lines if "error" in line.lower()]
    kind = Lost if any(sign in text.lower() for sign in _LOST) else Stopped
    return kind("esptool_failed", port=port, why=(errors or lines[-1:])[0])


def _env() -> dict[str, str]:
    """Return its environment: plain text, and quick ports where they are over the network."""
    path = os.pathsep.join(filter(None, (str(_NETWORK_PORT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}
