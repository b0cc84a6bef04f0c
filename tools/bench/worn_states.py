"""Runs devices on the virtual bench, and says how long they were in which state."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from firmware.boards import esp32c3_lora, esp32s3_lora
from firmware.boards.pins import LoraPins
from firmware.core import records, settings
from protocol.kinds import STORED
from tools.virtual.chips import CHIPS, S3
from tools.virtual.device import Device, Power
from tools.virtual.energy import BOOT, OFF, SLEEP
from tools.virtual.lora_peer import LoraPeer
from tools.virtual.peer import Peer
from tools.virtual.world import World

States = Mapping[str, float]  # us in each

_KEY = bytes(range(16))
_ANSWER_US = 150_000  # serial line, a commit to a card with its sync, and back
_PATIENCE_S = 400 * 24 * 3600.0
_CONTACT = 3
_HOLD_S = 1.0
_BOX = esp32s3_lora.CALL_BOX


@dataclass(frozen=True)
class Case:
    """A button's life: what it is, how often it says that it lives, who hears it."""

    chip: str = "esp32c3"
    board: str = "esp32c3_devkit"
    interval_s: int = 900
    by_ble: bool = True
    by_lora: bool = False


@dataclass(frozen=True)
class Beat:
    """What one heartbeat takes: mean us in each state but sleep."""

    us: States

    def mas(self, draws: Mapping[str, float], wake_ms: float) -> float:
        """Return its charge in mA x s, with `wake_ms` instead of the boot that was seen."""
        return charge_mas({**self.us, BOOT: wake_ms * 1000}, draws)


def charge_mas(spent: States, draws: Mapping[str, float]) -> float:
    """Return what was drawn in some states, in mA x s."""
    return sum(draws.get(state, 0.0) * us for state, us in spent.items()) / 1_000_000


class _LateGateway(Peer):
    """A gateway that takes as long as one with a disk."""

    def answer(self, op: int, counter: int, seconds: float = 0.4, seq: int = 0) -> None:
        """Advertise an answer a little later."""
        late = partial(super().answer, op, counter, seconds, seq)
        self._world.clock.after(_ANSWER_US, late)


def heartbeats(firmware: Path, case: Case, beats: int) -> Beat:
    """Run a worn button for so many heartbeats after it has settled."""
    with (
        TemporaryDirectory(prefix="tocsin-battery-") as scratch,
        World(Path(scratch), firmware=firmware) as world,
    ):
        device = _button(world, case)
        counters = range(16 * beats + 64)
        if case.by_ble:
            _LateGateway(world, _KEY, counters).answer_op = STORED
        if case.by_lora:
            LoraPeer(world, {"button": _KEY}, counters).answer_op = STORED
        world.run_for(6 * case.interval_s)
        _sleep_after(world, device, device.boots)
        before, boots = device.energy.us(), device.boots
        _sleep_after(world, device, boots + beats)
        spent = _since(device, before)
    return Beat({name: us / beats for name, us in spent.items() if name not in (SLEEP, OFF)})


def alert_hour(firmware: Path, case: Case) -> States:
    """Return the states of an hour of an alert that nobody hears."""
    with (
        TemporaryDirectory(prefix="tocsin-battery-") as scratch,
        World(Path(scratch), firmware=firmware) as world,
    ):
        device = _button(world, case)
        _sleep_after(world, device, device.boots)
        device.drive(_CONTACT, 0)
        world.run_for(_HOLD_S)
        device.drive(_CONTACT, 1)
        before = device.energy.us()
        world.run_for(3600)
        return _since(device, before)


def box_hour(firmware: Path) -> States:
    """Return the states of an hour of a call box whose mains are lost, and which nobody presses."""
    with (
        TemporaryDirectory(prefix="tocsin-battery-") as scratch,
        World(Path(scratch), firmware=firmware) as world,
    ):
        device = world.device("box", S3)
        _provision(device, {"role": "call_box", "board": "esp32s3_lora"}, _BOX.lora)
        LoraPeer(world, {"box": _KEY}).answer_op = STORED
        for gpio in (_BOX.tamper, _BOX.cabinet, _BOX.mains):
            device.drive(gpio, 0)
        device.power_on()
        world.run_for(600)
        before = device.energy.us()
        world.run_for(3600)
        return _since(device, before)


def _button(world: World, case: Case) -> Device:
    device = world.device("button", CHIPS[case.chip])
    values: dict[str, int | str] = {
        "role": "panic_button",
        "board": case.board,
        "heartbeat_s": case.interval_s,
    }
    has_lora = case.board == "esp32c3_lora"
    _provision(device, values, esp32c3_lora.PANIC_BUTTON.lora if has_lora else None)
    device.power_on()
    return device


def _provision(device: Device, values: dict[str, int | str], lora: LoraPins | None) -> None:
    device.nvs.set("tocsin", "settings", "blob", settings.pack(values))
    device.nvs.set("tocsin", "secret", "blob", records.pack_secret(_KEY, 0))
    if lora is not None:
        device.fit_lora(lora)


def _since(device: Device, before: States) -> dict[str, float]:
    return {name: us - before.get(name, 0.0) for name, us in device.energy.us().items()}


def _sleep_after(world: World, device: Device, boots: int) -> None:
    def asleep() -> bool:
        return device.boots >= boots and device.power is Power.SLEEPING

    if not world.run_until(asleep, _PATIENCE_S):
        raise RuntimeError("the button never slept")
