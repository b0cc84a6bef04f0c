"""When a LoRa frame may go on air, and what a device listens for (SPEC 9). Time is an argument.

Turn        a frame's way to the channel: look for activity, wait, look again; transmit or give up
Reception   whether a frame is coming in, as far as the chip has told
Window      how long a device on battery listens after its uplink
Survey      how loud and how busy the channel is
"""

from firmware.core.ticks import add, diff
from protocol.portable import const

# How a send ended: the numbers of `protocol.link_messages`, which a device without a head does not load
NONE = const(-1)
SENT = const(0)
REPLACED = const(1)
REFUSED = const(2)
BUSY = const(3)
DUTY_CYCLE = const(4)

FOREVER = const(-1)
NOISE_UNKNOWN = const(-128)

YOUNG_MS = const(8_000)  # a frame should have been sent within so long (SPEC 5.1)

_WINDOW_MS = const(500)
_AGAIN_MS = const(100)  # 40 ms of a gateway, its commit, its line
_AGAIN_HALVES = const(7)  # an answer begins within 3 times on air, and is noticed by its preamble
_AGAIN_SPREAD_MS = const(1_400)  # most that leaves room for one at SF 12
_AGAIN_SHARE = const(240)
_FREE_REFRESHES = const(8)

_PREAMBLE_QUARTERS = const(49)  # 8 + 4.25 symbols: what is before the header
_HEADER_SYMBOLS = const(8)
_MARGIN_SYMBOLS = const(4)  # the chip and the program need some time to tell
_BUSY_DBM = const(-90)  # an implementation's choice: 27 dB above the noise of a receiver


def refresh_ms(interval_ms: int, frames: int, toa_us: int) -> int:
    """Return the time to the next refresh of an alert that `frames` were sent for within the hour."""
    if frames < _FREE_REFRESHES:
        return interval_ms
    return max(interval_ms, (14 * toa_us + 999) // 1000)


def may_repeat(heartbeat_s: int, on_air_ms: int) -> bool:
    """Say whether heartbeats that are sent four times leave airtime to all else (SPEC 9)."""
    return heartbeat_s * 1000 >= _AGAIN_SHARE * on_air_ms


def again_ms(on_air_ms: int, random_1024: int) -> int:
    """Return how long after its end a frame is sent again, unless an answer has begun by then."""
    spread_ms = _AGAIN_SPREAD_MS * random_1024 // 1024
    return _AGAIN_MS + _AGAIN_HALVES * on_air_ms // 2 + spread_ms


class Reception:
    """A frame of ours that may be coming in. A preamble that no header follows is noise."""

    __slots__ = ("_header_ms", "_rest_ms", "_until_ms", "_open")

    def __init__(self) -> None:
        """Begin with none."""
        self._header_ms = self._rest_ms = self._until_ms = 0
        self._open = False

    def set_pace(self, symbol_us: int, longest_us: int) -> None:
        """Take how long a symbol and the longest frame of ours last."""
        header_us = (_HEADER_SYMBOLS + _MARGIN_SYMBOLS) * symbol_us
        before_us = _PREAMBLE_QUARTERS * symbol_us // 4
        self._header_ms = (before_us + header_us) // 1000 + 1
        rest_us = longest_us - before_us - _HEADER_SYMBOLS * symbol_us
        self._rest_ms = (rest_us + _MARGIN_SYMBOLS * symbol_us) // 1000 + 1

    def preamble(self, now_ms: int) -> None:
        """A preamble was heard."""
        if not self.under_way(now_ms):
            self._open = True
            self._until_ms = add(now_ms, self._header_ms)

    def header(self, now_ms: int) -> None:
        """A header was heard."""
        self._open = True
        self._until_ms = add(now_ms, self._rest_ms)

    def end(self) -> None:
        """It has come in, whole or not, or the receiver was turned off."""
        self._open = False

    def under_way(self, now_ms: int) -> bool:
        """Say whether a frame is coming in."""
        self._open = self._open and diff(self._until_ms, now_ms) > 0
        return self._open

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms it is given up."""
        return max(0, diff(self._until_ms, now_ms))


class Window:
    """The time after an uplink in which an answer may begin."""

    __slots__ = ("_until_ms", "_open")

    def __init__(self) -> None:
        """Begin closed."""
        self._until_ms = 0
        self._open = False

    def open(self, toa_15_us: int, now_ms: int) -> None:
        """Open it at the end of an uplink; `toa_15_us`: the time on air of 15 bytes."""
        self._open = True
        self._until_ms = add(now_ms, _WINDOW_MS + (4 * toa_15_us + 999) // 1000)

    def close(self) -> None:
        """Close it: the next uplink begins, or nothing more is awaited."""
        self._open = False

    def is_open(self, reception: Reception, now_ms: int) -> bool:
        """Say whether to listen: a frame that began within the window is heard to its end."""
        if self._open and diff(self._until_ms, now_ms) <= 0:
            self._open = reception.under_way(now_ms)
        return self._open

    def wait_ms(self, reception: Reception, now_ms: int) -> int:
        """Return in how many ms it may close, `FOREVER` where it is closed."""
        if not self._open:
            return FOREVER
        left_ms = diff(self._until_ms, now_ms)
        return left_ms if left_ms > 0 else reception.wait_ms(now_ms)


class Survey:
    """Noise and occupancy from samples of the signal strength."""

    __slots__ = ("noise_dbm", "_eighths", "_samples", "_busy")

    def __init__(self) -> None:
        """Begin without a sample."""
        self.noise_dbm = NOISE_UNKNOWN  # slides over some 8 samples
        self._eighths = 0
        self._samples = self._busy = 0

    def sample(self, dbm: int, receiving: bool) -> None:
        """Take one; while a frame comes in it says nothing of the noise."""
        self._samples += 1
        if receiving or dbm > _BUSY_DBM:
            self._busy += 1
        if receiving:
            return
        if self.noise_dbm == NOISE_UNKNOWN:
            self._eighths = dbm * 8
        else:
            self._eighths += dbm - self.noise_dbm
        self.noise_dbm = (self._eighths + 4) // 8

    def busy_percent(self) -> int:
        """Return how much of the time since the last question the channel was busy."""
        percent = 100 * self._busy // self._samples if self._samples else 0
        self._samples = self._busy = 0
        return percent
