"""The radios of a worn device: BLE, and LoRa where the board has it, with one frame on both.

Each is started when it is first needed: what only feels or sleeps needs neither.
"""

import gc

from firmware.core import radio_plan
from firmware.core.button import Button
from firmware.core.chosen import Settings
from firmware.core.codec import Codec
from firmware.core.query import BLE_MS
from firmware.hal.ble import Ble
from firmware.hal.wait import WakeFlag
from protocol.advert import frame_span
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import ButtonPins
    from firmware.worn_lora import WornLora

FOREVER = const(-1)
_SCAN_US = const(30_000)
_GLANCE_US = const(300_000)  # 60 ms of listening in 300: a fifth
_GLANCE_WINDOW_US = const(60_000)
_HEARD_SLOTS = const(8)
_ADDRESS_TRIES = const(3)
_LONGEST_FRAME = const(24)


class WornAir:
    """What `Button.plan` wants is done by `follow`; what was heard is given by `take`, in `frame`."""

    def __init__(
        self,
        settings: Settings,
        pins: "ButtonPins",
        flag: WakeFlag,
        codec: Codec,
        ble_answers: bool,
    ) -> None:
        """Take what the board has, and whether BLE was answered last time; nothing is started yet."""
        self._codec = codec
        self._advertise_us = pins.advertise_us
        self._flag = flag
        self._ble: "Ble | None" = None
        self.lora: "WornLora | None" = None
        if pins.lora is not None:
            gc.collect()  # one hole for it: a board with LoRa has the least to spare
            from firmware.worn_lora import WornLora  # a board without it does not load it

            self.lora = WornLora(settings, pins.lora, flag, codec)
        self.ble_answers = ble_answers
        self.ble_failed = False
        self.frame = bytearray(_LONGEST_FRAME)
        self._by_ble = False  # what was taken last
        self._scan = radio_plan.OFF
        self._on_air = False
        self._address_is_new = False
        self._awaited = False  # an answer by BLE

    def least_refresh_ms(self) -> int:
        """Return the least time between two frames of an alert."""
        return 0 if self.lora is None else self.lora.least_refresh_ms()

    def answer_ms(self) -> int:
        """Return how long an answer to a question may take."""
        return BLE_MS if self.lora is None else max(BLE_MS, self.lora.answer_ms())

    def start(self) -> bool:
        """Start BLE, with an address nobody has seen; say whether that took its time."""
        if self._ble is not None or self.ble_failed:
            return False
        try:
            self._ble = Ble(frame_span, self._flag, _HEARD_SLOTS)
            self._renew_address(self._ble)
        except OSError:
            if self.lora is None:
                raise  # a start may bring it back, and nothing else can
            self.ble_failed = True
        return True

    def send(self, button: Button, urgent: bool, now_ms: int, now_s: int) -> None:
        """Put the frame that the codec has just made on air, as `button` plans it."""
        if self._ble is not None:
            self._send_by_ble(self._ble)
            self._awaited = button.plan.listening(now_ms)
        if self.lora is not None:
            needed = not self.ble_answers or button.query.open()
            self.lora.offer(urgent, needed, now_ms, now_s)

    def follow(self, button: Button, now_ms: int, now_s: int) -> None:
        """Do what the plan of `button` asks of the radios."""
        if self._ble is not None:
            self._follow_by_ble(self._ble, button, now_ms)
        if self.lora is not None:
            self.lora.poll(now_ms, now_s)

    def take(self) -> int:
        """Return the length of the next frame heard, 0 where none waits."""
        length = 0 if self._ble is None else self._ble.take(self.frame)
        self._by_ble = length > 0
        if not length and self.lora is not None:
            length = self.lora.take(self.frame)
        return length

    def answered(self) -> None:
        """Take note that the frame taken last was an answer to one of ours."""
        if self._by_ble:
            self.ble_answers = True
            self._awaited = False
        elif self.lora is not None:
            self.lora.answered()

    def quiet(self, now_ms: int) -> bool:
        """Say whether nothing is under way nor awaited by LoRa; BLE follows the plan."""
        return self.lora is None or self.lora.quiet(now_ms)

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `follow` has something to do by LoRa, or `FOREVER`."""
        return FOREVER if self.lora is None else self.lora.wait_ms(now_ms)

    def sleep(self, now_s: int) -> None:
        """Leave the air altogether."""
        if self._ble is not None:
            self._silence(self._ble)
        if self.lora is not None:
            self.lora.sleep(now_s)

    def _send_by_ble(self, ble: Ble) -> None:
        if self._on_air or self._scan != radio_plan.OFF or not self._address_is_new:
            self._silence(ble)
            self._renew_address(ble)
        ble.advertise(self._codec.advert, self._advertise_us)
        self._on_air = True
        self._address_is_new = False

    def _follow_by_ble(self, ble: Ble, button: Button, now_ms: int) -> None:
        if self._on_air and not button.plan.advertising(now_ms):
            ble.stop_advertising()
            self._on_air = False
        scan = button.scan(now_ms)
        if scan != self._scan:
            ble.stop_scanning()
            self._scan = scan
            if scan == radio_plan.LISTEN:
                ble.scan(_SCAN_US, _SCAN_US)
            elif scan == radio_plan.GLANCE:
                ble.scan(_GLANCE_US, _GLANCE_WINDOW_US)
        if not self._on_air and scan == radio_plan.OFF:
            self._window_over(ble)

    def _window_over(self, ble: Ble) -> None:
        if self._awaited:
            self._awaited = self.ble_answers = False
        if not self._address_is_new:
            self._renew_address(ble)  # now, so that the next press finds it done

    def _silence(self, ble: Ble) -> None:
        ble.stop_advertising()
        ble.stop_scanning()
        self._on_air = False
        self._scan = radio_plan.OFF

    def _renew_address(self, ble: Ble) -> None:
        """Never share an address between two frames: nobody can follow the wearer by it."""
        for _ in range(_ADDRESS_TRIES):
            if ble.new_address():
                break  # if none does: an alert that can be followed is better than none
        self._address_is_new = True
