"""Bluetooth LE advertising on a virtual air: intervals, three channels, scan windows, loss, collisions.

An advertising event is a packet on each of channels 37, 38 and 39; events repeat at the interval plus
a random 0 to 10 ms (Core 5.4, vol 6, part B, 4.4.2.2). A scanner listens to one channel at a time and
to the next at each scan interval. A packet is heard where it lies whole within the window, on the
channel, while the receiver does not transmit, above the sensitivity, not drowned, and not lost.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tools.virtual.clock import Clock, Timer

CHANNELS = (37, 38, 39)
ADV_DELAY_US = 10_000
SENSITIVITY_DBM = -95.0
CAPTURE_DB = 8.0
FADING_DB = 3.0
OUT_OF_RANGE_DB = 200.0

_OVERHEAD_BYTES = 16  # preamble 1, access address 4, header 2, address 6, CRC 3
_US_PER_BYTE = 8  # LE 1M
_SCAN_REQUEST_GAP_US = 400  # a scannable advertiser listens before it changes the channel

ADV_IND = 0
ADV_SCAN_IND = 2


@dataclass(frozen=True, slots=True)
class Report:
    """An advertisement as a scanner hands it up."""

    address_type: int
    address: bytes
    adv_type: int
    rssi: int
    data: bytes


@dataclass(slots=True)
class _Packet:
    sender: "BleRadio"
    channel: int
    start_us: int
    end_us: int
    report: Report


@dataclass(frozen=True, slots=True)
class _Jam:
    start_us: int
    end_us: int
    dbm: float


class BleRadio:
    """One radio. `on_report` is called for each advertisement it hears."""

    def __init__(self, air: "BleAir", name: str, on_report: Callable[[Report], None]) -> None:
        """Join `air`."""
        self.name = name
        self.clock = air.clock
        self.on_report = on_report
        self._air = air
        self._advert: Report | None = None
        self._interval_us = 0
        self._event: Timer | None = None
        self._scan_since_us = 0
        self._scan_interval_us = 0
        self._scan_window_us = 0
        self.busy_us = (0, 0)  # of the last own advertising event: nothing is heard meanwhile
        self.on_advertising: Callable[[bytes], None] = lambda _data: None
        self.on_air: Callable[[int], None] = lambda _us: None  # so long it has transmitted

    def advertise(self, interval_us: int, advert: Report) -> None:
        """Advertise from now on; a running advertisement is replaced."""
        self.stop_advertising()
        self._advert = advert
        self._interval_us = interval_us
        self._event = self._air.plan_event(0, self._advertising_event)

    def stop_advertising(self) -> None:
        """Leave the air."""
        self._advert = None
        if self._event is not None:
            self._event.cancel()
            self._event = None

    def scan(self, interval_us: int, window_us: int) -> None:
        """Listen for `window_us` of every `interval_us` from now on."""
        self._scan_since_us = self._air.clock.now_us
        self._scan_interval_us = interval_us
        self._scan_window_us = window_us

    def stop_scanning(self) -> None:
        """Stop listening."""
        self._scan_interval_us = 0

    def listens(self, channel: int, start_us: int, end_us: int) -> bool:
        """Say whether this radio hears `channel` for all of that time."""
        if not self._scan_interval_us or start_us < self._scan_since_us:
            return False
        turn, into_us = divmod(start_us - self._scan_since_us, self._scan_interval_us)
        if into_us + end_us - start_us > self._scan_window_us:
            return False
        own_start_us, own_end_us = self.busy_us
        return CHANNELS[turn % 3] == channel and (end_us <= own_start_us or start_us >= own_end_us)

    def _advertising_event(self) -> None:
        if self._advert is None:
            return
        self.busy_us = self._air.send(self, self._advert)
        self.on_advertising(self._advert.data)
        self._event = self._air.plan_event(self._interval_us, self._advertising_event)


class BleAir:
    """Who hears whom."""

    def __init__(self, clock: Clock, rng: random.Random, loss: float) -> None:
        """Lose each packet at each receiver with probability `loss`, beside all else."""
        self.clock = clock
        self.loss = loss
        self.path_loss_db: dict[frozenset[str], float] = {}
        self.default_path_loss_db = 65.0
        self._rng = rng
        self._radios: list[BleRadio] = []
        self._packets: list[_Packet] = []
        self._jams: list[_Jam] = []

    def radio(self, name: str, on_report: Callable[[Report], None]) -> BleRadio:
        """Return a new radio on this air."""
        radio = BleRadio(self, name, on_report)
        self._radios.append(radio)
        return radio

    def set_path_loss(self, a: str, b: str, db: float) -> None:
        """Put `db` between two radios, both ways."""
        self.path_loss_db[frozenset((a, b))] = db

    def jam(self, start_us: int, end_us: int, dbm: float) -> None:
        """Put noise of `dbm` at every receiver, on all channels."""
        self._jams.append(_Jam(start_us, end_us, dbm))

    def plan_event(self, interval_us: int, action: Callable[[], None]) -> Timer:
        """Plan an advertising event after the interval and its random delay."""
        return self.clock.after(interval_us + self._rng.randrange(ADV_DELAY_US + 1), action)

    def send(self, sender: BleRadio, advert: Report) -> tuple[int, int]:
        """Send one advertising event; return when it begins and ends."""
        length_us = (_OVERHEAD_BYTES + len(advert.data)) * _US_PER_BYTE
        begin_us = self.clock.now_us
        start_us = begin_us
        for channel in CHANNELS:
            packet = _Packet(sender, channel, start_us, start_us + length_us, advert)
            self._packets.append(packet)
            self.clock.at(packet.end_us, partial(self._deliver, packet))
            start_us = packet.end_us + _SCAN_REQUEST_GAP_US
        sender.on_air(len(CHANNELS) * length_us)
        return begin_us, start_us

    def _deliver(self, packet: _Packet) -> None:
        horizon_us = self.clock.now_us - 50_000
        self._packets = [other for other in self._packets if other.end_us >= horizon_us]
        for radio in self._radios:
            if radio is packet.sender:
                continue
            if not radio.listens(packet.channel, packet.start_us, packet.end_us):
                continue
            rssi = self._rssi_dbm(packet.sender, radio) + self._rng.gauss(0.0, FADING_DB)
            lost = self._rng.random() < self.loss
            if rssi < SENSITIVITY_DBM or lost or self._drowned(packet, radio, rssi):
                continue
            heard = packet.report
            radio.on_report(
                Report(heard.address_type, heard.address, heard.adv_type, round(rssi), heard.data)
            )

    def _rssi_dbm(self, sender: BleRadio, receiver: BleRadio) -> float:
        pair = frozenset((sender.name, receiver.name))
        return -self.path_loss_db.get(pair, self.default_path_loss_db)

    def _drowned(self, packet: _Packet, receiver: BleRadio, rssi: float) -> bool:
        jammed = any(
            jam.start_us < packet.end_us
            and packet.start_us < jam.end_us
            and jam.dbm > rssi - CAPTURE_DB
            for jam in self._jams
        )
        return jammed or any(
            other is not packet
            and other.channel == packet.channel
            and other.sender is not receiver
            and other.start_us < packet.end_us
            and packet.start_us < other.end_us
            and self._rssi_dbm(other.sender, receiver) > max(rssi - CAPTURE_DB, SENSITIVITY_DBM)
            for other in self._packets
        )
