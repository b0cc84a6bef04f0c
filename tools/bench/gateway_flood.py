"""Fifty alerts in the midst of a forged flood, fed where a radio hands over; run as a process of its own.

    python -m tools.bench.gateway_flood CONFIG < {"keys": [...], "per_second": n, "alerts": n}

A serial line carries no 10,000 frames a second, so here the radio is a double inside the real service: the
frames come by `deliver`, the answers by `transmit`. Half of the flood is random, half has the hint of a
frame that a known device will send and a wrong tag. Prints one JSON object, seconds from frame to answer.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from unittest import mock

from gateway import config as configuration
from gateway.disk.gateway_key import GatewayKey
from gateway.events import Received, Transmission
from gateway.radio import Deliver
from gateway.radio.head_report import HeadReport
from gateway.radio.radio_config import LoraConfig
from gateway.radio.radio_head import RadioHead
from gateway.service import Service
from gateway.tests.player import Wearer
from protocol.constants import FRAME_MIN
from tools.bench.gateway_presses import Presses

_WARM_S = 2.0
_GIVE_UP_S = 10.0
_TICK_S = 0.002
_FORGED_KINDS = 4_096


class FloodedRadio(RadioHead):
    """A radio whose air is full of forgeries."""

    def __init__(self, name: str, pattern: str, lora: LoraConfig | None = None) -> None:
        """Open nothing, ever."""
        super().__init__(name, pattern, lora)
        self.told = HeadReport(f"radio.{name}", lora or LoraConfig())
        task = json.load(sys.stdin)
        self._wearers = [Wearer(bytes.fromhex(key)) for key in task["keys"]]
        self._alerts = int(task["alerts"])
        self._per_second = float(task["per_second"])
        self._presses = Presses()
        self._fed = 0

    @property
    def up(self) -> bool:
        """It always hears."""
        return True

    async def run(self, deliver: Deliver) -> None:
        """Flood, let fifty press at once in its midst, print what came of it, and end the service."""
        flood = asyncio.create_task(self._flood(deliver))
        await asyncio.sleep(_WARM_S)
        begun, fed = time.monotonic(), self._fed
        pressed = []
        for wearer in self._wearers[: self._alerts]:
            frame = wearer.press()
            pressed.append(self._presses.make(wearer, time.time()))
            deliver(_heard(self.name, frame))
        await self._presses.until(pressed, "acked", _GIVE_UP_S)
        await asyncio.sleep(1.0)
        per_second = (self._fed - fed) / (time.monotonic() - begun)
        flood.cancel()
        times = [press.at["acked"] - press.sent_at for press in pressed if "acked" in press.at]
        print(json.dumps({"acked_s": times, "per_second": per_second}), flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    def transmit(self, transmission: Transmission) -> None:
        """Take an answer."""
        self._presses.answered(transmission.frame, time.time())

    async def _flood(self, deliver: Deliver) -> None:
        forged = self._forgeries()
        begun = time.monotonic()
        while True:
            due = int((time.monotonic() - begun) * self._per_second)
            while self._fed < due:
                deliver(_heard(self.name, forged[self._fed % len(forged)]))
                self._fed += 1
            await asyncio.sleep(_TICK_S)

    def _forgeries(self) -> list[bytes]:
        chance = random.Random(1)
        forged = []
        for number in range(_FORGED_KINDS // 2):
            forged.append(chance.randbytes(FRAME_MIN))
            wearer = self._wearers[number % len(self._wearers)]
            ahead = 16 + number // len(self._wearers) % 32
            genuine = wearer.protect(0, counter=wearer.counter + ahead)
            forged.append(genuine[:-1] + bytes([genuine[-1] ^ 1]))
        return forged


def _heard(radio: str, frame: bytes) -> Received:
    running_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    return Received(frame, radio, "ble", -60, 0, time.time(), running_s)


def main(path: Path) -> None:
    """Run the service of the configuration at `path`, its radio replaced."""
    config = configuration.load(path)
    with mock.patch("gateway.ways_in.RadioHead", FloodedRadio):
        asyncio.run(Service(config, GatewayKey.load(config.state_dir)).run())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
