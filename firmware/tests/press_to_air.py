"""Runs the button's own program on a rim that allocates nothing, and says what a press costs of the heap.

On MicroPython: press_to_air.py BOARD SPANS, contact levels 0 and 1 for so many ms each, joined by commas.
The first span is down: it wakes the device. From the program's first wait on the heap is locked: whatever
asks for some of it ends this script. Printed: the bytes that were used by the advertisement of the alert
all the same, and the ms until then.
"""

import gc
import sys

import micropython

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = bytes([1]) + bytes(range(16)) + (640).to_bytes(4, "big")
DEEPSLEEP_RESET = 4
GPIO_WAKE = 7


class Done(Exception):
    """The alert is on air."""


class Rim:
    """Time, and the levels at the contacts."""

    def __init__(self, spans_ms: "list[int]") -> None:
        self.now_ms = 350  # of the boot
        self.ends_ms: "list[int]" = []
        end_ms = 0
        for span_ms in spans_ms:
            end_ms += span_ms
            self.ends_ms.append(end_ms)
        self.level = 0
        self.at = 0
        self.edge: "Callable[[Pin], None] | None" = None
        self.start_bytes = -1
        self.move(0)

    def move(self, ms: int) -> None:
        until_ms = self.now_ms + ms
        while self.at < len(self.ends_ms) and self.ends_ms[self.at] <= until_ms:
            self.now_ms = max(self.now_ms, self.ends_ms[self.at])
            self.at += 1
            self.level = 1 - self.level
            if self.edge is not None:
                self.edge(main_pin)
                return
        self.now_ms = until_ms


rim = Rim([int(ms) for ms in sys.argv[2].split(",")])


class Module:
    """Stands for a module of the port."""


class Pin:
    IN = 1
    OUT = 3
    PULL_UP = 2
    IRQ_FALLING = 2
    IRQ_RISING = 1

    def __init__(self, gpio: int, mode: int = -1, pull: int = -1, value: int = 0) -> None:
        self.gpio = gpio

    def value(self, level: int = -1) -> int:
        return rim.level if self.gpio == MAIN else 1

    def irq(self, handler: "Callable[[Pin], None]", trigger: int) -> None:
        if self.gpio == MAIN:
            rim.edge = handler


class Rtc:
    stored = b""

    def memory(self, data: "bytes | None" = None) -> "bytes | None":
        if data is None:
            return Rtc.stored
        Rtc.stored = bytes(data)
        return None


class Adc:
    ATTN_11DB = 3

    def __init__(self, pin: Pin, atten: int) -> None:
        pass

    def read_uv(self) -> int:
        return 1_500_000


class Wdt:
    def __init__(self, timeout: int) -> None:
        pass

    def feed(self) -> None:
        pass


class Nvs:
    def __init__(self, name: str) -> None:
        pass

    def get_blob(self, key: str, buffer: bytearray) -> int:
        if key != "secret":
            raise OSError(-0x1102)
        record = seal(SECRET)
        buffer[: len(record)] = record
        return len(record)

    def set_blob(self, key: str, blob: bytes) -> None:
        pass

    def commit(self) -> None:
        pass


class Ble:
    def __init__(self) -> None:
        self.mac = 0

    def active(self, on: bool) -> None:
        rim.now_ms += 200

    def irq(self, handler: object) -> None:
        pass

    def config(self, name: str = "", addr_mode: int = 0) -> "tuple[int, bytes]":
        self.mac += 1
        return (1, self.mac.to_bytes(6, "big"))

    def gap_scan(self, *_: object) -> None:
        pass

    def gap_advertise(
        self, interval_us: int, payload: "bytearray | None" = None, connectable: bool = True
    ) -> None:
        if payload is not None:
            micropython.heap_unlock()
            raise Done(gc.mem_alloc() - rim.start_bytes)  # type: ignore[attr-defined]


class Poll:
    def register(self, stream: object, mask: int) -> None:
        pass

    def ipoll(self, timeout_ms: int) -> "tuple[()]":
        if rim.start_bytes < 0:
            gc.collect()
            rim.start_bytes = gc.mem_alloc()  # type: ignore[attr-defined]
            micropython.heap_lock()
        rim.move(timeout_ms)
        return ()


def module(name: str, **members: object) -> None:
    made = Module()
    for key, value in members.items():
        setattr(made, key, value)
    sys.modules[name] = made  # type: ignore[assignment]


module(
    "machine",
    Pin=Pin,
    RTC=Rtc,
    ADC=Adc,
    WDT=Wdt,
    PWRON_RESET=1,
    WDT_RESET=3,
    DEEPSLEEP_RESET=DEEPSLEEP_RESET,
    TIMER_WAKE=4,
    reset_cause=lambda: DEEPSLEEP_RESET,
    wake_reason=lambda: GPIO_WAKE,
)
module("esp32", NVS=Nvs)
module("bluetooth", BLE=Ble)
module("select", POLLIN=1, poll=Poll)
module(
    "time",
    ticks_ms=lambda: rim.now_ms,
    time=lambda: 1_000 + rim.now_ms // 1000,
    sleep_ms=lambda ms: None,
)

__import__("firmware.core.codec")  # as `firmware.start` does: imports nest, and stack is scarce
__import__("firmware.boards." + sys.argv[1])
board = sys.modules["firmware.boards." + sys.argv[1]]
MAIN = board.PANIC_BUTTON.contact_main
main_pin = Pin(MAIN)

from firmware import panic_button  # noqa: E402
from firmware.core import records  # noqa: E402
from firmware.core.chosen import Settings  # noqa: E402
from firmware.core.sealed import seal  # noqa: E402
from firmware.hal import power  # noqa: E402

kept = records.Snapshot()
kept.next_counter = 600
kept.heartbeat_due_s = 1_000_000
kept.flags = records.CLOCK_KNOWN
power.keep(kept.pack())
try:
    panic_button.run(Settings(whole=True), board.PANIC_BUTTON)
except Done as done:
    print(done.args[0], rim.now_ms)
