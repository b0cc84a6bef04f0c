"""What the firmware takes of a board: heap, allocations of an alert, what a wake loads, size in flash.

Measured on MicroPython of 32 bits: objects and small integers are as large there as on the board.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench import firmware_heap
from tools.bench.currents import BLE_START_MS, FROZEN_BOOT_MS, STOCK_BOOT_MS
from tools.bench.figures import Figures, columns, write
from tools.bench.firmware_heap import CASES, KB, SHORT, Heap, Stay
from tools.bench.firmware_press import LoraHeap, Press, lora_heap, press
from tools.bench.import_cost import ImportCost, import_costs
from tools.firmware_build import CHIPS, Weight, build, build_role
from tools.firmware_closure import ROLES, boards_of
from tools.micropython import MicroPythonMissing

MOST_HEAP_KB = 64.0
MOST_ALERT_BYTES = 0
MONTH = Stay(days=30, alerts=200)
QUICK = Stay(days=1, alerts=10)
# What a figure is called, by role.
KEYS = {"panic_button": "button", "call_box": "call_box", "radio_head": "radio_head"}
_COMPLETE = ("button", "call_box", "radio_head")
# What lives the whole stay. A head with LoRa lives a tenth of it: its virtual radio takes the bench
# ten times as long. The rest shows in a short life what a part of the firmware takes.
_LONG = ("button", "call_box", "radio_head_ble")
_GROWN = (*_LONG, "radio_head")
_BOARD = "esp32c3_devkit"


@dataclass(frozen=True)
class Wake:
    """What a press from deep sleep has to do before its advert."""

    press: Press
    later: tuple[str, ...]  # modules of what is flashed, loaded after it or never
    linked: ImportCost
    apart: ImportCost  # the same program, each module a file of its own


@dataclass(frozen=True)
class Measured:
    """Everything one run found out. `heaps` are by case."""

    wake: Wake
    lora: LoraHeap
    weights: tuple[Weight, ...]
    heaps: Mapping[str, Heap]

    def figures(self) -> Figures:
        """Return what `--json` writes."""
        found: dict[str, int | float] = {
            "alert_path_heap_bytes": self.wake.press.heap_bytes,
            "lora_alert_heap_bytes": self.lora.alert,
            "lora_busy_heap_bytes": self.lora.busy,
            "modules_before_advert": len(self.wake.press.modules),
        }
        for name, heap in self.heaps.items():
            found[f"heap_kb_{name}"] = round(heap.kb, 1)
            found[f"heap_growth_bytes_{name}"] = heap.course.growth
        for name in _COMPLETE:
            found[f"heap_kb_{name}_without_names"] = round(self.heaps[name].without_names_kb, 1)
        for role, name in KEYS.items():
            sizes = [weight.kb for weight in self.weights if weight.role == role]
            found[f"mpy_kb_{name}"] = round(max(sizes), 1)
        return found


def measure(stay: Stay) -> Measured:
    """Measure everything; raise `MicroPythonMissing` where there is none."""
    with TemporaryDirectory(prefix="tocsin-firmware-") as scratch:
        folder = Path(scratch)
        tree = folder / "button"
        build_role(tree, "panic_button", "x86")
        found = press(tree)
        later = tuple(sorted(set(_modules_in(tree)) - set(found.modules)))
        weights = tuple(_weights(folder / "weighed"))
    wake = Wake(found, later, *import_costs("panic_button", _BOARD))
    return Measured(wake, lora_heap(), weights, _heaps(stay))


def _modules_in(tree: Path) -> Iterator[str]:
    """Yield what of a tree one board can load: its own map and no other."""
    for file in tree.rglob("*.mpy"):
        name = ".".join(file.relative_to(tree).with_suffix("").parts)
        if not name.startswith(("shims.", "firmware.boards.")):
            yield name


def _weights(folder: Path) -> list[Weight]:
    return [
        weight
        for arch in CHIPS
        for weight in build(
            folder, [arch], [role for role in ROLES if boards_of(role, CHIPS[arch])]
        )
    ]


def _heaps(stay: Stay) -> dict[str, Heap]:
    """Live on all cores, the long lives first."""
    cases = sorted(CASES, key=lambda case: case.name not in _GROWN)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        loaded = {
            case.name: pool.submit(firmware_heap.measure, case, _part(stay, case.name))
            for case in cases
        }
        return {name: future.result() for name, future in loaded.items()}


def _part(stay: Stay, name: str) -> Stay:
    if name in _LONG:
        return stay
    return Stay(stay.days / 10, stay.alerts // 10) if name in _GROWN else SHORT


def report(measured: Measured) -> str:
    """Return everything for people, bars included."""
    parts = [_heap(measured), _alert(measured), _wake(measured.wake), _sizes(measured.weights)]
    return "\n".join([*parts, _bars(measured.figures())])


def _heap(measured: Measured) -> str:
    rows: list[tuple[str, ...]] = [("program", "KB", "in use", "shims", "growth", "days", "alerts")]
    rows += [(name, *_cells(heap)) for name, heap in measured.heaps.items()]
    rows += [
        (f"{name}, without names", f"{measured.heaps[name].without_names_kb:.1f}", *[""] * 5)
        for name in _COMPLETE
    ]
    note = (
        "  KB: the smallest heap that the life passes in, less what the shims have of it before the\n"
        "  program begins. Programs are loaded from the .mpy files that are flashed. Without names: where\n"
        "  the table of names lies in flash, as it does for a frozen program.\n"
    )
    return columns("Heap, 32 bits", rows) + note


def _cells(heap: Heap) -> tuple[str, ...]:
    course = heap.course
    in_use = (max(course.used) - course.base) / KB
    return (
        f"{heap.kb:.1f}",
        f"{in_use:.1f}",
        f"{course.base / KB:.1f}",
        f"{course.growth} bytes",
        f"{course.days:g}",
        str(course.alerts),
    )


def _alert(measured: Measured) -> str:
    found, lora = measured.wake.press, measured.lora
    rows = [
        ("bytes of heap", ""),
        ("from the press to its advert, heap locked", str(found.heap_bytes)),
        ("  lent to calls under way, else on the stack", str(found.lent_bytes)),
        ("an alert by LoRa, sent and answered, heap locked", str(lora.alert)),
        ("  each busy channel before it", str(lora.busy)),
        ("  the radio itself, once", str(lora.radio)),
    ]
    return columns("An alert, 32 bits", rows)


def _wake(wake: Wake) -> str:
    found, linked = wake.press, wake.linked
    load_us = found.ready_us + found.advert_us
    rows = [
        ("from deep sleep to an advert", "stock, ms", "frozen, ms"),
        ("boot to main.py", f"{STOCK_BOOT_MS:.0f}", f"{FROZEN_BOOT_MS:.0f}"),
        (
            f"{linked.modules} modules, {linked.read_bytes / 1000:.0f} kB read",
            f"{linked.ms:.0f}",
            f"{linked.frozen_ms:.0f}",
        ),
        (f"  not linked, {wake.apart.modules} modules", f"{wake.apart.ms:.0f}", ""),
        ("BLE started", f"{BLE_START_MS:.0f}", f"{BLE_START_MS:.0f}"),
        ("the advert due, since the wake (hold)", f"{found.at_ms}", f"{found.at_ms}"),
    ]
    share = 100 * found.advert_us / load_us
    note = (
        f"  Of this computer's time, {load_us / 1000:.0f} ms, the advert takes {share:.1f} %;\n"
        f"  the rest is loading and making ready.\n"
        f"  Loaded later or never: {', '.join(wake.later) or 'nothing'}.\n"
    )
    return columns("Wake by the contact (times modelled: tools/bench/currents.py)", rows) + note


def _sizes(weights: tuple[Weight, ...]) -> str:
    rows = [("kB of .mpy", *CHIPS)]
    for role in ROLES:
        by_arch = {weight.arch: weight for weight in weights if weight.role == role}
        rows.append(
            (role, *(f"{by_arch[arch].kb:.1f}" if arch in by_arch else "-" for arch in CHIPS))
        )
    return columns("In flash", rows)


def bars() -> dict[str, float]:
    """Return the most that each figure may be."""
    return {"alert_path_heap_bytes": MOST_ALERT_BYTES} | {
        f"heap_kb_{name}": MOST_HEAP_KB for name in _COMPLETE
    }


def _bars(figures: Figures) -> str:
    rows = [("bar", "figure", "wanted", "")]
    for name, most in bars().items():
        verdict = "met" if figures[name] <= most else "MISSED"
        rows.append((name, f"{figures[name]:g}", f"<= {most:g}", verdict))
    for name in _GROWN:
        growth = figures[f"heap_growth_bytes_{name}"]
        verdict = "met" if growth <= firmware_heap.SLACK_BYTES else "MISSED"
        rows.append((f"heap_growth_bytes_{name}", f"{growth:g}", "0", verdict))
    return columns("Bars", rows)


def bench(json_path: Path | None, *, quick: bool) -> int:
    """Measure, print, and write the figures where asked to; return 1 where a bar is missed."""
    try:
        measured = measure(QUICK if quick else MONTH)
    except MicroPythonMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    text = report(measured)
    print(text)
    if json_path is not None:
        write(json_path, measured.figures())
    return 1 if "MISSED" in text else 0
