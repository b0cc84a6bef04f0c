"""A driver that others wrote works on the virtual SX1262: `LoRaRF`, made for the Raspberry Pi.

It finds stand-ins for `spidev` and `RPi.GPIO` that are wired to the chip, and a clock that moves
virtual time: a little at each look, so that its busy loops end.
"""

import importlib
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tools.virtual.lora_signal import channel
from tools.virtual.tests.chip_bench import FRAME, HZ, ChipBench

NRESET, BUSY = 22, 23
LOOK_US = 50
SF9_FRAME_US = 164_864


class SpiDev:
    """`spidev.SpiDev`: NSS falls and rises around each transfer."""

    def __init__(self, bench: ChipBench) -> None:
        self._bench = bench
        self.max_speed_hz = 0
        self.lsbfirst = False
        self.mode = 0

    def open(self, bus: int, device: int) -> None:
        assert (bus, device) == (0, 0)

    def xfer2(self, data: Sequence[int]) -> list[int]:
        # spidev takes the low byte of whatever it is given; the driver's sync word needs that.
        return list(self._bench.frame(*(byte & 0xFF for byte in data)))

    def close(self) -> None:
        pass


class Gpio:
    """`RPi.GPIO`, as far as the driver uses it without interrupts."""

    BCM, OUT, IN, LOW, HIGH, RISING = 11, 0, 1, 0, 1, 31

    def __init__(self, bench: ChipBench) -> None:
        self._bench = bench

    def setmode(self, mode: int) -> None:
        assert mode == self.BCM

    def setwarnings(self, flag: bool) -> None:
        pass

    def setup(self, pin: int, direction: int) -> None:
        pass

    def cleanup(self) -> None:
        pass

    def output(self, pin: int, level: int) -> None:
        assert pin == NRESET
        self._bench.chip.reset(level)

    def input(self, pin: int) -> int:
        assert pin == BUSY
        return self._bench.chip.busy.level


class Time:
    """`time` of the driver: a look at it takes a little."""

    def __init__(self, bench: ChipBench) -> None:
        self._bench = bench

    def time(self) -> float:
        self._bench.run(LOOK_US)
        return self._bench.clock.now_us / 1_000_000

    def sleep(self, seconds: float) -> None:
        self._bench.run(round(seconds * 1_000_000))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChipBench]:
    """A chip on the pins of the stand-ins; the driver is imported anew, so that it finds them."""
    ready = ChipBench()
    ready.other.modulation = channel(9)
    pi, gpio, spidev = types.ModuleType("RPi"), Gpio(ready), types.ModuleType("spidev")
    spidev.SpiDev = lambda: SpiDev(ready)  # type: ignore[attr-defined]
    pi.GPIO = gpio  # type: ignore[attr-defined]
    for name, module in (("RPi", pi), ("RPi.GPIO", gpio), ("spidev", spidev)):
        monkeypatch.setitem(sys.modules, name, module)
    yield ready
    for name in [name for name in sys.modules if name.startswith("LoRaRF")]:
        del sys.modules[name]


@pytest.fixture
def driver(bench: ChipBench, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The driver as its manual sets it up."""
    module = importlib.import_module("LoRaRF.SX126x")
    monkeypatch.setattr(module, "time", Time(bench))
    lora = module.SX126x()
    assert lora.begin(0, 0, NRESET, BUSY)
    lora.setDio2RfSwitch()
    lora.setFrequency(HZ)
    lora.setTxPower(14, lora.TX_POWER_SX1262)
    lora.setRxGain(lora.RX_GAIN_BOOSTED)
    lora.setLoRaModulation(9, 125_000, 5)
    lora.setLoRaPacket(lora.HEADER_EXPLICIT, 8, 64, True)
    lora.setSyncWord(0x12)
    return lora


def send(lora: Any, payload: bytes) -> None:
    lora.beginPacket()
    lora.put(payload)
    lora.endPacket()
    assert lora.wait(1)


def test_it_transmits(bench: ChipBench, driver: Any) -> None:
    send(driver, FRAME)
    assert driver.status() == driver.STATUS_TX_DONE
    assert [(got.payload, got.whole) for got in bench.heard] == [(FRAME, True)]
    assert driver.transmitTime() == pytest.approx(SF9_FRAME_US / 1000, abs=1)


def test_it_receives(bench: ChipBench, driver: Any) -> None:
    driver.request()
    bench.run(100_000)
    bench.other.transmit(FRAME, 14.0)
    assert driver.wait(1)
    assert driver.status() == driver.STATUS_RX_DONE
    assert driver.available() == len(FRAME)
    assert driver.get(len(FRAME)) == FRAME
    assert driver.packetRssi() == pytest.approx(-86, abs=9)
    assert driver.snr() == 13.0
    assert "rx_boosted" in bench.chip.us_in


def test_it_receives_without_end_and_answers(bench: ChipBench, driver: Any) -> None:
    driver.request(driver.RX_CONTINUOUS)
    for number in range(3):
        payload = bytes([number]) * 20
        bench.other.transmit(payload, 14.0)
        assert driver.wait(1)
        assert driver.get(driver.available()) == payload
        assert driver.status() == driver.STATUS_RX_DONE
    driver.standby()
    bench.other.listen()
    send(driver, b"answer")
    assert [got.payload for got in bench.heard] == [b"answer"]


def test_it_sees_a_damaged_packet_and_a_timeout(bench: ChipBench, driver: Any) -> None:
    driver.request(200)
    assert driver.wait(1)
    assert driver.status() == driver.STATUS_RX_TIMEOUT
    driver.request()
    now_us = bench.clock.now_us
    bench.air.jam(now_us + 120_000, now_us + 130_000, -60.0)
    bench.other.transmit(FRAME, 14.0)
    assert driver.wait(1)
    assert driver.status() == driver.STATUS_CRC_ERR


def test_it_sleeps_and_wakes_by_its_wake_pin(bench: ChipBench, driver: Any) -> None:
    driver.sleep(driver.SLEEP_WARM_START)
    bench.run(1_000_000)
    bench.chip.select(0)  # it expects NSS on a pin of its own for this
    bench.run(1_000)
    bench.chip.select(1)
    driver.wake()
    send(driver, FRAME)
    assert [got.payload for got in bench.heard] == [FRAME]


def test_the_only_objection_is_a_known_mistake_of_the_driver(bench: ChipBench, driver: Any) -> None:
    """The driver clears bit 2 of register 0736 for standard IQ; 15.4 of the datasheet sets it."""
    send(driver, FRAME)
    driver.request()
    bench.run(10_000)
    assert bench.chip.faults == ["15.4: IQ polarity register"]
