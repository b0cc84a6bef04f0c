"""A LoRa radio for the three programs: the chip's driver and the rules of the channel, joined.

`send`, `listen` and `set_channel` say what is wanted; `poll` does it and takes what the chip tells.
Nothing waits for the air. A chip that falls silent is reset, calibrated and configured anew.

    DOWN       does not answer, or is parked; tried again now and then
    ASLEEP     sleeps, configured
    STANDBY    between two of the others
    RECEIVING  listens: always, or in the window after an uplink
    LOOKING    detects activity
    SENDING    has a frame on air
"""

import os

from firmware.core import channel, turn
from firmware.core.ticks import add, diff
from firmware.core.turn import Turn
from firmware.hal import sx126x
from firmware.hal.sx126x import Sx126x
from firmware.hal.sx126x_bus import ChipSilent
from firmware.hal.wait import WakeFlag
from firmware.lora_receiver import LoraReceiver, sooner
from protocol import band
from protocol.airtime import symbol_us, time_on_air_us
from protocol.constants import FRAME_MIN
from protocol.duty import Ledger
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import LoraPins
    from firmware.core.chosen import Settings

_DOWN = const(0)
_ASLEEP = const(1)
_STANDBY = const(2)
_RECEIVING = const(3)
_LOOKING = const(4)
_SENDING = const(5)

_FLAGS_AT_ONCE = const(4)
_RETRY_MS = const(5_000)
_LATE_MS = const(100)  # an operation so much longer than it lasts has been lost
_CAD_SYMBOLS = const(8)  # it looks at four, and computes


