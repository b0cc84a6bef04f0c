"""What a hand does to a panic button: gestures in, and what they mean carried out.

A touch that was over, or begun, before the chip was awake may have been two: nobody counted it. It does
what one touch of that contact does, and for 2 s one more is the second of a double press. Where two are a
call, and one means nothing or would take help away (a cancel, the end of a visit), it asks whether the
wearer is covered: who has called feels something, if not that the call is on air, and touches again.
"""

from firmware.core import gestures, indication, press
from firmware.core.button import Button
from firmware.core.codec import Codec
from firmware.core.gestures import MAIN, Gestures
from firmware.core.ticks import add, diff
from protocol.kinds import HOLD_UP, NONE, TEST
from protocol.portable import const

FOREVER = const(-1)
ANY = const(-1)  # contact: which one has woken the device is not known
_NONE = const(-2)
_TEST_S = const(600)  # of test mode, where a hand began it
_UNSEEN_MS = const(2_000)


class ButtonHand:
    """The hand at one button."""

    __slots__ = ("_button", "_codec", "_gestures", "_unseen", "_unseen_until_ms")

    def __init__(self, button: Button, codec: Codec, table: Gestures) -> None:
        """Act on `button` as `table` says."""
        self._button = button
        self._codec = codec
        self._gestures = table
        self._unseen = _NONE  # contact of a touch that may have been two
        self._unseen_until_ms = 0

    def gesture(self, contact: int, gesture: int, now_ms: int) -> None:
        """Take a gesture of a contact."""
        if gesture == press.LET_GO:
            if contact == MAIN:
                self._button.test_for(_TEST_S, now_ms)
            return
        unseen = self._unseen if self.busy(now_ms) else _NONE
        self._unseen = _NONE
        if gesture == press.UNSEEN:
            self._unseen = contact
            self._unseen_until_ms = add(now_ms, _UNSEEN_MS)
            self._act(self._of_one_touch(max(contact, MAIN)), now_ms)
            return
        if gesture == press.SHORT and unseen in (contact, ANY):
            gesture = press.DOUBLE
        self._act(self._gestures.action(contact, gesture), now_ms)

    def busy(self, now_ms: int) -> bool:
        """Say whether one more touch would count as a second."""
        if self._unseen != _NONE and diff(now_ms, self._unseen_until_ms) >= 0:
            self._unseen = _NONE
        return self._unseen != _NONE

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `busy` changes, or `FOREVER`."""
        return diff(self._unseen_until_ms, now_ms) if self.busy(now_ms) else FOREVER

    def _of_one_touch(self, contact: int) -> int:
        """Return what one touch does that may have been two."""
        action = self._gestures.action(contact, press.SHORT)
        harmless = action not in (gestures.NOTHING, gestures.CANCEL, gestures.END_VISIT)
        if harmless or self._gestures.action(contact, press.DOUBLE) not in gestures.KINDS:
            return action
        return gestures.ASK

    def _act(self, action: int, now_ms: int) -> None:
        button = self._button
        button.changed = True
        if action in gestures.KINDS:
            self._raise(gestures.KINDS[action], now_ms)
        elif action == gestures.CANCEL:
            self._cancel(now_ms)
        elif action == gestures.END_VISIT:
            button.visit.end(button.now_s)
        elif button.alert.open and button.alert.kind != TEST:
            return  # what follows can wait
        elif action == gestures.VISIT:
            button.visit.ask(button.visit_min)
        elif action == gestures.ASK and button.now_s < button.test_until_s:
            self._raise(TEST, now_ms)
        elif action == gestures.ASK and not button.alert.open:
            button.query.ask()

    def _raise(self, kind: int, now_ms: int) -> None:
        button = self._button
        if button.alert.open and button.alert.kind != TEST:
            button.dark = button.dark or kind == HOLD_UP
            button.alert.insist(kind, self._codec.counter.next, now_ms)
        else:
            button.dark = kind == HOLD_UP
            button.alert.raise_new(kind, 0, self._codec.counter.skip_to_incident(), now_ms)
        button.query.drop()
        button.waiting.begin(NONE, now_ms)
        button.indicator.show(indication.SENT, now_ms)

    def _cancel(self, now_ms: int) -> None:
        self._button.alert.cancel(self._codec.counter.next, now_ms)
        self._button.waiting.begin(NONE, now_ms)
