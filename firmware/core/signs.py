"""What a call box shows and sounds, in one table: light in ms on, off, on, ... over again; siren or not.

    sign        light             siren  EN                             FR
    CALLING     fast blink        yes    your call is being sent        votre appel part
    STORED      slow blink        yes    a gateway has your call        une passerelle a votre appel
    DELIVERED   double flash      yes    your call was passed on        votre appel est transmis
    HELP        steady            no     help is coming                 les secours arrivent
    TAMPER      fast blink        yes    this box is being opened       on ouvre ce boîtier
    TESTING     triple flash      no     a test call is under way       un appel d'essai est en cours
    TESTED      steady, 3 s       no     the test call was answered     l'essai a reçu une réponse
    WALKING     1 flash in 5 s    no     walk test: a press is a test   un appui est un essai
    IDENTIFY    flicker, 10 s     no     a gateway asks for this box    une passerelle désigne ce boîtier
    BROKEN      2 long in 10 s    no     this box does not work         ce boîtier est hors service

The siren stops after `siren_s`; the light does not. What is commanded (SPEC 7.2) adds to it: no command
ends what an alert began.
"""

from firmware.core.ticks import add, diff
from protocol.portable import const

DARK = const(0)
CALLING = const(1)
STORED = const(2)
DELIVERED = const(3)
HELP = const(4)
TAMPER = const(5)
TESTING = const(6)
TESTED = const(7)
WALKING = const(8)
IDENTIFY = const(9)
BROKEN = const(10)

LIGHT_MS = {
    DARK: (),
    CALLING: (125, 125),
    STORED: (500, 500),
    DELIVERED: (150, 150, 150, 1_050),
    HELP: (1_000,),
    TAMPER: (125, 125),
    TESTING: (100, 100, 100, 100, 100, 1_500),
    TESTED: (1_000,),
    WALKING: (100, 4_900),
    IDENTIFY: (60, 60),
    BROKEN: (900, 300, 900, 7_900),
}
SOUNDS = (CALLING, STORED, DELIVERED, TAMPER)
IDENTIFY_S = const(10)
FOREVER = const(-1)


class Signs:
    """Light and siren. `lamp` and `siren` are their levels since the last `poll`."""

    __slots__ = (
        "_at",
        "_identify_until_s",
        "_light_until_s",
        "_playing",
        "_siren_s",
        "_siren_until_s",
        "_sounds_until_s",
        "_step_ms",
        "lamp",
        "sign",
        "siren",
    )

    def __init__(self, siren_s: int) -> None:
        """Begin dark and silent; an alert sounds for `siren_s` at most, 0 is never."""
        self._siren_s = siren_s
        self.sign = DARK  # what the state of the box asks for
        self._playing = DARK  # what is on the lamp
        self._at = 0
        self._step_ms = 0
        self._sounds_until_s = 0  # siren of an alert
        self._siren_until_s = 0  # siren by command
        self._light_until_s = 0
        self._identify_until_s = 0
        self.lamp = False
        self.siren = False

    def raised(self, now_s: int) -> None:
        """Begin the time of the siren anew: somebody has just pressed."""
        self._sounds_until_s = now_s + self._siren_s

    def command_siren(self, seconds: int, now_s: int) -> None:
        """Sound for `seconds` from now; 0 ends what was commanded, and that alone."""
        self._siren_until_s = now_s + seconds

    def command_light(self, seconds: int, now_s: int) -> None:
        """Shine for `seconds` from now; 0 ends what was commanded, and that alone."""
        self._light_until_s = now_s + seconds

    def identify(self, now_s: int) -> None:
        """Show which box this is."""
        self._identify_until_s = now_s + IDENTIFY_S

    def poll(self, now_ms: int, now_s: int) -> None:
        """Bring `lamp` and `siren` up to date."""
        sign = IDENTIFY if now_s < self._identify_until_s else self.sign
        if sign != self._playing:
            self._playing = sign
            self._at = 0
            self._step_ms = now_ms
        self.lamp = self._blinks(now_ms) or (
            self.sign in (DARK, WALKING) and now_s < self._light_until_s
        )
        alert = self.sign in SOUNDS and now_s < self._sounds_until_s
        self.siren = alert or now_s < self._siren_until_s

    def wait_ms(self, now_ms: int, now_s: int) -> int:
        """Return in how many ms a level may change, or `FOREVER`."""
        if len(LIGHT_MS[self._playing]) > 1:
            return max(0, diff(self._step_ms, now_ms))
        soonest = FOREVER
        for until_s in (
            self._sounds_until_s,
            self._siren_until_s,
            self._light_until_s,
            self._identify_until_s,
        ):
            if until_s > now_s and (soonest < 0 or until_s - now_s < soonest):
                soonest = until_s - now_s
        return soonest * 1_000 if soonest >= 0 else FOREVER

    def _blinks(self, now_ms: int) -> bool:
        """Return the level of the pattern; `_step_ms` is when the step at `_at` ends."""
        steps = LIGHT_MS[self._playing]
        if len(steps) < 2:
            return len(steps) == 1
        while diff(now_ms, self._step_ms) >= 0:
            self._step_ms = add(self._step_ms, steps[self._at])
            self._at = (self._at + 1) % len(steps)
        return self._at % 2 == 1
