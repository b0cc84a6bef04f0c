"""What the air protocol costs: a gateway's frame, a button's frame, memory, time on air.

Beside it, in the same run and in turn: bthome-ble with an encrypted press, LoRaWAN, Meshtastic.
"""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from protocol import kinds, messages
from protocol.airtime import time_on_air_us
from protocol.constants import OVERHEAD
from tools.bench import needs
from tools.bench.figures import Figures, columns, write
from tools.bench.lookahead_memory import in_a_process
from tools.bench.micropython_frame import FrameCost, frame_cost
from tools.bench.rounds import Prepare, Times, race
from tools.bench.site import REPEATS, Site
from tools.micropython import MicroPythonMissing

DEVICES = 1_000
SPREADING_FACTORS = range(7, 13)
# The least another protocol sends: LoRaWAN with 13 bytes of its own around 2 of payload; a
# Meshtastic alert on a channel everybody shares, and one that is signed for.
LORAWAN_BYTES = 15
MESHTASTIC_BYTES = (24, 36)
LEAST_ACCEPT_VS_BTHOME = 3.0
MOST_UNKNOWN_VS_ACCEPT = MOST_DUPLICATE_VS_ACCEPT = 0.15
MOST_FORGED_VS_ACCEPT = 1.0
LOOKAHEAD_BELOW_MB = 32.0


@dataclass(frozen=True)
class Effort:
    """How much is done: rounds of the race, units in each, frames on MicroPython."""

    rounds: int = 60
    units: int = 400
    frames: int = 1_000
    devices: int = DEVICES


@dataclass(frozen=True)
class Measured:
    """Everything one run found out."""

    times: Times
    boards: tuple[FrameCost, FrameCost]  # native, and of 32 bits like a board
    lookahead_mb: float

    def figures(self) -> Figures:
        """Return what `--json` writes."""
        alert, heartbeat, ack = _lengths()
        accept_us = self.times.median_us("accept_1000")
        native, narrow = self.boards
        return {
            "accept_fps_1000": round(1e6 / accept_us),
            "bthome_fps": round(1e6 / self.times.median_us("bthome")),
            "accept_vs_bthome": round(self.times.ratio("bthome", "accept_1000"), 2),
            "unknown_vs_accept": round(self.times.ratio("unknown", "accept_1000"), 3),
            "duplicate_vs_accept": round(self.times.ratio("duplicate", "accept_1000"), 3),
            "forged_vs_accept": round(self.times.ratio("forged", "accept_1000"), 3),
            "mp_heap_bytes_per_frame": narrow.heap_bytes,
            "mp_us_per_frame": round(native.us, 2),
            "lookahead_1000_mb": round(self.lookahead_mb, 1),
            "alert_bytes": alert,
            "ack_bytes": ack,
            "heartbeat_bytes": heartbeat,
        }


def measure(effort: Effort) -> Measured:
    """Measure everything; raise `MicroPythonMissing` where there is none."""
    needs.ensure(["bthome-ble"])
    return Measured(
        race(_contestants(effort), effort.rounds),
        (frame_cost(None, effort.frames), frame_cost("i386", effort.frames)),
        in_a_process(effort.devices),
    )


