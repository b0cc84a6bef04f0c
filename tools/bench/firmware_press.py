"""From a press to its advert: bytes of heap, modules, and where the time goes, on the real MicroPython."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from firmware.core import records, settings
from tools import micropython

_PROGRAM = Path(__file__).with_name("press_on_micropython.py")
_LORA_PROGRAM = Path(__file__).parents[2] / "firmware" / "tests" / "lora_heap.py"
_KEY = bytes(range(16))
_UNLOCKED = -1
_FAR_S = 1_000_000


class NoAdvert(Exception):
    """The program ended before its advert; says what it said."""


@dataclass(frozen=True)
class Press:
    """A press from deep sleep."""

    at_ms: int  # of the advert, since the wake
    heap_bytes: int  # that the program cannot do without from its last wait to the advert
    lent_bytes: (
        int  # that calls under way have of the heap then, and have on the stack where it is full
    )
    ready_us: int  # of this computer, from the start to the first wait
    advert_us: int  # and from the last wait to the advert
    modules: tuple[str, ...]  # imported before it


@dataclass(frozen=True)
class LoraHeap:
    """Bytes of a LoRa radio: an alert sent and answered, a busy channel, the radio itself."""

    alert: int
    busy: int
    radio: int


def press(path: Path, arch: str | None = "i386") -> Press:
    """Press twice, the second time with a locked heap: what needs none then needs none."""
    found = _parsed(_run(path, arch, _UNLOCKED))
    try:
        locked = _parsed(_run(path, arch, found.at_ms))
    except NoAdvert:
        return found
    if locked.at_ms != found.at_ms:
        return found
    return replace(found, heap_bytes=0, lent_bytes=found.heap_bytes)


def lora_heap(arch: str | None = "i386") -> LoraHeap:
    """Send an alert by LoRa, with the heap locked as well."""
    root = Path(__file__).parents[2]
    done = _micropython(arch, [str(_LORA_PROGRAM)], {"MICROPYPATH": f".frozen:{root}"})
    return LoraHeap(*(int(word) for word in done.split()))


def _run(path: Path, arch: str | None, lock_ms: int) -> str:
    stored = settings.pack({"role": "panic_button", "board": "esp32c3_devkit"})
    secret = records.pack_secret(_KEY, 512)
    blobs = [blob.hex() for blob in (stored, secret, _snapshot())]
    argv = ["-X", "heapsize=4m", str(_PROGRAM), *blobs, str(lock_ms)]
    return _micropython(arch, argv, {"MICROPYPATH": f"{path}:.frozen"})


def _snapshot() -> bytes:
    """Return what a button keeps over its sleep when it has nothing to do for long."""
    snapshot = records.Snapshot()
    snapshot.heartbeat_due_s = _FAR_S
    return snapshot.pack()


def _micropython(arch: str | None, argv: list[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(
        [*micropython.command(arch), *argv],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or done.stderr:
        raise NoAdvert(done.stdout + done.stderr)
    return done.stdout


def _parsed(output: str) -> Press:
    lines = [line.split() for line in output.splitlines()]
    try:
        (at_ms, heap_bytes), (_, ready, advert), (_, *modules) = lines
        numbers = int(at_ms), int(heap_bytes), 0, int(ready), int(advert)
    except ValueError as error:
        raise NoAdvert(output) from error
    return Press(*numbers, tuple(modules))
