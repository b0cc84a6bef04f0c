"""What the air must carry and the counters must survive: fifty boxes pressed at once, 10,000 power cuts.

Everything runs in virtual time on the real firmware, from .mpy files on MicroPython: `many_boxes` at SF 7
and SF 9, `power_cuts` of buttons and call boxes. Each part has a process of its own.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from tools.bench.figures import Figures, columns, write
from tools.bench.many_boxes import Call, ManyBoxes
from tools.bench.power_cuts import PowerCuts
from tools.firmware_build import build

BOXES = 50
BARS_S = {7: 20.0, 9: 60.0}
CUTS = 10_000
_CUTS_AT_ONCE = 250  # in one world: the tables of hints stay small
_QUICK_BOXES, _QUICK_CUTS = 12, 200
_LIMIT_S = 180.0
_Part = TypeVar("_Part")
_FIRST_FRAME_S = 8.0  # SPEC 9: 7 s and the look before; what is not on air by then somebody refused


@dataclass(frozen=True)
class Crowd:
    """What became of all calls at one spreading factor."""

    sf: int
    seed: int
    calls: Sequence[Call]
    frames: int
    heard: int

    def __str__(self) -> str:
        """Say how many were stored, and when the last."""
        slowest = self.slowest("stored")
        return f"SF {self.sf}, site {self.seed}: {self.stored} stored within {slowest:.2f} s"

    @property
    def stored(self) -> int:
        """How many calls the gateway has."""
        return sum(call.stored is not None for call in self.calls)

    @property
    def refused(self) -> int:
        """How many calls never went on air."""
        return sum(call.on_air is None or call.on_air > _FIRST_FRAME_S for call in self.calls)

    def slowest(self, what: str) -> float:
        """Return the longest time from press to `what`; the limit where it never came."""
        times = [getattr(call, what) for call in self.calls]
        return max(_LIMIT_S if time is None else time for time in times)


@dataclass(frozen=True)
class Cuts:
    """What became of the counters of one button and one call box."""

    cuts: int
    frames: int
    reused: int
    unknown: int

    def __str__(self) -> str:
        """Say what was cut and what was seen."""
        return f"{self.cuts} power cuts, {self.frames} frames, {self.reused} counters reused"


def crowd(sf: int, seed: int, count: int, trees: Path) -> Crowd:
    """Press `count` boxes within one second."""
    with TemporaryDirectory(prefix="tocsin-air-") as scratch:
        site = ManyBoxes(Path(scratch), trees / "x64" / "call_box", count, sf, seed)
        calls = site.press_all(_LIMIT_S)
        _raise_what_boards_printed(Path(scratch))
    return Crowd(sf, seed, calls, site.frames, len(site.gateway.heard))


def cuts(count: int, seed: int, trees: Path) -> Cuts:
    """Cut power `count` times."""
    with TemporaryDirectory(prefix="tocsin-air-") as scratch:
        button, call_box = trees / "x64" / "panic_button", trees / "x64" / "call_box"
        seen = list(PowerCuts(Path(scratch), button, call_box, seed, count).run())
        _raise_what_boards_printed(Path(scratch))
    return Cuts(
        count,
        sum(len(one.frames) for one in seen),
        sum(len(one.reused) for one in seen),
        sum(one.unknown for one in seen),
    )


def bench(json_path: Path | None, *, quick: bool, sites: int = 1) -> int:
    """Measure, print, write; return 1 where a bar is missed."""
    boxes, total = (_QUICK_BOXES, _QUICK_CUTS) if quick else (BOXES, CUTS)
    folder = TemporaryDirectory(prefix="tocsin-mpy-")
    with folder as trees, ProcessPoolExecutor(os.cpu_count()) as pool:
        list(build(Path(trees), ["x64"], ["panic_button", "call_box"]))
        crowds = [
            pool.submit(crowd, sf, site, boxes, Path(trees))
            for site in range(1, sites + 1)
            for sf in BARS_S
        ]
        parts = [
            pool.submit(cuts, min(_CUTS_AT_ONCE, total - done), done, Path(trees))
            for done in range(0, total, _CUTS_AT_ONCE)
        ]
        pressed = [_shown(one.result()) for one in crowds]
        figures = _figures(boxes, pressed, [_shown(one.result()) for one in parts])
    if json_path is not None:
        write(json_path, figures)
    return 0 if _holds(figures) else 1


def _shown(result: _Part) -> _Part:
    """Print a part as it comes: all of them take some minutes."""
    print(result, flush=True)
    return result


def _figures(boxes: int, crowds: Sequence[Crowd], parts: Sequence[Cuts]) -> Figures:
    rows: list[Sequence[str]] = [
        ("", "stored", "on air s", "stored s", "shown s", "frames", "heard")
    ]
    rows += [
        (
            f"SF {one.sf}, site {one.seed}",
            str(one.stored),
            *(f"{one.slowest(what):.2f}" for what in ("on_air", "stored", "shown")),
            str(one.frames),
            str(one.heard),
        )
        for one in crowds
    ]
    print(columns(f"{boxes} call boxes pressed within one second, the slowest of them", rows))
    power = sum(part.cuts for part in parts)
    reused = sum(part.reused for part in parts)
    frames = sum(part.frames for part in parts)
    print(f"{power} power cuts, {frames} frames on air, {reused} counters reused")
    figures: dict[str, int | float] = {
        "call_boxes": boxes,
        "stored": min(one.stored for one in crowds),
        "refused": sum(one.refused for one in crowds),
        "counters_reused": reused,
        "counters_unknown": sum(part.unknown for part in parts),
        "power_cuts": power,
        "frames_between_cuts": frames,
    }
    for sf in BARS_S:
        for what, name in (("stored", "slowest"), ("shown", "slowest_shown")):
            times = [one.slowest(what) for one in crowds if one.sf == sf]
            figures[f"{name}_sf{sf}_s"] = round(max(times), 2)
    return figures


def _holds(figures: Figures) -> bool:
    in_time = all(figures[f"slowest_sf{sf}_s"] <= bar for sf, bar in BARS_S.items())
    return (
        in_time
        and figures["stored"] == figures["call_boxes"]
        and not figures["refused"]
        and not figures["counters_reused"]
        and not figures["counters_unknown"]
    )


def _raise_what_boards_printed(folder: Path) -> None:
    """Raise where a program has failed: its figures would mean nothing."""
    for log in sorted(folder.glob("*.log")):
        if text := log.read_text():
            raise RuntimeError(f"{log.name}: {text[-1000:]}")
