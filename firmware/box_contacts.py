"""What a call box feels: its contacts, debounced by `firmware.core.inputs`, told to `CallBox`.

A contact the board has not (-1) is at rest for ever.
"""

from firmware.core.call_box import CallBox
from firmware.core.inputs import CABINET_MS, MAINS_MS, TAMPER_MS, Buttons, Input
from firmware.hal.contact import Contact
from firmware.hal.level import Level
from firmware.hal.wait import WakeFlag
from protocol.kinds import CABINET_OPEN, CONTACT_STUCK, MAINS_LOST
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import CallBoxPins


FOREVER = const(-1)
_REAL_MS = const(3_000)  # held so long in a walk test, a press is an emergency


class BoxContacts:
    """Buttons, tamper and cabinet loops, and the mains."""

    def __init__(self, pins: "CallBoxPins", flag: WakeFlag, latched: bool, now_ms: int) -> None:
        """`latched`: the tamper loop was open and told of before the start."""
        self._contacts = [Contact(gpio, flag) for gpio in pins.buttons]
        self._buttons = Buttons([contact.down() for contact in self._contacts], now_ms)
        self._tamper = Contact(pins.tamper, flag) if pins.tamper >= 0 else None
        self._tamper_input = Input(TAMPER_MS, latched)
        self._cabinet = Contact(pins.cabinet, flag) if pins.cabinet >= 0 else None
        self._cabinet_input = Input(CABINET_MS, _is_open(self._cabinet))
        self._mains = Level(pins.mains, flag) if pins.mains >= 0 else None
        self._mains_input = Input(MAINS_MS, self._mains_lost())
        self.touched = False  # a hand is at it: time to reserve counters in full

    def feel(self, box: CallBox, spread_s: int, now_ms: int, now_s: int) -> None:
        """Tell `box` what is new; that the mains are gone, which every box notices, `spread_s` later."""
        for number in range(len(self._contacts)):
            down = self._contacts[number].down()
            self.touched = self.touched or down
            if self._buttons.sample(number, down, now_ms):
                box.pressed(now_s)
            elif self._buttons.held_ms(number, now_ms) >= _REAL_MS and box.testing():
                box.insisted(now_s)
        self._tamper_input.sample(_is_open(self._tamper), now_ms)
        self.touched = self.touched or self._tamper_input.active
        box.loop(self._tamper_input.active, now_s)
        self._cabinet_input.sample(_is_open(self._cabinet), now_ms)
        self._mains_input.sample(self._mains_lost(), now_ms)
        stuck = self._buttons.stuck()
        box.conditions.put(CONTACT_STUCK, stuck >= 0, max(stuck, 0), now_s)
        box.conditions.put(CABINET_OPEN, self._cabinet_input.active, 0, now_s)
        box.conditions.put(MAINS_LOST, self._mains_input.active, 0, now_s, spread_s)

    def on_mains(self) -> bool:
        """Say whether the mains feed the box."""
        return not self._mains_input.active

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms something may be new without another edge, or `FOREVER`."""
        soonest = self._buttons.wait_ms(now_ms)
        for contact in (self._tamper_input, self._cabinet_input, self._mains_input):
            wait = contact.wait_ms(now_ms)
            if wait >= 0 and (soonest < 0 or wait < soonest):
                soonest = wait
        return soonest

    def _mains_lost(self) -> bool:
        return self._mains is not None and not self._mains.high()


def _is_open(loop: "Contact | None") -> bool:
    return loop is not None and not loop.down()
