"""LoRa beside BLE on a worn device: which frames it takes, too, and its chip, started when it is needed."""

from firmware.core.channel import SENT
from firmware.core.chosen import Settings
from firmware.core.codec import Codec
from firmware.core.lora_share import LoraShare, exchange_ms, least_refresh_ms
from firmware.core.sealed import seal, unseal
from firmware.hal import power
from firmware.hal.wait import WakeFlag
from protocol.advert import HEADER_LEN
from protocol.airtime import time_on_air_us
from protocol.constants import FRAME_MIN
from protocol.portable import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import LoraPins
    from firmware.lora import Lora

FOREVER = const(-1)


class WornLora:
    """The second way: the same bytes under the same counter, whenever the channel and its rules allow."""

    def __init__(self, settings: Settings, pins: "LoraPins", flag: WakeFlag, codec: Codec) -> None:
        """Take what the board has; the chip is left alone."""
        self._settings = settings
        self._pins = pins
        self._flag = flag
        self._codec = codec
        self._sent = memoryview(codec.advert)[HEADER_LEN:]
        self._share = LoraShare()
        self._lora: "Lora | None" = None
        self._toa_us = time_on_air_us(FRAME_MIN, settings.lora_sf)

    def least_refresh_ms(self) -> int:
        """Return the least time between two frames of an alert."""
        return least_refresh_ms(self._toa_us)

    def answer_ms(self) -> int:
        """Return how long an answer may take."""
        return exchange_ms(self._toa_us)

    def start(self, now_s: int) -> None:
        """Start the chip."""
        if self._lora is None:
            from firmware.lora import Lora  # what is not needed is not loaded

            record = unseal(power.kept(power.LEDGER)) or b""
            self._lora = Lora(self._pins, self._settings, self._flag, record, now_s)

    def offer(self, urgent: bool, needed: bool, now_ms: int, now_s: int) -> None:
        """Send the frame that the codec has just made, too, if it is `urgent`, `needed`, or its turn."""
        if not self._share.takes(self._codec.counter.next - 1, urgent, needed, now_ms):
            return
        self.start(now_s)
        lora = self._lora
        if lora is None or (urgent and not lora.quiet(now_ms)):
            return  # an answer may come: what is refreshed meanwhile goes by BLE alone
        lora.send(self._sent, FRAME_MIN, urgent, now_ms)
        self._share.sent(urgent, self._toa_us, now_ms)

    def poll(self, now_ms: int, now_s: int) -> None:
        """Do what is due."""
        if self._lora is not None:
            self._lora.poll(now_ms, now_s)
            if self._lora.take_result() == SENT:
                self._keep_ledger(self._lora, now_s)

    def take(self, frame: bytearray) -> int:
        """Copy the oldest frame heard into `frame`; return its length, 0 where none waits."""
        return 0 if self._lora is None else self._lora.take(frame)

    def answered(self) -> None:
        """Await no further answer to the frame that was sent."""
        if self._lora is not None:
            self._lora.close_window()

    def failed(self, otherwise: bool) -> bool:
        """Say whether the chip does not answer; `otherwise` where it was not started."""
        return otherwise if self._lora is None else not self._lora.ok

    def quiet(self, now_ms: int) -> bool:
        """Say whether nothing is under way nor awaited."""
        return self._lora is None or self._lora.quiet(now_ms)

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `poll` has something to do, or `FOREVER`."""
        return FOREVER if self._lora is None else self._lora.wait_ms(now_ms)

    def sleep(self, now_s: int) -> None:
        """Park the chip before the board sleeps."""
        if self._lora is not None:
            self._lora.sleep()
            self._keep_ledger(self._lora, now_s)

    def _keep_ledger(self, lora: "Lora", now_s: int) -> None:
        power.keep(seal(lora.ledger_record(now_s)), power.LEDGER)
