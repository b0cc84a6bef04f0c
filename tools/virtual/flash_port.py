"""The way from the CPU to its NVS: a write takes milliseconds, and a cut in it leaves old or new."""

from collections.abc import Mapping
from functools import partial
from random import Random

from tools.virtual.clock import Clock
from tools.virtual.cpu import Cpu
from tools.virtual.flash import Nvs, NvsError, Value
from tools.virtual.peripherals import Call


class FlashPort:
    """Answers `nvs_set`."""

    def __init__(self, nvs: Nvs, cpu: Cpu, clock: Clock, chance: Random) -> None:
        """Hold up `cpu` while `nvs` is written."""
        self.calls: Mapping[str, Call] = {"nvs_set": self._set}
        self._nvs = nvs
        self._cpu = cpu
        self._clock = clock
        self._chance = chance
        self._writing = False

    def cut(self) -> None:
        """Let a write that is under way have happened or not."""
        if self._writing:
            self._writing = False
            if self._chance.random() < 0.5:
                self._nvs.tear()

    def _set(self, namespace: str, key: str, kind: str, value: int | str) -> object:
        stored: Value = value if isinstance(value, int) else bytes.fromhex(value)
        code = 0
        try:
            if not self._nvs.set(namespace, key, kind, stored):
                return 0
            self._writing = True
        except NvsError as error:
            code = error.code
        took_us = self._nvs.time_us(self._chance.random())
        return self._cpu.park(self._clock.now_us + took_us, partial(self._written, code))

    def _written(self, code: int) -> None:
        self._writing = False
        self._cpu.resume(code)