class Lora(LoraReceiver):
    """One radio. The ledger of its time on air goes on from `ledger_record`."""

    def __init__(
        self,
        pins: "LoraPins",
        settings: "Settings",
        flag: WakeFlag,
        ledger_record: bytes,
        now_s: int,
    ) -> None:
        """Start the chip; whatever it tells sets `flag`."""
        super().__init__(Sx126x(pins, flag))
        self.ok = False  # the chip answers, and what it began last on air it ended
        self.result = channel.NONE  # how the last send ended
        self._ledger = Ledger(ledger_record, now_s)
        self._turn = Turn()
        self._mode = _DOWN
        self._unsent = False  # the chip has lost a frame, twice
        self._now_s = now_s
        self._deadline_ms = self._retry_ms = 0
        self._hz, self._sf, self._dbm = band.DEFAULT_HZ, band.DEFAULT_SF, band.DEFAULT_DBM
        self._changed = False
        self.set_channel(settings.lora_hz, settings.lora_sf, settings.lora_dbm)
        self._restart(0)

    # What a program wants

    def set_channel(self, hz: int, sf: int, dbm: int) -> bool:
        """Change the channel once nothing is on air; refuse what the band does not allow."""
        if not band.allowed(hz, sf, dbm):
            return False
        if (hz, sf, dbm) != (self._hz, self._sf, self._dbm):
            self._hz, self._sf, self._dbm = hz, sf, dbm
            self._changed = True
        return True

    def send(
        self, frame: "bytearray | bytes | memoryview", length: int, urgent: bool, now_ms: int
    ) -> None:
        """Send a copy of `frame` in its turn; it takes the place of one that waits."""
        if self._turn.waiting:
            self.result = channel.REPLACED
        self._turn.put(frame, length, urgent, time_on_air_us(length, self._sf), now_ms)

    def withdraw(self) -> bool:
        """Forget a frame that waits for its turn; say whether there was one."""
        waited = self._turn.waiting
        self._turn.end()
        return waited

    def sleep(self) -> None:
        """Park the chip before the board sleeps deeply."""
        self._turn.end()
        if self._mode != _DOWN:
            self._mode = _DOWN
            try:
                self._chip.park()
            except ChipSilent:
                self.ok = False

    # What it knows

    def busy(self) -> bool:
        """Say whether a frame waits for its turn or is on air."""
        return self._turn.waiting or self._mode == _SENDING

    def quiet(self, now_ms: int) -> bool:
        """Say whether neither a send is under way nor an answer may still come."""
        return not self.busy() and not self._window.is_open(self._reception, now_ms)

    def take_result(self) -> int:
        """Return how the last send ended, once; `channel.NONE` where none has."""
        result = self.result
        self.result = channel.NONE
        return result

    def time_on_air_us(self, length: int) -> int:
        """Return how long a frame of `length` bytes is on air."""
        return time_on_air_us(length, self._sf)

    def ledger_record(self, now_s: int) -> bytes:
        """Return the ledger of time on air, to be kept over a reset."""
        return self._ledger.record(now_s)

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `poll` has something to do, `channel.FOREVER` where nothing is planned."""
        if self._mode == _DOWN:
            return 0 if self._turn.waiting else max(0, diff(self._retry_ms, now_ms))
        if self._chip.raised():
            return 0
        if self._mode >= _LOOKING:
            return max(0, diff(self._deadline_ms, now_ms))
        if self._changed or self.wants_to_hear(now_ms) != (self._mode == _RECEIVING):
            return 0
        soonest = self._turn.wait_ms(now_ms) if self._turn.waiting else channel.FOREVER
        if self._mode == _RECEIVING:
            soonest = sooner(soonest, self._hearing_wait_ms(now_ms))
        return soonest

    # What it does

    def poll(self, now_ms: int, now_s: int) -> None:
        """Do what is due."""
        self._now_s = now_s
        try:
            self._move(now_ms)
        except ChipSilent:
            self._lost(now_ms)

    def _move(self, now_ms: int) -> None:
        if self._mode == _DOWN:
            tries = self._turn.waiting or diff(now_ms, self._retry_ms) >= 0
            if not tries or not self._restart(now_ms):
                return
        self._obey_flags(now_ms)
        if self._mode >= _LOOKING:
            if diff(now_ms, self._deadline_ms) >= 0:
                raise ChipSilent
            return
        if self._changed:
            self._tune()
        if self._turn.waiting:
            self._take_turn(now_ms)
        if self._mode < _LOOKING:
            self._settle(now_ms)

    def _restart(self, now_ms: int) -> bool:
        try:
            self._chip.start()
            self._tune()
        except ChipSilent:
            self.ok = False
            self._retry_ms = add(now_ms, _RETRY_MS)
            if self._turn.waiting:
                self._end(channel.REFUSED)
            return False
        self.ok = not self._unsent
        return True

    def _tune(self) -> None:
        self._chip.standby()
        self._mode = _STANDBY
        self._chip.set_channel(self._hz, self._sf, self._dbm)
        self._set_pace(self._sf)
        self._changed = False

    def _lost(self, now_ms: int) -> None:
        """Begin anew with a chip that fell silent; what it had on air is sent once more."""
        was_sending = self._mode == _SENDING
        self._mode = _DOWN
        self._reception.end()
        self._window.close()
        if was_sending and self._turn.waiting:
            self.result = channel.REPLACED  # by the one that waits
        elif (was_sending or self._turn.waiting) and self._turn.repeated:
            self._unsent = True
            self._end(channel.REFUSED)
        elif was_sending or self._turn.waiting:
            self._turn.repeat(now_ms)
        self._restart(now_ms)

    def _obey_flags(self, now_ms: int) -> None:
        for _ in range(_FLAGS_AT_ONCE):
            if not self._chip.raised():
                return
            flags = self._chip.flags()
            if self._mode == _SENDING and flags & sx126x.TX_DONE:
                self._sent(now_ms)
            elif self._mode == _LOOKING and flags & sx126x.CAD_DONE:
                self._mode = _STANDBY
                if self._turn.waiting:
                    self._looked(flags & sx126x.CAD_DETECTED != 0, now_ms)
            elif self._mode == _RECEIVING and self._hear(flags, now_ms):
                self._turn.heard(now_ms)

    def _take_turn(self, now_ms: int) -> None:
        step = self._turn.due(now_ms)
        if step == turn.TRANSMIT:
            self._transmit(now_ms)
        elif step == turn.LOOK:
            if not self._may_send():
                self._end(channel.DUTY_CYCLE)
            elif self._mode == _RECEIVING and self._reception.under_way(now_ms):
                self._looked(True, now_ms)  # to detect activity would end what comes in
            else:
                self._look(now_ms)

    def _look(self, now_ms: int) -> None:
        self._reception.end()
        self._chip.look()
        self._mode = _LOOKING
        self._deadline_ms = add(now_ms, _CAD_SYMBOLS * symbol_us(self._sf) // 1000 + _LATE_MS)

    def _looked(self, found: bool, now_ms: int) -> None:
        step = self._turn.looked(found, _random_below_1024() if found else 0, now_ms)
        if step == turn.TRANSMIT:
            self._transmit(now_ms)
        elif step == turn.GIVE_UP:
            self._end(channel.BUSY)

    def _may_send(self) -> bool:
        toa_us = time_on_air_us(self._turn.length, self._sf)
        return self._ledger.may_send(toa_us, self._turn.urgent, self._now_s)

    def _transmit(self, now_ms: int) -> None:
        if (
            not self._may_send()
        ):  # it took the place of another while that one's activity was detected
            self._end(channel.DUTY_CYCLE)
            return
        toa_us = time_on_air_us(self._turn.length, self._sf)
        self._reception.end()
        self._window.close()
        self._ledger.note(toa_us, self._now_s)
        self._chip.transmit(self._turn.frame, self._turn.length)
        self._turn.end()
        self._mode = _SENDING
        self._deadline_ms = add(now_ms, toa_us // 1000 + _LATE_MS)

    def _sent(self, now_ms: int) -> None:
        self._mode = _STANDBY
        self.result = channel.SENT
        self._unsent = False
        self.ok = True
        if not self._listens:
            self._window.open(time_on_air_us(FRAME_MIN, self._sf), now_ms)

    def _end(self, result: int) -> None:
        self._turn.end()
        self.result = result

    def _settle(self, now_ms: int) -> None:
        if not self.wants_to_hear(now_ms):
            if self._mode != _ASLEEP:
                self._chip.sleep()
                self._mode = _ASLEEP
        elif self._mode != _RECEIVING:
            self._begin_to_hear(now_ms)
            self._mode = _RECEIVING
        else:
            self._watch(now_ms)


def _random_below_1024() -> int:
    two = os.urandom(2)
    return (two[0] << 8 | two[1]) & 1023
