"""States of a virtual SX1262, how long the changes between them take, and the BUSY line that says so.

DS: SX1261/2 datasheet, DS.SX1261-2.W.APP revision 2.1.
"""

from collections.abc import Callable

from tools.virtual.clock import Clock, Timer

POWER_UP_US = 3_500  # calibration of all blocks, also a cold start (DS 8.3.1, 9.2)
WARM_START_US = 340  # DS 8.3.1
CALIBRATION_US = 3_500  # of all blocks (DS 9.2); one takes its share

OFF, SLEEP, SLEEP_WARM = "off", "sleep_cold", "sleep_warm"
STANDBY_RC, STANDBY_XOSC, FS = "standby_rc", "standby_xosc", "fs"
RX, RX_BOOSTED = "rx", "rx_boosted"
TX = "tx"  # in full `tx_14`: with the power in dBm

MODES = {STANDBY_RC: 2, STANDBY_XOSC: 3, FS: 4, RX: 5, RX_BOOSTED: 5, TX: 6}  # DS 13.5.1
FALLBACKS = {0x20: STANDBY_RC, 0x30: STANDBY_XOSC, 0x40: FS}  # DS 13.1.15
_SWITCH_US = {  # DS 8.3.1
    (STANDBY_RC, STANDBY_XOSC): 31,
    (STANDBY_RC, FS): 50,
    (STANDBY_RC, RX): 83,
    (STANDBY_RC, TX): 126,
    (STANDBY_XOSC, FS): 40,
    (STANDBY_XOSC, RX): 62,
    (STANDBY_XOSC, TX): 105,
    (FS, RX): 41,
    (FS, TX): 76,
    (RX, FS): 15,
    (RX, TX): 92,
}


def kind(state: str) -> str:
    """Return a state without its power or its gain."""
    return state.partition("_")[0] if state.startswith((RX, TX)) else state


def switch_us(old: str, new: str) -> int:
    """Return how long BUSY is high when the chip goes from one state to another."""
    return _SWITCH_US.get((kind(old), kind(new)), 0)


class BusyLine:
    """BUSY: high for some time, until further notice, or stuck."""

    def __init__(self, clock: Clock) -> None:
        """Begin low."""
        self.level = 0
        self.until_us: int | None = 0  # when it falls; None: nobody knows
        self.on_change: Callable[[int], None] = lambda _level: None
        self.stuck = False
        self._clock = clock
        self._timer: Timer | None = None

    def rise(self) -> None:
        """Be high until further notice."""
        self._cancel()
        self.until_us = None
        self._set(1)

    def hold(self, us: int, then: Callable[[], None] = lambda: None) -> None:
        """Be high for `us`, then do `then`."""
        self._cancel()
        if self.stuck:
            return
        self.until_us = self._clock.now_us + us
        if us:
            self._set(1)
            self._timer = self._clock.after(us, lambda: self._fall(then))
        else:
            self._fall(then)

    def _fall(self, then: Callable[[], None]) -> None:
        self._timer = None
        self._set(0)
        then()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, level: int) -> None:
        if level != self.level:
            self.level = level
            self.on_change(level)
