"""The radio head's heap on 32 bits: bounded, and no larger after a day than after its first hour."""

import random
from pathlib import Path

import pytest

from firmware.tests.wired import Station, Wired
from protocol.advert import to_advert
from protocol.link_messages import LORA, Health, Ping, Pong, Received
from tools import micropython
from tools.flashed import flashed

# The program, some 20 kB of shims, and what one reading of the virtual line needs at once.
HEAPS = {"esp32s3_devkit": "144k", "esp32s3_lora": "192k"}

# The program as it is; beside it, what is left of its heap, once a minute.
MEASURED = """
import gc
import _air

ask = _air.call
due_us = 0

def asked(*call):
    global due_us
    if _air.now_us >= due_us:
        due_us = _air.now_us + 60_000_000
        gc.collect()
        print("heap", gc.mem_alloc())
    return ask(*call)

_air.call = asked
from firmware import start
start.run()
"""


@pytest.fixture(scope="module")
def tree() -> Path:
    """What is on a board: .mpy files; here for the CPU of the 32-bit interpreter."""
    return flashed("radio_head", "x86")


def measured(tmp_path: Path, tree: Path, board: str) -> Wired:
    main = tmp_path / "measured.py"
    main.write_text(MEASURED)
    argv = [*micropython.command("i386"), "-X", f"heapsize={HEAPS[board]}"]
    return Wired(tmp_path, board=board, firmware=tree, main=main, micropython_argv=argv)


def heaps(wired: Wired) -> list[int]:
    """Return the bytes in use, once a minute; the log holds nothing else."""
    lines = wired.log.read_text().splitlines()
    assert all(line.startswith("heap ") for line in lines)
    return [int(line.split()[1]) for line in lines]


class Traffic:
    """Frames of ours and of others heard, answers to send, some of them too many at once."""

    def __init__(self, wired: Wired, seed: int) -> None:
        self.rng = random.Random(seed)
        self._wired = wired
        self._radios = [wired.world.ble.radio(name, lambda _: None) for name in "ab"]

    def minute(self) -> None:
        rng, wired = self.rng, self._wired
        for radio, payload in zip(
            self._radios, (bytes(to_advert(rng.randbytes(15))), rng.randbytes(31)), strict=True
        ):
            wired.advertise(radio, payload, rng.randrange(30_000, 60_000))
        for number in range(rng.randrange(1, 40)):
            wired.transmit(number, rng.randrange(64), rng.randbytes(15), rng.randrange(1, 900))
        wired.device.uart_feed(rng.randbytes(rng.randrange(300)) + b"\0")
        wired.say(*(Ping(number) for number in range(rng.randrange(70))))
        wired.world.run_for(1.5)
        for radio in self._radios:
            radio.stop_advertising()
        wired.world.run_for(58.5)
        wired.messages.clear()
        wired.on_air.clear()


def steady(found: list[int]) -> None:
    early, late = found[30:60], found[-30:]
    assert max(late) <= max(early) + 512, "no more than a list that grew to its size"


@pytest.mark.slow
def test_a_day_of_traffic_takes_no_more_heap_than_an_hour(tmp_path: Path, tree: Path) -> None:
    with measured(tmp_path, tree, "esp32s3_devkit") as wired:
        traffic = Traffic(wired, seed=4)
        for minute in range(24 * 60):
            if minute % 8 == 0:
                traffic.minute()
            else:
                wired.world.run_for(60)
        wired.say(Ping(1))
        wired.world.run_for(1)
        assert wired.said(Pong)[-1].token == 1
        assert wired.said(Health)[-1].uptime > 86_000
        found = heaps(wired)
        print(f"heap of the head: {max(found)} bytes, {found[-1]} at the end")
        steady(found)


@pytest.mark.slow
def test_lora_takes_no_more_heap_either(tmp_path: Path, tree: Path) -> None:
    with measured(tmp_path, tree, "esp32s3_lora") as wired:
        traffic = Traffic(wired, seed=5)
        rng = traffic.rng
        station = Station(wired)
        for minute in range(100):
            station.send(rng.randbytes(rng.choice((15, 15, 23, 40))))
            for number in range(rng.randrange(40)):
                wired.send_lora(number, number, rng.randbytes(15), ms=rng.choice((0, 900)))
            if minute % 5 == 0:
                traffic.minute()
            else:
                wired.world.run_for(60)
        wired.messages.clear()
        station.send(bytes(15))
        wired.world.run_for(1)
        assert [one.medium for one in wired.said(Received)] == [LORA]
        found = heaps(wired)
        print(f"heap of the head with LoRa: {max(found)} bytes, {found[-1]} at the end")
        steady(found)
