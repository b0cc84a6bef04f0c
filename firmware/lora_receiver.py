"""What a LoRa radio hears: when it listens, what it makes of the chip's flags, noise and occupancy."""

from firmware.core import channel
from firmware.core.channel import Reception, Survey, Window
from firmware.core.frame_ring import FrameRing
from firmware.core.ticks import add, diff
from firmware.hal import sx126x
from firmware.hal.sx126x import Sx126x
from firmware.hal.sx126x_bus import ChipSilent
from protocol.airtime import symbol_us, time_on_air_us
from protocol.constants import FRAME_MAX, FRAME_MIN
from protocol.portable import const

_HEARD_MOST = const(8)
_CHECK_MS = const(60_000)


class LoraReceiver:
    """The half of a radio that listens: always, or in the window after an uplink."""

    def __init__(self, chip: Sx126x) -> None:
        """Listen with `chip`."""
        self.foreign = 0  # payloads that are no frame, or damaged
        self.dropped = 0  # frames that came while none of those before had been taken
        self.rssi = 0  # dBm of the frame taken last
        self.snr = 0  # dB
        self._chip = chip
        self._heard = FrameRing(_HEARD_MOST)
        self._reception = Reception()
        self._window = Window()
        self._survey = Survey()
        self._listens = False
        self._sample_every_ms = 0
        self._check_ms = self._sample_ms = 0

    def listen(self, on: bool) -> None:
        """Listen whenever nothing is sent; otherwise only in the window after each uplink."""
        self._listens = on

    def close_window(self) -> None:
        """Await no further answer."""
        self._window.close()

    def survey(self, every_ms: int) -> None:
        """Sample noise and occupancy while it listens; 0 is never."""
        self._sample_every_ms = every_ms

    def take(self, frame: bytearray) -> int:
        """Copy the oldest frame heard into `frame`; return its length, 0 where none waits."""
        length = self._heard.take(frame)
        self.rssi = self._heard.rssi
        self.snr = self._heard.snr
        return length

    def noise_dbm(self) -> int:
        """Return the noise of late, -128 where nothing was sampled."""
        return self._survey.noise_dbm

    def busy_percent(self, _now_ms: int) -> int:
        """Return how busy the channel was since the last question."""
        return self._survey.busy_percent()

    def wants_to_hear(self, now_ms: int) -> bool:
        """Say whether to listen now."""
        return self._listens or self._window.is_open(self._reception, now_ms)

    def _set_pace(self, sf: int) -> None:
        self._reception.set_pace(symbol_us(sf), time_on_air_us(FRAME_MAX, sf))
        self._reception.end()

    def _hear(self, flags: int, now_ms: int) -> bool:
        """Take what the chip tells; say whether a whole frame came in."""
        if flags & sx126x.RX_DONE:
            self._reception.end()
            if not flags & sx126x.CRC_ERROR:
                return self._take_in()
            self.foreign += 1
        elif flags & sx126x.HEADER_ERROR:
            self._reception.end()
            self.foreign += 1
        elif flags & sx126x.HEADER:
            self._reception.header(now_ms)
        elif flags & sx126x.PREAMBLE:
            self._reception.preamble(now_ms)
        return False

    def _take_in(self) -> bool:
        length = self._chip.read(self._heard.free_slot())
        if not FRAME_MIN <= length <= FRAME_MAX:
            self.foreign += 1
            return False
        if not self._heard.add(length, self._chip.rssi, self._chip.snr):
            self.dropped += 1
        return True

    def _begin_to_hear(self, now_ms: int) -> None:
        self._reception.end()
        self._chip.receive()
        self._check_ms = add(now_ms, _CHECK_MS)
        self._sample_ms = now_ms

    def _watch(self, now_ms: int) -> None:
        """Make sure that it still listens: a chip that had too little power has forgotten everything."""
        if diff(now_ms, self._check_ms) >= 0:
            self._check_ms = add(now_ms, _CHECK_MS)
            if not self._chip.holds(sx126x.RECEIVING):
                raise ChipSilent
        if self._sample_every_ms and diff(now_ms, self._sample_ms) >= 0:
            self._sample_ms = add(now_ms, self._sample_every_ms)
            self._survey.sample(self._chip.rssi_now(), self._reception.under_way(now_ms))

    def _hearing_wait_ms(self, now_ms: int) -> int:
        soonest = max(0, diff(self._check_ms, now_ms))
        if not self._listens:
            soonest = sooner(soonest, self._window.wait_ms(self._reception, now_ms))
        if self._sample_every_ms:
            soonest = min(soonest, max(0, diff(self._sample_ms, now_ms)))
        return soonest


def sooner(wait_ms: int, other_ms: int) -> int:
    """Return the shorter of two waits; `channel.FOREVER` is the longest."""
    if wait_ms == channel.FOREVER:
        return other_ms
    return wait_ms if other_ms == channel.FOREVER else min(wait_ms, other_ms)
