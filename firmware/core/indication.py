"""What a wearer feels and sees, in one table: milliseconds on, off, on, ...

Each pattern begins with a pulse of its own length, so that it is told apart from the first touch.

    name          pulses           EN                                     FR
    SENT          1 tick           your alert is on air                   votre alerte est émise
    RECEIVED      2 short          a gateway has it                       une passerelle l'a reçue
    HELP          3 long           a person is coming                     quelqu'un arrive
    NOT_RECEIVED  6 fast           nobody has heard it yet                personne ne l'a encore entendue
    STORED_ONLY   1 medium 2 ticks stored, but nobody is told yet         reçue, mais personne n'est averti
    CANCELLED     1 medium         your cancel was received               votre annulation est reçue
    COVERED       1 short 1 tick   you are covered here                   vous êtes couvert ici
    NOT_COVERED   4 medium         you are not covered here               vous n'êtes pas couvert ici
    VISIT         1 medium 1 tick  your visit is supervised               votre visite est surveillée
    REMINDER      1 long 3 ticks   your visit is about to end             votre visite va se terminer
    OVERDUE       1 long 6 ticks   its time is up: help is being called   temps écoulé : l'aide est appelée
    VISIT_ENDED   1 slow 1 short   your visit has ended                   votre visite est terminée
    TEST_MODE     1 slow 3 short   a short press is a test now            un appui court est un essai
    LOW_BATTERY   1 very long      the battery is nearly empty            batterie faible : à changer
    IDENTIFY      2 slow           a gateway asks for this device         une passerelle le demande
    FAULT         2 very long      this device does not work: hand it in  appareil hors service : rendez-le

Motor only where the device is discreet; no light either in a silent alert.
"""

from firmware.core.ticks import add, diff
from protocol.portable import const

NOTHING = const(0)
SENT = const(1)
RECEIVED = const(2)
HELP = const(3)
NOT_RECEIVED = const(4)
CANCELLED = const(5)
COVERED = const(6)
NOT_COVERED = const(7)
FAULT = const(8)
IDENTIFY = const(9)
STORED_ONLY = const(10)
VISIT = const(11)
REMINDER = const(12)
OVERDUE = const(13)
VISIT_ENDED = const(14)
TEST_MODE = const(15)
LOW_BATTERY = const(16)

PATTERNS = {
    SENT: (40,),
    RECEIVED: (120, 100, 120),
    HELP: (450, 150, 450, 150, 450),
    NOT_RECEIVED: (70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70),
    CANCELLED: (280,),
    COVERED: (160, 100, 40),
    NOT_COVERED: (220, 150, 220, 150, 220, 150, 220),
    FAULT: (900, 300, 900),
    IDENTIFY: (600, 300, 600),
    STORED_ONLY: (390, 120, 50, 80, 50),
    VISIT: (335, 120, 50),
    REMINDER: (520, 120, 50, 80, 50, 80, 50),
    OVERDUE: (560, 80, 50, 60, 50, 60, 50, 60, 50, 60, 50, 60, 50),
    VISIT_ENDED: (690, 150, 120),
    TEST_MODE: (750, 150, 120, 100, 120, 100, 120),
    LOW_BATTERY: (1_000,),
}
GAP_MS = const(100)  # silence between two patterns
FOREVER = const(-1)


class Indicator:
    """Plays one pattern at a time, each to its end; of those that come meanwhile the newest is next.

    Only the answer to a hand (`SENT`) cuts short what plays.
    """

    __slots__ = ("_at", "_next", "_pattern", "_step_ms", "on")

    def __init__(self) -> None:
        """Begin silent."""
        self._pattern: "tuple[int, ...]" = ()
        self._at = 0
        self._step_ms = 0  # when the step at `_at` begins
        self._next = NOTHING
        self.on = False

    def show(self, what: int, now_ms: int) -> None:
        """Begin a pattern, or let it wait for the end of the one that plays."""
        if not self._pattern:
            self._begin(what, now_ms)
        elif what == SENT:
            self.on = False
            self._next = NOTHING
            self._begin(what, add(now_ms, GAP_MS))
        else:
            self._next = what

    def playing(self) -> bool:
        """Say whether there is more to feel."""
        return bool(self._pattern)

    def poll(self, now_ms: int) -> bool:
        """Return whether motor and light are on now."""
        while self._pattern and diff(now_ms, self._step_ms) >= 0:
            if self._at == len(self._pattern):
                self._end()
            else:
                if not self._at:
                    self._step_ms = (
                        now_ms  # what held the program up takes nothing of the first pulse
                    )
                self.on = self._at % 2 == 0
                self._step_ms = add(self._step_ms, self._pattern[self._at])
                self._at += 1
        return self.on

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms the level changes, or `FOREVER`."""
        return max(0, diff(self._step_ms, now_ms)) if self._pattern else FOREVER

    def _begin(self, what: int, at_ms: int) -> None:
        self._pattern = PATTERNS[what]
        self._at = 0
        self._step_ms = at_ms

    def _end(self) -> None:
        self.on = False
        self._pattern = ()
        if self._next != NOTHING:
            self._begin(self._next, add(self._step_ms, GAP_MS))
            self._next = NOTHING
