"""The wearer's hand: contacts read, edges timed, gestures told; and what woke the device."""

from firmware.core import press
from firmware.core.button_hand import ANY, ButtonHand
from firmware.core.chosen import Settings
from firmware.core.press import Press
from firmware.core.ticks import sooner
from firmware.hal import clock, power
from firmware.hal.contact import Contact, woken_by
from firmware.hal.wait import WakeFlag
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    import machine

    from firmware.boards.pins import ButtonPins

FOREVER = const(-1)


class Hand:
    """All contacts of a button. `touched`: something was pressed since the start."""

    def __init__(self, settings: Settings, pins: "ButtonPins", flag: WakeFlag) -> None:
        """Watch the contacts of a board; their edges set `flag`."""
        gpios = [gpio for gpio in (pins.contact_main, pins.contact_second) if gpio >= 0]
        self._gpios = gpios
        self._contacts = [Contact(gpio, flag) for gpio in gpios]
        self._presses = [Press(settings.hold_ms, settings.cancel_ms) for _ in gpios]
        self._unsure = False  # of which contact has woken it
        self.touched = False

    def begin(self, cause: int, stuck: int) -> None:
        """Take what the contacts are at the start; `stuck` has a bit for each that was before it."""
        now_ms = clock.now_ms()
        levels = [contact.down() for contact in self._contacts]
        tapped = self._tapped(levels, stuck) if cause == power.WOKEN_BY_PIN else 0
        for i in range(len(levels)):
            if stuck >> i & 1:
                self._presses[i].begin_stuck(levels[i], now_ms)
            elif cause == power.WOKEN_BY_PIN and levels[i]:
                self._presses[i].begin_down(0)  # the press began with the wake
            elif tapped >> i & 1:
                self._presses[i].begin_tapped(now_ms)  # it is over by now
            elif cause == power.POWER_UP and levels[i]:
                self._presses[i].begin_powered(now_ms)
        self.touched = cause != power.POWER_UP

    def _tapped(self, levels: "list[bool]", stuck: int) -> int:
        """Return a bit for each contact that has woken it; for the main one where nobody can tell."""
        tapped = 0
        nobody_else = True
        woken = woken_by()
        for i in range(len(levels)):
            tapped |= (self._gpios[i] in woken) << i
            nobody_else = nobody_else and (not levels[i] or bool(stuck >> i & 1))
        self._unsure = nobody_else and not woken
        return 1 if self._unsure else tapped

    def feel(self, told: ButtonHand, now_ms: int) -> None:
        """Tell every gesture there was."""
        for i in range(len(self._contacts)):
            contact = self._contacts[i]
            while contact.take():
                self._sample(told, i, contact.edge_down, contact.edge_ms)
            self._sample(told, i, contact.down(), now_ms)

    def busy(self) -> bool:
        """Say whether a gesture is under way."""
        busy = False
        for p in self._presses:
            busy = busy or p.busy()
        return busy

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `feel` is due without an edge, or `FOREVER`."""
        soonest = FOREVER
        for p in self._presses:
            soonest = sooner(soonest, p.wait_ms(now_ms))
        return soonest

    def stuck(self) -> int:
        """Return a bit for each contact that is stuck."""
        bits = 0
        for i in range(len(self._presses)):
            bits |= self._presses[i].stuck << i
        return bits

    def wake_pins(self) -> "list[machine.Pin]":
        """Return the pins that may end a sleep: one that is stuck would end it at once."""
        presses = self._presses
        return [self._contacts[i].pin for i in range(len(presses)) if not presses[i].stuck]

    def _sample(self, told: ButtonHand, number: int, down: bool, at_ms: int) -> None:
        self.touched = self.touched or (down and not self._presses[number].stuck)
        gesture = self._presses[number].sample(down, at_ms)
        if gesture == press.UNSEEN and self._unsure:
            number = ANY
        if gesture != press.NOTHING:
            told.gesture(number, gesture, at_ms)
