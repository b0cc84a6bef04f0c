"""An SX1262 on a table: its pins in the hands of a test, and a radio of somebody else beside it."""

import random

from tools.virtual.clock import Clock
from tools.virtual.lora_air import LoraAir
from tools.virtual.lora_radio import Reception
from tools.virtual.lora_signal import channel
from tools.virtual.sx1262 import Sx1262
from tools.virtual.sx1262_config import Fitting

HZ = 869_525_000
FRAME = bytes(range(1, 16))
SET_STANDBY, SET_SLEEP, SET_TX, SET_RX, SET_CAD, SET_FS = 0x80, 0x84, 0x83, 0x82, 0xC5, 0xC1
WRITE_REGISTER, READ_REGISTER, WRITE_BUFFER, READ_BUFFER = 0x0D, 0x1D, 0x0E, 0x1E
GET_IRQ, CLEAR_IRQ, GET_STATUS, GET_ERRORS, CLEAR_ERRORS = 0x12, 0x02, 0xC0, 0x17, 0x07
CALIBRATE, SET_TCXO, SET_PACKET_TYPE, PACKET_PARAMS = 0x89, 0x97, 0x8A, 0x8C
CONTINUOUS = (0xFF, 0xFF, 0xFF)


class ChipBench:
    """The chip after its power-up; `other` is a radio that listens."""

    def __init__(self, fitting: Fitting | None = None, *, powered: bool = True) -> None:
        self.clock = Clock()
        self.air = LoraAir(self.clock, random.Random(1), 0.0)
        self.chip = Sx1262(self.clock, self.air.radio("chip"), fitting)
        self.other = self.air.radio("other")
        self.heard: list[Reception] = []
        self.other.on_packet = self.heard.append
        self.other.listen()
        self.dio1: list[tuple[int, int]] = []
        self.chip.on_dio1 = lambda level: self.dio1.append((self.clock.now_us, level))
        if powered:
            self.chip.power(1)
            self.ready()

    def run(self, us: int) -> None:
        until_us = self.clock.now_us + us
        while self.clock.step(until_us):
            pass

    def ready(self) -> int:
        """Wait until BUSY is low; return how long that took."""
        begun_us = self.clock.now_us
        while self.chip.busy.level:
            assert self.clock.step(begun_us + 1_000_000), "BUSY stays high"
        return self.clock.now_us - begun_us

    def frame(self, *data: int) -> bytes:
        """Send bytes while NSS is low, ready or not; return what came back."""
        self.chip.select(0)
        answer = self.chip.transfer(bytes(data))
        self.chip.select(1)
        return answer

    def command(self, opcode: int, *parameters: int, read: int = 0) -> bytes:
        """Wait for BUSY, send a command, return the last `read` bytes that came back."""
        self.ready()
        answer = self.frame(opcode, *parameters, *bytes(read))
        return answer[len(answer) - read :]

    def irq(self) -> int:
        return int.from_bytes(self.command(GET_IRQ, 0, read=2), "big")

    def errors(self) -> int:
        return int.from_bytes(self.command(GET_ERRORS, 0, read=2), "big")

    def mode(self) -> int:
        return self.command(GET_STATUS, read=1)[0] >> 4

    def status(self) -> int:
        return self.command(GET_STATUS, read=1)[0] >> 1 & 7

    def register(self, address: int) -> int:
        return self.command(READ_REGISTER, address >> 8, address & 0xFF, 0, read=1)[0]

    def write_register(self, address: int, value: int) -> None:
        self.command(WRITE_REGISTER, address >> 8, address & 0xFF, value)

    def set_up(self, sf: int = 9, length: int = len(FRAME)) -> None:
        """Set everything that a datasheet asks for, at 14 dBm."""
        steps = round(HZ * (1 << 25) / 32_000_000)
        self.command(SET_PACKET_TYPE, 1)
        self.command(0x98, 0xD7, 0xDB)
        self.command(0x86, *steps.to_bytes(4, "big"))
        self.command(0x95, 2, 2, 0, 1)
        self.command(0x8E, 22, 4)
        self.command(0x8F, 0, 128)
        self.command(0x8B, sf, 4, 1, int(sf > 10))
        self.command(PACKET_PARAMS, 0, 8, 0, length, 1, 0)
        self.command(0x88, 2, 24, 10, 0, 0, 0, 0)
        self.command(0x9D, 1)
        self.command(0x08, 3, 0xFF, 3, 0xFF, 0, 0, 0, 0)
        self.write_register(0x0889, 0x05)
        self.write_register(0x08D8, 0xDE)
        self.other.modulation = channel(sf)
        self.other.listen()

    def send(self, payload: bytes = FRAME) -> None:
        """Put `payload` in the buffer and transmit it, without waiting for its end."""
        self.command(WRITE_BUFFER, 0, *payload)
        self.command(SET_TX, 0, 0, 0)
        self.ready()

    def received(self) -> bytes:
        """Read the last packet from the buffer."""
        length, start = self.command(0x13, 0, read=2)
        return self.command(READ_BUFFER, start, 0, read=length)

    def hear(self, payload: bytes = FRAME) -> None:
        """Let the other radio send `payload`, and half a second pass."""
        self.other.transmit(payload, 14.0)
        self.run(500_000)
