"""The daily self-test of a call box: light for 2 s, a chirp of the siren, the battery, the radio.

    bit  what      how it is judged
    1    lamp      not at all: no board measures its current. A person sees it shine
    2    siren     the same: a person hears the chirp
    4    battery   there is one, and lamp and siren together do not bring it down by more than a tenth.
                   While the mains feed the box they carry a part of that load
    8    radio     a gateway has answered something in the last day

A box knows no hour. The test comes every 24 h after the box was given power or a walk test began: when
somebody was there, so by day. Up to 15 min later, by chance, so that a street does not chirp at once.
"""

from firmware.core.ticks import add, diff
from protocol.kinds import TESTED_BATTERY, TESTED_RADIO
from protocol.portable import const

NOTHING = const(-1)
DAY_S = const(86_400)
_SPREAD_S = const(900)
_LIGHT_MS = const(2_000)
_CHIRP_MS = const(150)
_MEASURED_MS = const(100)  # when lamp and siren have been on for so long
_NO_BATTERY_MV = const(500)


class SelfTest:
    """`lamp` and `siren` are what the test wants on; `running` says that it wants the voltage."""

    __slots__ = ("_begun_ms", "_due_s", "_idle_mv", "_loaded_mv", "lamp", "running", "siren")

    def __init__(self, now_s: int, random_1024: int) -> None:
        """Plan the first test."""
        self.running = False
        self.lamp = False
        self.siren = False
        self._begun_ms = 0
        self._idle_mv = 0
        self._loaded_mv = 0
        self._due_s = 0
        self.anchor(now_s, random_1024)

    def anchor(self, now_s: int, random_1024: int) -> None:
        """Somebody is at the box: test about this hour from tomorrow on."""
        self._due_s = now_s + DAY_S + _SPREAD_S * random_1024 // 1024

    def due(self, now_s: int) -> bool:
        """Say whether it is time; the caller waits until no alert runs."""
        return not self.running and now_s >= self._due_s

    def begin(self, millivolts: int, now_ms: int) -> None:
        """Begin, with the voltage before the load; tomorrow at the same time again."""
        self._due_s += DAY_S
        self.running = self.lamp = self.siren = True
        self._begun_ms = now_ms
        self._idle_mv = millivolts
        self._loaded_mv = NOTHING

    def stop(self) -> None:
        """An alert has begun: leave lamp and siren to it."""
        self.running = self.lamp = self.siren = False

    def wants_voltage(self, now_ms: int) -> bool:
        """Say whether the voltage under load is to be measured now."""
        loaded = diff(now_ms, self._begun_ms) >= _MEASURED_MS
        return self.running and self._loaded_mv == NOTHING and loaded

    def loaded(self, millivolts: int) -> None:
        """Take the voltage under load."""
        self._loaded_mv = millivolts

    def poll(self, answered_s: int, has_battery: bool, now_ms: int, now_s: int) -> int:
        """Move on; return the bits of what failed when it is over, before that `NOTHING`.

        `answered_s` is when a gateway last answered.
        """
        if not self.running:
            return NOTHING
        age_ms = diff(now_ms, self._begun_ms)
        self.siren = age_ms < _CHIRP_MS
        if age_ms < _LIGHT_MS or self._loaded_mv == NOTHING:
            return NOTHING
        self.stop()
        failed = TESTED_BATTERY if has_battery and not self._battery_holds() else 0
        return failed | (TESTED_RADIO if now_s - answered_s > DAY_S else 0)

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms the next step of a running test is due, or `NOTHING`."""
        if not self.running:
            return NOTHING
        for step_ms in (_MEASURED_MS, _CHIRP_MS, _LIGHT_MS):
            wait = diff(add(self._begun_ms, step_ms), now_ms)
            if wait > 0:
                return wait
        return 0

    def _battery_holds(self) -> bool:
        return self._idle_mv >= _NO_BATTERY_MV and self._loaded_mv * 10 >= self._idle_mv * 9
