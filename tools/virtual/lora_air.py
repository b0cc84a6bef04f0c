"""LoRa on a virtual air: range, noise, jamming, collisions with capture, and activity detection.

    | preamble 8      | sync 4.25 | header 8 | payload ...        |   symbols
            ^ lock    ^ lock                 ^ header             ^ packet

A receiver locks where it has listened to five symbols of a preamble that it understands, no later than
its end, and follows that packet alone until it ends or turns out to be foreign or broken. Whatever is
on air at the same time is weighed by `lora_signal.understood` from the last five symbols of the
preamble on: an interferer that ends before them does no harm.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tools.virtual.clock import Clock
from tools.virtual.lora_radio import LoraRadio, Packet, Reception
from tools.virtual.lora_signal import (
    LOCK_SYMBOLS,
    MAX_SNR_DB,
    decibels,
    milliwatts,
    noise_mw,
    understood,
)

FADING_DB = 3.0
RSSI_ERROR_DB = 1.0
OUT_OF_RANGE_DB = 250.0
# Chance that activity detection notices a symbol it sees whole, and that it sees what is not there.
# Assumed: AN1200.48 chooses the settings for few misses of both preamble and data, without figures.
CAD_PREAMBLE = 0.9
CAD_DATA = 0.7
CAD_FALSE_ALARM = 0.002

_KEPT_US = 15_000_000  # longer than the longest packet


@dataclass(frozen=True, slots=True)
class _Jam:
    start_us: int
    end_us: int
    mw: float
    hz: int | None


class LoraAir:
    """Who hears whom."""

    def __init__(self, clock: Clock, rng: random.Random, loss: float) -> None:
        """Lose each packet at each receiver with probability `loss`, beside all else."""
        self.clock = clock
        self.loss = loss
        self.path_loss_db: dict[frozenset[str], float] = {}
        self.default_path_loss_db = 100.0
        self.on_air: Callable[[Packet], None] = lambda _packet: None
        self._rng = rng
        self._radios: list[LoraRadio] = []
        self._packets: list[Packet] = []
        self._jams: list[_Jam] = []

    def radio(self, name: str) -> LoraRadio:
        """Return a new radio on this air."""
        radio = LoraRadio(self, name)
        self._radios.append(radio)
        return radio

    def set_path_loss(self, a: str, b: str, db: float) -> None:
        """Put `db` between two radios, both ways."""
        self.path_loss_db[frozenset((a, b))] = db

    def jam(self, start_us: int, end_us: int, dbm: float, hz: int | None = None) -> None:
        """Put noise of `dbm` at every receiver, on all channels or the one around `hz`."""
        self._jams.append(_Jam(start_us, end_us, milliwatts(dbm), hz))

    def send(self, sender: LoraRadio, payload: bytes, dbm: float) -> Packet:
        """Put a packet on air."""
        how = sender.modulation
        start_us, symbol_us = self.clock.now_us, how.symbol_us
        preamble_end_us = start_us + how.preamble * symbol_us
        sync_end_us = preamble_end_us + symbol_us * 17 // 4
        header_end_us = sync_end_us + 8 * symbol_us
        end_us = start_us + how.time_on_air_us(len(payload))
        packet = Packet(sender, how, payload, dbm, start_us, preamble_end_us, header_end_us, end_us)
        self._packets = [old for old in self._packets if old.end_us > start_us - _KEPT_US]
        self._packets.append(packet)
        if how.preamble > LOCK_SYMBOLS:
            self.clock.at(start_us + LOCK_SYMBOLS * symbol_us, partial(self._lock, packet))
        self.clock.at(preamble_end_us, partial(self._lock, packet))
        self.clock.at(sync_end_us, partial(self._sync, packet))
        self.clock.at(header_end_us, partial(self._header, packet))
        self.clock.at(end_us, partial(self._end, packet))
        self.on_air(packet)
        return packet

    def power_dbm(self, radio: LoraRadio) -> float:
        """Return what `radio` measures in its channel now."""
        now_us = self.clock.now_us
        total = self._noise_mw(radio, now_us, now_us + 1)
        total += sum(mw for _, mw in self._others(radio, None, now_us, now_us + 1))
        return decibels(total) + self._rng.gauss(0.0, RSSI_ERROR_DB)

    def activity(self, radio: LoraRadio, start_us: int) -> bool:
        """Say what activity detection from `start_us` until now has found."""
        missed = 1.0 - CAD_FALSE_ALARM
        for packet in self._packets:
            if packet.sender is not radio and radio.modulation.demodulates(packet.modulation):
                missed *= self._missed(packet, radio, start_us)
        return self._rng.random() >= missed

    def _missed(self, packet: Packet, radio: LoraRadio, start_us: int) -> float:
        """Return the chance that detection since `start_us` does not notice `packet`."""
        now_us, symbol_us = self.clock.now_us, packet.modulation.symbol_us
        rssi = packet.dbm - self._loss_db(packet.sender, radio)
        noise = self._noise_mw(radio, start_us, now_us)
        if not understood(rssi, packet.modulation.sf, (), noise):
            return 1.0
        begin_us, end_us = max(start_us, packet.start_us), min(now_us, packet.end_us)
        preamble = max(0, min(end_us, packet.preamble_end_us) - begin_us) / symbol_us
        data = max(0, end_us - max(begin_us, packet.preamble_end_us)) / symbol_us
        return float((1.0 - CAD_PREAMBLE) ** preamble * (1.0 - CAD_DATA) ** data)

    def _lock(self, packet: Packet) -> None:
        now_us = self.clock.now_us
        needed_us = LOCK_SYMBOLS * packet.modulation.symbol_us
        for radio in self._radios:
            if radio.since_us is None or radio.locked is not None or packet.cut:
                continue
            if max(radio.since_us, packet.start_us) + needed_us > now_us:
                continue
            if not radio.modulation.demodulates(packet.modulation):
                continue
            if self._heard(packet, radio, now_us - needed_us, now_us):
                radio.locked = packet
                radio.on_preamble()

    def _sync(self, packet: Packet) -> None:
        for radio in self._following(packet):
            if radio.modulation.sync_word != packet.modulation.sync_word:
                radio.search()

    def _header(self, packet: Packet) -> None:
        for radio in self._following(packet):
            valid = not packet.cut and self._heard(
                packet, radio, packet.critical_us, packet.header_end_us
            )
            if valid:
                radio.on_header()
            else:
                radio.search()
                radio.on_bad_header()

    def _end(self, packet: Packet) -> None:
        for radio in self._following(packet):
            whole = self._heard(packet, radio, packet.header_end_us, self.clock.now_us)
            rssi = packet.rssi[radio.name]
            noise = self._noise_mw(radio, packet.start_us, self.clock.now_us)
            snr = min(rssi - decibels(noise), MAX_SNR_DB)
            same_rate = radio.modulation.ldro == packet.modulation.ldro
            radio.search()
            radio.on_packet(
                Reception(packet.payload, whole and same_rate and not packet.cut, rssi, snr)
            )

    def _following(self, packet: Packet) -> Iterator[LoraRadio]:
        return (radio for radio in list(self._radios) if radio.locked is packet)

    def _heard(self, packet: Packet, radio: LoraRadio, start_us: int, end_us: int) -> bool:
        """Say whether `radio` understands that part of `packet`."""
        rssi = packet.rssi.get(radio.name)
        if rssi is None:
            rssi = packet.dbm - self._loss_db(packet.sender, radio)
            rssi += self._rng.gauss(0.0, FADING_DB)
            if self._rng.random() < self.loss:
                rssi -= OUT_OF_RANGE_DB
            packet.rssi[radio.name] = rssi
        others = self._others(radio, packet, start_us, end_us)
        noise = self._noise_mw(radio, start_us, end_us)
        return understood(rssi, packet.modulation.sf, others, noise)

    def _others(
        self, radio: LoraRadio, packet: Packet | None, start_us: int, end_us: int
    ) -> Iterator[tuple[int, float]]:
        """Yield spreading factor and mW at `radio` of what else is on air."""
        for other in self._packets:
            if other is packet or other.sender is radio:
                continue
            if other.start_us >= end_us or other.end_us <= start_us:
                continue
            if other.modulation.overlaps(radio.modulation):
                power = other.dbm - self._loss_db(other.sender, radio)
                yield other.modulation.sf, milliwatts(power)

    def _noise_mw(self, radio: LoraRadio, start_us: int, end_us: int) -> float:
        total = noise_mw(radio.modulation.bandwidth_khz)
        half_hz = radio.modulation.bandwidth_khz * 500
        for jam in self._jams:
            near = jam.hz is None or abs(jam.hz - radio.modulation.hz) < half_hz
            if near and jam.start_us < end_us and start_us < jam.end_us:
                total += jam.mw
        return total

    def _loss_db(self, a: LoraRadio, b: LoraRadio) -> float:
        return self.path_loss_db.get(frozenset((a.name, b.name)), self.default_path_loss_db)