def _contestants(effort: Effort) -> dict[str, Prepare]:
    from tools.bench.bthome import BthomeButton  # noqa: PLC0415  # may just have been installed

    many, units = effort.devices, effort.units
    attacked = Site(many)
    return {
        "accept_1": partial(Site(1).accepting, units),
        "accept_100": partial(Site(min(100, many)).accepting, units),
        "accept_1000": partial(Site(many).accepting, units),
        "accept_1000_no_aesni": partial(Site(many, aesni=False).accepting, units),
        "unknown": partial(attacked.unknown, units),
        "duplicate": partial(attacked.duplicates, units),
        "forged": partial(attacked.forged, units),
        "bthome": partial(BthomeButton().receiving, max(units // 3, 1)),
    }


def _lengths() -> tuple[int, int, int]:
    """Return the bytes of an alert, a heartbeat and an ack as they travel."""
    alert = messages.IncidentMessage(kinds.PANIC, 0, 0, 0, 0)
    heartbeat = messages.Heartbeat(0, 0, 0, 0)
    ack = messages.Answer(kinds.STORED, kinds.COVERED)
    lengths = [len(message.to_bytes()) + OVERHEAD for message in (alert, heartbeat, ack)]
    return lengths[0], lengths[1], lengths[2]


def report(measured: Measured) -> str:
    """Return everything for people, bars included."""
    return "\n".join(
        [_gateway(measured.times), _board(measured), _airtimes(), _bars(measured.figures())]
    )


def _gateway(times: Times) -> str:
    labels = {
        "accept_1": "accepted, 1 device",
        "accept_100": "accepted, 100 devices",
        "accept_1000": "accepted, 1,000 devices",
        "accept_1000_no_aesni": "accepted, 1,000 devices, no AES instructions",
        "unknown": "unknown hint",
        "duplicate": f"duplicate (each frame heard {REPEATS} times more)",
        "forged": "forged tag on a live hint",
        "bthome": "bthome-ble, encrypted press",
    }
    rows = [("from advertisement to verdict", "us", "frames/s", "x accepted", "bthome / this")]
    for name, label in labels.items():
        us = times.median_us(name)
        accepted, bthome = times.ratio(name, "accept_1000"), times.ratio("bthome", name)
        figures = f"{us:.2f}", f"{1e6 / us:,.0f}", f"{accepted:.2f}", f"{bthome:.2f}"
        rows.append((label, *figures))
    return columns(f"A gateway, one core, medians of {len(times.us['bthome'])} rounds", rows)


def _board(measured: Measured) -> str:
    rows = [("MicroPython, unix port", "us a frame", "bytes of heap a frame")]
    rows += [(f"{b.bits} bits", f"{b.us:.2f}", f"{b.heap_bytes:g}") for b in measured.boards]
    memory = f"Look-ahead of 1,000 devices, keys included: {measured.lookahead_mb:.1f} MB\n"
    return columns("A button's frame, fastest round", rows) + "\n" + memory


def _airtimes() -> str:
    alert, heartbeat, ack = _lengths()
    lengths = {
        f"Tocsin alert, {alert} bytes": alert,
        f"Tocsin heartbeat, {heartbeat} bytes": heartbeat,
        f"Tocsin ack, {ack} bytes": ack,
        f"LoRaWAN, {LORAWAN_BYTES} bytes (4-byte tag, address in clear)": LORAWAN_BYTES,
        f"Meshtastic, {MESHTASTIC_BYTES[0]} bytes (not authenticated)": MESHTASTIC_BYTES[0],
        f"Meshtastic, {MESHTASTIC_BYTES[1]} bytes (authenticated)": MESHTASTIC_BYTES[1],
    }
    rows = [("ms", *(f"SF{sf}" for sf in SPREADING_FACTORS))]
    for label, length in lengths.items():
        airtimes = (time_on_air_us(length, sf) / 1000 for sf in SPREADING_FACTORS)
        rows.append((label, *(f"{ms:.1f}" for ms in airtimes)))
    return columns("Time on air, 125 kHz, 4/5, explicit header, CRC, preamble 8", rows)


def _bars(figures: Figures) -> str:
    rows = [("bar", "figure", "wanted", "")]
    wanted = {
        "accept_vs_bthome": (">=", LEAST_ACCEPT_VS_BTHOME),
        "unknown_vs_accept": ("<=", MOST_UNKNOWN_VS_ACCEPT),
        "duplicate_vs_accept": ("<=", MOST_DUPLICATE_VS_ACCEPT),
        "forged_vs_accept": ("<=", MOST_FORGED_VS_ACCEPT),
        "mp_heap_bytes_per_frame": ("<=", 0),
        "lookahead_1000_mb": ("<", LOOKAHEAD_BELOW_MB),
        "alert_bytes": ("<=", 15),
        "ack_bytes": ("<=", 15),
        "heartbeat_bytes": ("<=", 15),
    }
    for name, (sign, bar) in wanted.items():
        figure = figures[name]
        met = figure >= bar if sign == ">=" else figure < bar or (sign == "<=" and figure == bar)
        rows.append((name, f"{figure:g}", f"{sign} {bar:g}", "met" if met else "MISSED"))
    return columns("Bars", rows)


def bench(json_path: Path | None) -> int:
    """Measure, print, and write the figures where asked to; return the exit status."""
    try:
        measured = measure(Effort())
    except MicroPythonMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    print(report(measured))
    if json_path is not None:
        write(json_path, measured.figures())
    return 0
