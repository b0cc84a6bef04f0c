"""The heap of each program on 32 bits: the smallest it lives in, and whether it grows in a month.

The smallest heap is found with a short life that has all there is in a long one; the long life is then
run in it. The heap holds the shims, too; what they take before the program's first line is measured and
taken off.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench.firmware_life import Life, Unlived
from tools.bench.firmware_lives import BoxLife, ButtonLife, HeadLife
from tools.bench.firmware_tree import Tree, plant

KB = 1024
LEAST_KB, MOST_KB = 32, 256
SLACK_BYTES = 512  # a list that grew to its size
_EVERY_S = 3600
_NAMES = re.compile(r"n_str_data_bytes=(\d+), n_total_bytes=(\d+)")


@dataclass(frozen=True)
class Case:
    """A program on a board. `values` are settings that are not the default."""

    name: str
    life: type[Life]
    board: str
    values: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stay:
    """How long a program lives, and what it has to do."""

    days: float
    alerts: int


SHORT = Stay(days=0.2, alerts=5)  # one of each kind of alert


@dataclass(frozen=True)
class Course:
    """What a life told of its heap: bytes before the program, and in use once an hour or wake."""

    base: int
    used: tuple[int, ...]
    names: int  # bytes that the table of names grew by, without their text
    alerts: int
    days: float

    @property
    def growth(self) -> int:
        """Bytes that the last quarter held more than the first: 0 for ever."""
        quarter = max(1, len(self.used) // 4)
        return max(0, max(self.used[-quarter:]) - max(self.used[:quarter]))

    @property
    def steady(self) -> bool:
        """Whether it may go on like this."""
        return self.growth <= SLACK_BYTES


@dataclass(frozen=True)
class Heap:
    """The smallest heap that a program lives in, shims included, and a life in it."""

    smallest: int
    course: Course

    @property
    def kb(self) -> float:
        """What the program needs for itself."""
        return (self.smallest - self.course.base) / KB

    @property
    def without_names_kb(self) -> float:
        """At most what it needs where the table of names lies in flash as its text does."""
        return self.kb - self.course.names / KB


BUTTON = Case("button", ButtonLife, "esp32c3_devkit", {"second": "vhh-e"})
BUTTON_LORA = Case("button_lora", ButtonLife, "esp32c3_lora", {"second": "vhh-e"})
CALL_BOX = Case("call_box", BoxLife, "esp32s3_lora", {"chemistry": "lipo"})
RADIO_HEAD = Case("radio_head", HeadLife, "esp32s3_lora")
RADIO_HEAD_BLE = Case("radio_head_ble", HeadLife, "esp32s3_devkit")
CASES = (BUTTON, BUTTON_LORA, CALL_BOX, RADIO_HEAD, RADIO_HEAD_BLE)


def measure(case: Case, stay: Stay) -> Heap:
    """Find the smallest heap of a case, and live so long in it."""
    with TemporaryDirectory(prefix="tocsin-heap-") as scratch:
        tree = plant(Path(scratch) / "tree", case.life.role)
        smallest = smallest_heap(tree, case)
        while True:
            try:
                return Heap(smallest, lived(tree, case, smallest, stay))
            except Unlived:
                if smallest >= MOST_KB * KB:
                    raise
                smallest += KB  # what a short life did not show


def smallest_heap(tree: Tree, case: Case) -> int:
    """Return the bytes of the smallest heap, to 1 KB, in which a short life passes."""
    fits = partial(_fits, tree, case)
    too_small, enough = LEAST_KB, MOST_KB
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        too_small, enough = (too_small, middle) if fits(middle * KB) else (middle, enough)
    return enough * KB


def _fits(tree: Tree, case: Case, heap_bytes: int) -> bool:
    try:
        lived(tree, case, heap_bytes, SHORT, every_s=0)
    except Unlived:
        return False
    return True


def lived(
    tree: Tree, case: Case, heap_bytes: int, stay: Stay, *, every_s: int = _EVERY_S
) -> Course:
    """Live so long in a heap; raise `Unlived` where the program does not."""
    with (
        TemporaryDirectory(prefix="tocsin-life-") as logs,
        tree.world(Path(logs), heap_bytes, every_s) as world,
    ):
        life = case.life(world, Path(logs), case.board, **case.values)
        life.live(stay.days, stay.alerts)
        return course(life.measured(), stay.alerts, stay.days)


def course(lines: Iterable[str], alerts: int, days: float) -> Course:
    """Read what `heap_on_micropython` has printed."""
    bases: list[int] = []
    used: list[int] = []
    tables: list[int] = []
    for line in lines:
        if line.startswith("base"):
            bases.append(int(line.split()[1]))
        elif line.startswith("heap"):
            used.append(int(line.split()[2]))
        elif found := _NAMES.search(line):
            tables.append(int(found[2]) - int(found[1]))
    names = max(tables) - min(tables) if tables else 0
    return Course(max(bases), tuple(used), names, alerts, days)
