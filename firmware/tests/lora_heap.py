"""What a LoRa frame costs of the heap, on MicroPython: the unmodified radio on a chip of a few lines.

Prints the bytes of a busy result and those of an alert; the alert's way runs with the heap locked.
"""

import gc
import sys

import micropython

flags = 0
mode = 2
heard = bytes(range(15))
registers: "dict[int, int]" = {}


class Pin:
    IN, OUT, IRQ_RISING = 1, 3, 1

    def __init__(
        self, gpio: int, pin_mode: int = -1, *, value: int = 0, hold: bool = False
    ) -> None:
        self.gpio = gpio

    def init(self, pin_mode: int = -1, *, value: int = 0, hold: bool = False) -> None:
        pass

    def irq(self, handler: object, trigger: int) -> None:
        pass

    def value(self, level: "int | None" = None) -> int:
        return 1 if self.gpio == DIO1 and flags else 0


class SPI:
    def __init__(self, number: int, **_: object) -> None:
        pass

    def write_readinto(self, out: memoryview, into: memoryview) -> None:
        global flags, mode
        op = out[0]
        if op == 0x12:  # GetIrqStatus
            into[2] = flags >> 8
            into[3] = flags & 0xFF
        elif op == 0x02:  # ClearIrqStatus
            flags = 0
        elif op == 0x0D:  # WriteRegister
            registers[out[1] << 8 | out[2]] = out[3]
        elif op == 0x1D:  # ReadRegister
            into[4] = registers.get(out[1] << 8 | out[2], 0)
            into[3] = mode << 4
        elif op == 0x82:  # SetRx
            mode = 5
        else:
            answer_about_a_frame(op, into)


def answer_about_a_frame(op: int, into: memoryview) -> None:
    if op == 0x13:  # GetRxBufferStatus
        into[2] = 15
        into[3] = 0
    elif op == 0x1E:  # ReadBuffer
        for i in range(15):
            into[3 + i] = heard[i]
    elif op == 0x14:  # GetPacketStatus
        into[2] = 160
        into[3] = 0xF0


class FakeMachine:
    pass


FakeMachine.Pin = Pin  # type: ignore[attr-defined]  # it becomes a module
FakeMachine.SPI = SPI  # type: ignore[attr-defined]
sys.modules["machine"] = FakeMachine  # type: ignore[assignment]
DIO1 = 14

from firmware.boards.pins import LoraPins  # noqa: E402
from firmware.core.chosen import Settings  # noqa: E402
from firmware.hal.sx126x import (  # noqa: E402
    CAD_DETECTED,
    CAD_DONE,
    HEADER,
    PREAMBLE,
    RX_DONE,
    TX_DONE,
)
from firmware.hal.wait import WakeFlag  # noqa: E402
from firmware.lora import Lora  # noqa: E402

PINS = LoraPins(
    spi=1, sck=9, mosi=10, miso=11, cs=8, reset=12, busy=13, dio1=DIO1,
    tcxo_mv=1800, dio2_switch=True, max_dbm=22,
)  # fmt: skip
frame = bytearray(range(15))
answer = bytearray(24)


def heap_in_use() -> int:
    return gc.mem_alloc()  # type: ignore[attr-defined, no-any-return]  # CPython has none


gc.collect()
before = heap_in_use()
lora = Lora(PINS, Settings(whole=True), WakeFlag(), bytes(132), 0)
gc.collect()
radio_bytes = heap_in_use() - before


def tell(bits: int, now_ms: int) -> None:
    "Raise interrupts and let the radio take them."
    global flags
    flags = bits
    lora.poll(now_ms, now_ms // 1000)
    lora.wait_ms(now_ms)


def alert(now_ms: int) -> bool:
    "Send a frame, hear its answer in the window, and let the window end."
    lora.send(frame, 15, True, now_ms)
    tell(0, now_ms)
    tell(CAD_DONE, now_ms + 20)
    tell(TX_DONE, now_ms + 190)
    sent = lora.take_result()
    tell(PREAMBLE, now_ms + 300)
    tell(HEADER, now_ms + 350)
    tell(RX_DONE, now_ms + 460)
    length = lora.take(answer)
    tell(0, now_ms + 900)
    tell(0, now_ms + 1400)
    return sent == 0 and length == 15 and lora.quiet(now_ms + 1400)


def busy_result(now_ms: int) -> None:
    lora.send(frame, 15, True, now_ms)
    tell(0, now_ms)
    tell(CAD_DONE | CAD_DETECTED, now_ms + 20)
    lora.withdraw()


assert lora.ok
assert alert(1_000)
micropython.heap_lock()
right = alert(100_000)
micropython.heap_unlock()
assert right
busy_result(200_000)
gc.collect()
gc.disable()
before = heap_in_use()
busy_result(300_000)
busy_bytes = heap_in_use() - before
before = heap_in_use()
right = alert(400_000)
alert_bytes = heap_in_use() - before
gc.enable()
assert right
print(alert_bytes, busy_bytes, radio_bytes)
