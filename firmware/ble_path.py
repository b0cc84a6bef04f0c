"""BLE as the second path of a device whose first is LoRa: the same frames, advertised for a while.

A box on the mains listens while a frame of its own may still be answered. Without a BLE radio that works
it is silent, and says so by `ok`.
"""

from firmware.core.radio_plan import RadioPlan
from firmware.hal.ble import Ble
from firmware.hal.wait import WakeFlag
from protocol.advert import frame_span
from protocol.portable import const

_HEARD_SLOTS = const(8)
_SCAN_US = const(30_000)
_ADDRESS_TRIES = const(3)
BURST_MS = const(300)
LISTEN_MS = const(8_000)  # an answer that comes later does not count as heard (SPEC 5.3)


class BlePath:
    """The radio, what it does, and until when."""

    def __init__(self, advertise_us: int, flag: WakeFlag) -> None:
        """Start the radio; a frame heard sets `flag`."""
        self.ok = True
        self._advertise_us = advertise_us
        self._plan = RadioPlan()
        self._on_air = False
        self._scanning = False
        self._radio: "Ble | None" = None
        try:
            self._radio = Ble(frame_span, flag, _HEARD_SLOTS)
        except OSError:
            self.ok = False

    def send(self, advert: bytearray, burst_ms: int, now_ms: int) -> None:
        """Advertise a frame for `burst_ms`, under an address of its own (SPEC 8)."""
        radio = self._radio
        if radio is None:
            return
        self._silence(radio)
        for _ in range(_ADDRESS_TRIES):
            if radio.new_address():
                break  # if none does: a box stands where it stands
        radio.advertise(advert, self._advertise_us)
        self._on_air = True
        self._plan.begin(burst_ms, LISTEN_MS, now_ms)

    def take(self, frame: bytearray) -> int:
        """Copy the oldest frame heard into `frame`; return its length, 0 where none waits."""
        return 0 if self._radio is None else self._radio.take(frame)

    def poll(self, listen: bool, now_ms: int) -> None:
        """Leave the air in time; scan while `listen`, or while a frame may be answered."""
        radio = self._radio
        if radio is None:
            return
        self._plan.poll(now_ms)
        if self._on_air and not self._plan.advertising(now_ms):
            radio.stop_advertising()
            self._on_air = False
        scan = listen or self._plan.listening(now_ms)
        if scan and not self._scanning:
            radio.scan(_SCAN_US, _SCAN_US)
        elif self._scanning and not scan:
            radio.stop_scanning()
        self._scanning = scan

    def advertising(self, now_ms: int) -> bool:
        """Say whether the last frame is still on air."""
        return self._on_air and self._plan.advertising(now_ms)

    def wait_ms(self, now_ms: int) -> int:
        """Return in how many ms `poll` has something to do, or -1."""
        return self._plan.wait_ms(now_ms)

    def _silence(self, radio: Ble) -> None:
        radio.stop_advertising()
        radio.stop_scanning()
        self._scanning = False
