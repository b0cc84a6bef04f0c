"""What each gesture of each contact means, as settings say it: five letters a contact.

contact  short  double  triple  hold  long hold
main     q      p       h       p     c            the default
second   -      h       h       h     -

q  am I covered here?          c  cancel
p  alert: panic                v  begin a visit, or extend the one that runs
h  alert: hold-up, silent      e  end the visit
m  alert: medical              -  nothing
"""

from firmware.core import press
from protocol.kinds import HOLD_UP, MEDICAL, PANIC
from protocol.portable import const

MAIN = const(0)  # contacts
SECOND = const(1)

NOTHING = const(0x2D)  # the letters
ASK = const(0x71)
CANCEL = const(0x63)
VISIT = const(0x76)
END_VISIT = const(0x65)
RAISE_PANIC = const(0x70)
RAISE_HOLD_UP = const(0x68)
RAISE_MEDICAL = const(0x6D)

KINDS = {RAISE_PANIC: PANIC, RAISE_HOLD_UP: HOLD_UP, RAISE_MEDICAL: MEDICAL}


class Gestures:
    """The table of one device; `firmware.core.settings` has refused what is none."""

    __slots__ = ("_tables",)

    def __init__(self, main: str, second: str) -> None:
        """Take five letters for each contact."""
        self._tables = (main.encode(), second.encode())

    def action(self, contact: int, gesture: int) -> int:
        """Return the letter of a gesture from `SHORT` to `LONG_HOLD`."""
        return self._tables[contact][gesture - press.SHORT]
