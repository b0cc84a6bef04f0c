"""How long a gateway does not know that it is deaf: real head firmware on a virtual air, judged as it runs.

    scan_dies    the scan of the head ends without a word, and every new one, too
    head_hangs   the head falls silent on a line that stands, as a hung board does
    lora_jammed  a transmitter drowns the LoRa channel: not deafness, but told within 30 s of 60

The reports go through the gateway's own `HeadReport` into its own `Wellbeing`, looked at every 5 s, all in
the time of the virtual air. What the gateway's serial port does in real time, the head's pings, is added
at its worst where the line is what tells: `PING_EVERY_S` + `PONG_WITHIN_S`.
"""

from dataclasses import dataclass
from pathlib import Path

from firmware.boards import esp32s3_lora
from firmware.core import settings
from gateway.events import Fault, Restore
from gateway.radio.head_report import HeadReport
from gateway.radio.radio_config import LoraConfig
from gateway.radio.radio_head import PING_EVERY_S, PONG_WITHIN_S
from gateway.watching.watch import LOOK_EVERY_S
from gateway.watching.wellbeing import HeadSample, Limits, MachineSample, Sample, Wellbeing
from protocol import link_messages
from protocol.serial_link import SerialLink
from tools.flashed import flashed
from tools.virtual.ble_air import ADV_SCAN_IND, BleRadio, Report
from tools.virtual.chips import S3
from tools.virtual.world import World

ROOT = Path(__file__).parents[2]
_FOREIGN = b"\x02\x01\x06\x03\x03\xaa\xfe"
_STRANGERS = 4
_LEARN_S = 660.0
_GIVE_UP_S = 300.0
_JAM_DBM = -30.0
_PINS = esp32s3_lora.RADIO_HEAD


@dataclass(frozen=True, slots=True)
class Noticed:
    """Seconds from the cause to each fault, and from its end to each restore, by code.

    `told` is all that the gateway posted meanwhile, in order.
    """

    faults: dict[str, float]
    restores: dict[str, float]
    told: tuple[Fault | Restore, ...] = ()


class Listener:
    """One head of BLE and, with `lora`, LoRa, among strangers; and the gateway's judgement of it."""

    def __init__(self, log_dir: Path, *, lora: bool) -> None:
        """Give the head power and let the gateway learn what the air is like."""
        self.world = World(log_dir, seed=1, loss=0.2)
        self.head = self.world.device("head", S3, firmware=flashed("radio_head"))
        board = "esp32s3_lora" if lora else "esp32s3_devkit"
        stored: dict[str, int | str] = {"role": "radio_head", "board": board}
        self.head.nvs.set("tocsin", "settings", "blob", settings.pack(stored))
        if lora and _PINS.lora is not None:
            self.head.fit_lora(_PINS.lora)
        self.head.on_uart = self._said
        self._link = SerialLink()
        self._told = HeadReport("radio.head", LoraConfig())
        self._wellbeing = Wellbeing(Limits())
        self.up = True
        self._strangers = [self._stranger(number) for number in range(_STRANGERS)]
        self.head.power_on()
        self.run(_LEARN_S)

    def run(self, seconds: float) -> list[Fault | Restore]:
        """Go on; return what the gateway told, dated in seconds of the virtual air."""
        found: list[Fault | Restore] = []
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.world.run_for(LOOK_EVERY_S)
            found += self._wellbeing.judge(self._sample())
        return found

    @property
    def now_s(self) -> float:
        """Return the time of the virtual air."""
        return self.world.clock.now_us / 1e6

    def _sample(self) -> Sample:
        now_s = self.now_s
        heads = [HeadSample("head", self.up, self._told.reports())]
        return Sample(now_s, now_s, heads, (), MachineSample(), clock_believed=True)

    def _said(self, data: bytes) -> None:
        self._link.feed(data)
        while (message := self._link.take()) is not None:
            if isinstance(message, link_messages.Stats):
                self._told.take_stats(message)

    def _stranger(self, number: int) -> BleRadio:
        radio = self.world.ble.radio(f"stranger {number}", lambda _report: None)
        address = bytes([0xC0, 0, 0, 0, 0, number])
        radio.advertise(500_000, Report(0, address, ADV_SCAN_IND, 0, _FOREIGN))
        return radio


def scan_dies(log_dir: Path) -> Noticed:
    """Let the scan end, and no other begin, until the gateway is deaf; then let the head scan again."""
    listener = Listener(log_dir, lora=False)
    radio = listener.head.radio
    scans = radio.scan
    radio.stop_scanning()
    radio.scan = _ignored  # type: ignore[method-assign]
    faults = _since(listener.now_s, listener.run(120.0), Fault)
    radio.scan = scans  # type: ignore[method-assign]
    restores = _since(listener.now_s, listener.run(_GIVE_UP_S), Restore)
    listener.world.close()
    return Noticed(faults, restores)


def head_hangs(log_dir: Path) -> Noticed:
    """Let the head say nothing more; the line is found dead by its pings, at the latest after 17 s."""
    listener = Listener(log_dir, lora=False)
    begun_s = listener.now_s
    listener.head.power_cut()
    told = listener.run(PING_EVERY_S + PONG_WITHIN_S)
    listener.up = False
    faults = _since(begun_s, told + listener.run(60.0), Fault)
    listener.up = True
    listener.head.power_on()
    restores = _since(listener.now_s, listener.run(_GIVE_UP_S), Restore)
    listener.world.close()
    return Noticed(faults, restores)


def lora_jammed(log_dir: Path) -> Noticed:
    """Drown the LoRa channel for a minute."""
    listener = Listener(log_dir, lora=True)
    begun_us = listener.world.clock.now_us
    listener.world.lora.jam(begun_us, begun_us + 60_000_000, _JAM_DBM)
    jammed = listener.run(60.0)
    free_s = listener.now_s
    free = listener.run(_GIVE_UP_S)
    listener.world.close()
    faults, restores = _since(begun_us / 1e6, jammed, Fault), _since(free_s, free, Restore)
    return Noticed(faults, restores, (*jammed, *free))


def deaf_s(log_dir: Path) -> float:
    """Return how long the slowest of the causes of deafness went unnoticed."""
    causes = {"scan_dies": scan_dies, "head_hangs": head_hangs}
    found = []
    for name, cause in causes.items():
        folder = log_dir / name
        folder.mkdir()
        found.append(cause(folder).faults["deaf"])
    return max(found)


def _ignored(interval_us: int, window_us: int) -> None:
    del interval_us, window_us


def _since(
    begun_s: float, told: list[Fault | Restore], kind: type[Fault | Restore]
) -> dict[str, float]:
    return {event.code: event.at - begun_s for event in told if isinstance(event, kind)}
