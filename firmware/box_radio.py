"""The two radio paths of a call box: LoRa first, which listens always, and BLE beside it where fitted.

Every frame goes on both, the same bytes: whichever gateway hears which. While LoRa works it sets the
pace; if its chip is dead, BLE carries everything, and the news of that first. A heartbeat that nobody
answers, and a frame that found the channel busy, go by LoRa again while they are young (SPEC 9).
"""

from firmware.ble_path import BURST_MS, BlePath
from firmware.core import channel
from firmware.core.channel import BUSY, NONE, SENT
from firmware.core.chosen import Settings
from firmware.core.codec import Codec
from firmware.core.sealed import seal, unseal
from firmware.core.ticks import add, diff
from firmware.hal import power
from firmware.hal.wait import WakeFlag
from firmware.lora import Lora
from firmware.lora_receiver import sooner
from protocol.advert import HEADER_LEN
from protocol.airtime import time_on_air_us
from protocol.constants import FRAME_MIN
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import CallBoxPins


FOREVER = const(-1)
_ALERT_BURST_MS = const(2_000)
_AGAIN = const(3)


class BoxRadio:
    """Sends what `Codec` has built; takes what either radio has heard."""

    def __init__(
        self, pins: "CallBoxPins", settings: Settings, codec: Codec, flag: WakeFlag, now_s: int
    ) -> None:
        """Start both radios."""
        self._codec = codec
        self._frame = memoryview(codec.advert)[HEADER_LEN:]
        self.on_air_ms = time_on_air_us(FRAME_MIN, settings.lora_sf) // 1000 + 1
        self.lora: "Lora | None" = None
        if pins.lora is not None:
            ledger = unseal(power.kept(power.LEDGER)) or b""
            self.lora = Lora(pins.lora, settings, flag, ledger, now_s)
            self.lora.listen(True)
        self.ble: "BlePath | None" = BlePath(pins.advertise_us, flag) if pins.advertise_us else None
        self.left_air = False  # a frame of an alert has, since somebody asked
        self.by_lora = False  # how the frame taken last came
        self._may_repeat = channel.may_repeat(settings.heartbeat_s, self.on_air_ms)
        self._urgent = False
        self._repeats = False
        self._left = 0  # how often the frame may still go again
        self._again = False  # it will, or waits for its turn to
        self._again_ms = 0
        self._built_ms = 0

    def paced(self) -> bool:
        """Say whether LoRa works, and with it sets the pace."""
        return self.lora is not None and self.lora.ok

    def may_alert(self) -> bool:
        """Say whether a frame of an alert may be built: that before it has found its way."""
        return self.lora is None or not (self._urgent and self.lora.busy())

    def may_talk(self, now_ms: int) -> bool:
        """Say whether any frame may be built: nothing is under way."""
        on_ble = self.ble is not None and self.ble.advertising(now_ms)
        return not on_ble and (self.lora is None or not self.lora.busy())

    def send(self, urgent: bool, repeats: bool, now_ms: int) -> None:
        """Put the frame that the codec has built on both paths; `repeats`: until it is answered."""
        self._urgent = urgent
        self._repeats = repeats and self._may_repeat
        self._left = _AGAIN
        self._again = False
        self._built_ms = now_ms
        if self.lora is not None:
            self.lora.send(self._frame, FRAME_MIN, urgent, now_ms)
        if self.ble is not None:
            self.ble.send(self._codec.advert, _ALERT_BURST_MS if urgent else BURST_MS, now_ms)

    def answered(self) -> None:
        """A gateway has the frame sent last, or it is too old: it does not go again."""
        self._left = 0
        if self._again and self.lora is not None:
            self.lora.withdraw()
        self._again = False

    def poll(self, alert_runs: bool, now_ms: int, now_s: int) -> None:
        """Move both on."""
        if self.ble is not None:
            self.ble.poll(alert_runs, now_ms)
        if self.lora is None:
            return
        if self._again and diff(now_ms, self._built_ms) > channel.YOUNG_MS - self.on_air_ms:
            self.answered()
        self.lora.poll(now_ms, now_s)
        result = self.lora.take_result()
        if result != NONE:
            self._again = False
        if result == SENT:
            self.left_air = self._urgent
            power.keep(seal(self.lora.ledger_record(now_s)), power.LEDGER)
        if self._left and (result == BUSY or (result == SENT and self._repeats)):
            self._left -= 1
            self._again = True
            wait_ms = channel.again_ms(self.on_air_ms, power.random_below_1024())
            self._again_ms = add(now_ms, wait_ms)
        if self._again_due_ms(now_ms) == 0:
            self.lora.send(self._frame, FRAME_MIN, self._urgent, now_ms)

    def _again_due_ms(self, now_ms: int) -> int:
        """Return in how many ms the frame goes again, or `FOREVER`."""
        if not self._again or self.lora is None or self.lora.busy():
            return FOREVER
        return max(0, diff(self._again_ms, now_ms))

    def take(self, frame: bytearray) -> int:
        """Copy the oldest frame heard into `frame`; return its length, 0 where none waits."""
        length = 0
        if self.lora is not None:
            length = self.lora.take(frame)
        self.by_lora = length > 0
        if not length and self.ble is not None:
            length = self.ble.take(frame)
        return length

    def failed(self) -> int:
        """Return which radio of those fitted is dead as `RADIO_FAILED` names it, or -1."""
        if self.lora is not None and not self.lora.ok:
            return 1
        return 0 if self.ble is not None and not self.ble.ok else -1

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `poll` has something to do, or `FOREVER`."""
        soonest = FOREVER if self.lora is None else self.lora.wait_ms(now_ms)
        soonest = sooner(soonest, self._again_due_ms(now_ms))
        return sooner(soonest, FOREVER if self.ble is None else self.ble.wait_ms(now_ms))
