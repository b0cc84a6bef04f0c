"""The battery of a call box and its daily self-test, measured and told to `CallBox`."""

from firmware.core import battery
from firmware.core.call_box import CallBox
from firmware.core.self_test import SelfTest
from firmware.hal import power
from firmware.hal.adc import Gauge
from protocol.kinds import BATTERY_LOW, SELF_TEST_FAILED
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import BatteryPins


_EVERY_S = const(60)


class BoxPower:
    """`millivolts` is the last measurement; 0 where there is no battery to measure.

    Where it is `critical` the siren is silent and no self-test runs: the call matters more.
    """

    def __init__(self, pins: "BatteryPins | None", chemistry: str, now_s: int) -> None:
        """Measure once."""
        self._gauge = Gauge(pins) if pins is not None else None
        self._chemistry = chemistry
        self.self_test = SelfTest(now_s, power.random_below_1024())
        self.millivolts = 0
        self.low = False
        self.critical = False
        self._due_s = now_s

    def look_after(self, box: CallBox, now_ms: int, now_s: int) -> None:
        """Do what is due, and tell `box` what is wrong."""
        if now_s >= self._due_s and not self.self_test.running:
            self._due_s = now_s + _EVERY_S
            self._measure(box, now_s)
        if box.walk_began:
            box.walk_began = False
            self.self_test.anchor(now_s, power.random_below_1024())
        self._test(box, now_ms, now_s)

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms a running test goes on, or -1."""
        return self.self_test.wait_ms(now_ms)

    def _measure(self, box: CallBox, now_s: int) -> None:
        if self._gauge is None:
            return
        self.millivolts = self._gauge.millivolts()
        self.low = battery.low(self.millivolts, self._chemistry, self.low)
        self.critical = battery.critical(self.millivolts, self._chemistry, self.critical)
        if self.low != box.conditions.stands(BATTERY_LOW):
            tenths = battery.tenths(self.millivolts, self._chemistry)
            box.conditions.put(BATTERY_LOW, self.low, tenths, now_s)

    def _test(self, box: CallBox, now_ms: int, now_s: int) -> None:
        test = self.self_test
        if box.alert_runs():
            test.stop()
        elif test.due(now_s) and not self.critical:
            test.begin(self.millivolts, now_ms)
        if test.wants_voltage(now_ms):
            test.loaded(self._gauge.millivolts() if self._gauge is not None else 0)
        failed = test.poll(box.answered_s, self._gauge is not None, now_ms, now_s)
        if failed >= 0:
            box.conditions.put(SELF_TEST_FAILED, failed > 0, failed, now_s)
