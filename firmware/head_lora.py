"""The LoRa half of a radio head: what the gateway asks of it, as the channel and the law allow."""

from firmware.core.chosen import Settings
from firmware.core.lora_queue import Entry, LoraQueue, answered_by, stagger_ms
from firmware.core.sealed import seal, unseal
from firmware.core.ticks import diff
from firmware.hal import clock, power, storage
from firmware.hal.wait import WakeFlag
from firmware.lora import Lora
from protocol import link_messages as link
from protocol.airtime import time_on_air_us
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import LoraPins

_NONE = const(-1)
_COUNT_MASK = const(0x1FFF_FFFF)
_SURVEY_MS = const(500)  # ten samples to each stats
_AGAIN_MS = const(10)
_LEDGER = "ledger"
_LEDGER_MAX = 160
_TO_FLASH_US = const(10_000_000)  # flash misses less than 10 s of air at the loss of power


class HeadLora:
    """Listens always, and sends what it was given, one after the other. `ended` collects (id, status)."""

    def __init__(self, pins: "LoraPins", settings: Settings, flag: WakeFlag) -> None:
        """Start the chip on the channel of the board's own settings."""
        self._lora = Lora(pins, settings, flag, _kept_ledger(), clock.seconds())
        self._lora.listen(True)
        self._lora.survey(_SURVEY_MS)
        self._queue = LoraQueue()
        self._sending: "Entry | None" = None
        self._max_dbm = pins.max_dbm
        self._hz = settings.lora_hz
        self._sf = settings.lora_sf
        self._dbm = settings.lora_dbm
        self._foreign = self._dropped = 0  # told before
        self._not_in_flash_us = 0
        self.ended = self._queue.ended

    @property
    def ok(self) -> bool:
        """Say whether the chip answers and does what it is told."""
        return self._lora.ok

    @property
    def rssi(self) -> int:
        """Return the dBm of the frame taken last."""
        return self._lora.rssi

    @property
    def snr(self) -> int:
        """Return the dB of the frame taken last."""
        return self._lora.snr

    def put(self, message: link.Transmit, now_ms: int) -> None:
        """Send a frame in its turn; what its slot had is replaced."""
        self._end_sending(_same_slot(self._sending, message.slot), link.REPLACED)
        on_air_us = time_on_air_us(len(message.frame), self._sf)
        delay_ms = stagger_ms(on_air_us, power.random_below_1024())
        self._queue.put(
            message.id, message.slot, message.frame, message.flags, message.ms, delay_ms, now_ms
        )

    def set(self, key: int, value: int) -> bool:
        """Change the channel where law and board allow it; say whether `key` is a setting at all."""
        hz, sf, dbm = self._hz, self._sf, self._dbm
        if key == link.FREQUENCY_HZ:
            hz = value
        elif key == link.SPREADING_FACTOR:
            sf = value
        elif key == link.POWER_DBM:
            dbm = value
        else:
            return False
        if dbm <= self._max_dbm and self._lora.set_channel(hz, sf, dbm):
            self._hz, self._sf, self._dbm = hz, sf, dbm
        return True

    def channel(self) -> link.Channel:
        """Return what is used now."""
        return link.Channel(self._hz, self._sf, self._dbm)

    def poll(self, now_ms: int) -> None:
        """Do what is due."""
        self._lora.poll(now_ms, clock.seconds())
        self._take_result()
        sending = self._sending
        if sending is not None and sending.limited and diff(sending.ends_ms, now_ms) <= 0:
            self._end_sending(True, link.LATE)
        if self._sending is None:
            self._send(self._queue.next(now_ms), now_ms)
        elif not self._sending.flags & link.URGENT:
            self._let_pass(now_ms)

    def take(self, frame: bytearray) -> int:
        """Copy the oldest frame heard into `frame`; return its length, 0 where none waits."""
        length = self._lora.take(frame)
        if length:
            heard = bytes(frame[:length])
            sending = self._sending
            self._end_sending(sending is not None and answered_by(sending, heard), link.ANSWERED)
            self._queue.heard(heard)
        return length

    def stats(self, now_ms: int) -> link.Stats:
        """Return what was heard since the last time."""
        lora = self._lora
        foreign = lora.foreign - self._foreign & _COUNT_MASK
        dropped = lora.dropped - self._dropped & _COUNT_MASK
        self._foreign = lora.foreign
        self._dropped = lora.dropped
        busy = lora.busy_percent(now_ms)
        return link.Stats(link.LORA, lora.noise_dbm(), busy, foreign, dropped)

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms to `poll` again."""
        soonest = self._lora.wait_ms(now_ms)
        if self._sending is None:
            turn_ms = self._queue.wait_ms(now_ms, 0)
        else:  # only what may overtake it matters, once it is not on air
            turn_ms = self._queue.wait_ms(now_ms, link.URGENT)
            turn_ms = max(turn_ms, _AGAIN_MS) if turn_ms >= 0 else turn_ms
        if turn_ms < 0:
            return soonest
        return turn_ms if soonest < 0 else min(soonest, turn_ms)

    def _send(self, entry: "Entry | None", now_ms: int) -> None:
        self._sending = entry
        if entry is not None:
            urgent = entry.flags & link.URGENT != 0
            self._lora.send(entry.frame, len(entry.frame), urgent, now_ms)
            self._lora.poll(now_ms, clock.seconds())

    def _let_pass(self, now_ms: int) -> None:
        """Let an answer to an alert overtake what only waits for its turn."""
        if self._queue.wait_ms(now_ms, link.URGENT) == 0 and self._lora.withdraw():
            waiting = self._sending
            self._send(self._queue.next(now_ms), now_ms)
            if waiting is not None:
                self._queue.put_back(waiting)

    def _end_sending(self, wanted: bool, status: int) -> None:
        """End what waits for its turn at the chip; what is on air goes on."""
        if wanted and self._sending is not None and self._lora.withdraw():
            self.ended.append((self._sending.id, status))
            self._sending = None

    def _take_result(self) -> None:
        result = self._lora.take_result()
        if result == _NONE or self._sending is None:
            return
        self.ended.append((self._sending.id, result))
        if result == link.SENT:
            self._keep_ledger(time_on_air_us(len(self._sending.frame), self._sf))
        self._sending = None

    def _keep_ledger(self, used_us: int) -> None:
        record = seal(self._lora.ledger_record(clock.seconds()))
        power.keep(record, power.LEDGER)
        self._not_in_flash_us += used_us
        if self._not_in_flash_us >= _TO_FLASH_US:
            self._not_in_flash_us = 0
            storage.write(_LEDGER, record)


def _same_slot(entry: "Entry | None", slot: int) -> bool:
    return entry is not None and entry.slot == slot


def _kept_ledger() -> bytes:
    """Return the record of RTC memory, else that of flash, else nothing."""
    record = unseal(power.kept(power.LEDGER))
    if record is None:
        record = unseal(storage.read(_LEDGER, _LEDGER_MAX))
    return b"" if record is None else record
