"""The call box without its rim: presses, contacts, acks and time in; light and siren out.

The composition root (`firmware/call_box.py`) tells what happens and shows what `signs` has; what is to be
sent is for `firmware.core.box_speech`. Emergency and tamper are two incidents, each with its own first
counter and acks: who opens the box while it calls for help cannot hide behind the call.
"""

from firmware.core import signs
from firmware.core.box_incident import BoxIncident
from firmware.core.box_record import BoxRecord
from firmware.core.conditions import Conditions
from firmware.core.orders import Orders
from firmware.core.pace import Pace
from firmware.core.signs import Signs
from firmware.core.uplinks import (
    CONDITION,
    ENDED,
    FOR_EMERGENCY,
    FOR_HEARTBEAT,
    FOR_TAMPER,
    NOTHING,
    Uplinks,
)
from protocol import kinds
from protocol.kinds import ACKNOWLEDGED, CLOSED, EMERGENCY, NONE, STORED, TAMPER, TEST
from protocol.portable import const

_HELP_S = const(1_800)
_CLOSED_S = const(10)  # "help is coming", where it is over before it could be shown
_TESTED_S = const(3)
_REAL_WITHIN_S = const(10)
_NEVER_S = const(-1_000)


class CallBox:
    """State of a call box between two moments."""

    __slots__ = (
        "_help_until_s",
        "_last_test_s",
        "_tested_until_s",
        "answered_s",
        "conditions",
        "emergency",
        "latched",
        "orders",
        "pace",
        "signs",
        "status_told",
        "tamper",
        "uplinks",
        "walk_began",
        "walk_until_s",
    )

    def __init__(
        self, slow_ms: int, siren_s: int, on_air_ms: int, kept: BoxRecord, counter: int, now_ms: int
    ) -> None:
        """`slow_ms` between frames of an old alert, `on_air_ms` of a frame.

        Go on where `kept` ends, with the next `counter`.
        """
        self.emergency = BoxIncident(slow_ms)
        self.emergency.resume(EMERGENCY, kept.first, kept.felt, counter, now_ms)
        self.tamper = BoxIncident(slow_ms)
        self.tamper.resume(TAMPER, kept.tamper_first, kept.tamper_felt, counter, now_ms)
        self.latched = kept.latched
        self.conditions = Conditions(kept.told)
        self.uplinks = Uplinks()
        self.signs = Signs(siren_s)
        self.pace = Pace(on_air_ms)
        self.orders = Orders()
        self.answered_s = NOTHING  # when a gateway last answered anything
        self.status_told = False  # a gateway knows why the box has started
        self.walk_until_s = _NEVER_S
        self.walk_began = False  # somebody is at the box: for whoever cares
        self._last_test_s = _NEVER_S
        self._help_until_s = _NEVER_S
        self._tested_until_s = _NEVER_S

    def pressed(self, now_s: int) -> None:
        """An emergency button. In a walk test it is a test, unless it is pressed again at once."""
        again = now_s - self._last_test_s < _REAL_WITHIN_S
        if now_s < self.walk_until_s and not again and not self._calls():
            self._last_test_s = now_s
            self._raise(TEST)
        else:
            self.insisted(now_s)

    def insisted(self, now_s: int) -> None:
        """A real emergency, whatever the box is doing."""
        self._last_test_s = _NEVER_S
        self._help_until_s = _NEVER_S
        self.signs.raised(now_s)
        self._raise(EMERGENCY)

    def loop(self, is_open: bool, now_s: int) -> None:
        """Take the tamper loop: an alert when it opens, armed again when it is whole."""
        if is_open and not self.latched:
            self.signs.raised(now_s)
            self.tamper.raise_(TAMPER)
            self.pace.at_once()
        self.latched = is_open

    def heard(self, word: int, counter: int, random_1024: int, now_ms: int, now_s: int) -> None:
        """Take the word of a downlink that answers `counter`."""
        about = self.uplinks.about(counter)
        op = word >> 20
        if about == NOTHING:
            return  # it comes too late (SPEC 7.2)
        if op > CLOSED:
            self._obey(word, counter, now_s)
        elif op >= STORED:
            self.answered_s = now_s
            self.status_told = self.status_told or (
                about == FOR_HEARTBEAT and counter % kinds.PAGES == kinds.PAGE_STATUS
            )
            self.uplinks.answered(counter, kinds.mark_bit(word), now_ms)
            self._acked(op, counter, about, random_1024, now_ms, now_s)

    def poll(self, now_ms: int, now_s: int) -> None:
        """Notice what is over, and bring light and siren up to date."""
        self.uplinks.forget(now_ms)
        if self.emergency.test_over(now_ms) and self.emergency.felt() > NONE:
            self._tested_until_s = now_s + _TESTED_S
        self.signs.sign = self._sign(now_s)
        self.signs.poll(now_ms, now_s)

    def alert_runs(self) -> bool:
        """Say whether an alert is open."""
        return self.emergency.running() or self.tamper.running()

    def testing(self) -> bool:
        """Say whether a press has been taken for a test, which is not over."""
        return self.emergency.running() and self.emergency.kind() == TEST

    def all_stored(self) -> bool:
        """Say whether a gateway has every alert that is open."""
        for incident in (self.emergency, self.tamper):
            if incident.running() and incident.felt() == NONE:
                return False
        return True

    def record(self) -> BoxRecord:
        """Return what flash is to hold."""
        kept = BoxRecord()
        if self.emergency.kind() == EMERGENCY:
            kept.first = self.emergency.first()
            kept.felt = self.emergency.alert.felt
        kept.tamper_first = self.tamper.first()
        kept.tamper_felt = self.tamper.alert.felt
        kept.latched = self.latched
        kept.told = self.conditions.told
        return kept

    def _calls(self) -> bool:
        """Say whether a real emergency is under way."""
        return self.emergency.running() and self.emergency.kind() == EMERGENCY

    def _raise(self, kind: int) -> None:
        if self.emergency.raise_(kind):
            self.pace.at_once()
        else:
            self.pace.again()

    def _acked(
        self, op: int, counter: int, about: int, random_1024: int, now_ms: int, now_s: int
    ) -> None:
        if about & CONDITION:
            kind = kinds.RESTORE if about & ENDED else kinds.FAULT
            self.conditions.stored(about & 0xF, kind, now_s)
            return
        stage = NONE
        if about == FOR_TAMPER:
            stage = self.tamper.heard(op, counter, now_ms)
        elif about == FOR_EMERGENCY:
            stage = self._acked_emergency(op, counter, now_ms, now_s)
        if stage == ACKNOWLEDGED:
            self.pace.at_once()  # the last frame tells the person that it is known
        elif stage != NONE:
            self.pace.answered(self.all_stored(), random_1024)

    def _acked_emergency(self, op: int, counter: int, now_ms: int, now_s: int) -> int:
        was_open = self.emergency.running()
        stage = self.emergency.heard(op, counter, now_ms)
        real = self.emergency.kind() == EMERGENCY
        if stage == ACKNOWLEDGED and real:
            self._help_until_s = now_s + (_CLOSED_S if op == CLOSED else _HELP_S)
        elif op == CLOSED and not was_open:
            self._help_until_s = _NEVER_S
        return stage

    def _obey(self, word: int, counter: int, now_s: int) -> None:
        op = word >> 20
        arg = word >> 12 & 0xFF
        if not self.orders.accepts(counter, op, arg, word >> 8 & 0xF, self.alert_runs()):
            return
        if op == kinds.SIREN:
            self.signs.command_siren(arg, now_s)
        elif op == kinds.LIGHT:
            self.signs.command_light(arg, now_s)
        elif op == kinds.IDENTIFY:
            self.signs.identify(now_s)
        else:
            self.walk_until_s = now_s + 60 * arg
            self.walk_began = arg > 0

    def _sign(self, now_s: int) -> int:
        if self._calls() and self.emergency.felt() < ACKNOWLEDGED:
            return (signs.CALLING, signs.STORED, signs.DELIVERED)[self.emergency.felt()]
        if now_s < self._help_until_s:
            return signs.HELP
        if self.tamper.running() and self.tamper.felt() < ACKNOWLEDGED:
            return signs.TAMPER
        if self.testing():
            return signs.TESTING
        if now_s < self._tested_until_s:
            return signs.TESTED
        return signs.WALKING if now_s < self.walk_until_s else signs.DARK
