"""A button's core with time moved by the test; it sends whatever is due, as the program does."""

from firmware.core.alert import Alert
from firmware.core.button import FOREVER, NOTHING, Button
from firmware.core.button_hand import ButtonHand
from firmware.core.button_speech import ButtonSpeech
from firmware.core.codec import Codec
from firmware.core.counter import Counter
from firmware.core.gestures import MAIN, Gestures
from firmware.core.heartbeat import Pages
from firmware.core.indication import PATTERNS
from firmware.core.query import Query
from firmware.core.ticks import add, sooner
from protocol.kinds import COVERED, downlink_word
from protocol.messages import Message, parse_uplink
from tools.virtual.wearer import NAMES

HEARTBEAT_MS = 900_000
FIRST = 640
KNOWN_TIME = 7


class Hand:
    """One button that is awake. `sent` is all it said, `felt` what its wearer began to feel."""

    def __init__(
        self, reserved: int = 10_000, main: str = "qphpc", second: str = "-hhh-", now_s: int = 1_000
    ) -> None:
        self.codec = Codec(bytes(16), Counter(reserved, FIRST + 1))
        table = Gestures(main, second)
        self.button = Button(self.codec, Alert(HEARTBEAT_MS), Query(1_000))
        self.hand = ButtonHand(self.button, self.codec, table)
        self.pages = Pages(build=1)
        self.speech = ButtonSpeech(self.button, self.codec, self.pages)
        self.sent: list[tuple[int, Message]] = []
        self.urgent: list[bool] = []
        self.felt: list[str] = []
        self._pattern: tuple[int, ...] = ()
        self.now_s = now_s
        self._ms = 0
        for moment_ms in (1 << 28, 1 << 29, (1 << 29) + (1 << 28), (1 << 30) - 3_000):
            self.now_ms = moment_ms  # twelve quiet days, and ticks wrap soon
            self.button.poll(moment_ms, now_s)

    def gesture(self, gesture: int, contact: int = MAIN) -> None:
        self.hand.gesture(contact, gesture, self.now_ms)
        self.turn()

    def ack(
        self, op: int, *, arg: int = COVERED, back: int = 0, seq: int = 0, mark: int = 0
    ) -> None:
        self.codec.heard_counter = self.codec.counter.next - 1 - back
        self.button.heard(downlink_word(op, arg, seq, mark), self.now_ms)
        self.turn()

    def wait(self, ms: int) -> None:
        """Let time pass as the program does: until something is due, then a turn."""
        while ms > 0:
            due_ms = sooner(self.button.wait_ms(self.now_ms), self.hand.wait_ms(self.now_ms))
            step_ms = ms if due_ms == FOREVER else min(ms, max(1, due_ms))
            self.now_ms = add(self.now_ms, step_ms)
            self._ms += step_ms
            self.now_s += self._ms // 1_000
            self._ms %= 1_000
            ms -= step_ms
            self.turn()

    def turn(self) -> None:
        self.button.poll(self.now_ms, self.now_s)
        word = self.speech.next_word(KNOWN_TIME, self.now_ms)
        if word != NOTHING:
            counter = self.codec.counter.next
            self.codec.send(word)
            self.sent.append((counter, parse_uplink(word.to_bytes(3, "big"))))
            self.urgent.append(self.speech.urgent)
        self.button.indicator.poll(self.now_ms)
        self._feel()

    def _feel(self) -> None:
        playing = self.button.indicator._pattern
        if playing and playing is not self._pattern:
            self.felt += [NAMES[what] for what, pattern in PATTERNS.items() if pattern is playing]
        self._pattern = playing

    def quiet(self) -> bool:
        return self.button.quiet(self.now_ms) and not self.hand.busy(self.now_ms)

    def kinds(self) -> list[int]:
        return [message.word() >> 20 for _, message in self.sent]

    def plays(self, what: int) -> bool:
        return self.button.indicator._pattern == PATTERNS[what]
