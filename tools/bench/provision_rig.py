"""Virtual boards on a bench, an image for them, a plan, and a person who presses when asked."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from firmware.boards import esp32c3_devkit
from tools.demonstration.boards import radio_head
from tools.provision import batch
from tools.provision.batch import Ended
from tools.provision.head import Head
from tools.provision.identity import PANIC_BUTTON, Identity, Planned, Setting
from tools.provision.job import Job
from tools.provision.journal import Journal
from tools.provision.queue import Queue
from tools.virtual.bare.board import BareBoard
from tools.virtual.bare.rom_chip import ESP32C3
from tools.virtual.bare.stand_in import firmware
from tools.virtual.device import Device
from tools.virtual.realtime import RealTime
from tools.virtual.serial_port import SerialPort
from tools.virtual.world import World

_PINS = esp32c3_devkit.PANIC_BUTTON
BATTERY_MV = 3_050  # li_mno2, fresh


@dataclass
class Keys:
    """A store in memory: who was given what."""

    issued: list[Identity] = field(default_factory=list)
    boards: dict[str, Identity] = field(default_factory=dict)

    def issue(self, planned: Planned) -> Identity:
        """Give a key."""
        self.issued.append(Identity.of(planned))
        return self.issued[-1]

    def given(self, identity: Identity, board: str) -> None:
        """Note which board has it."""
        self.boards[board] = identity


@dataclass
class Quiet:
    """Sees boards on their way and shows nothing; `on_step` is called as one begins or goes on."""

    on_step: Callable[[str], None] = lambda _step: None
    told: list[str] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)  # port, step

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def tell(self, port: str, step: str, part: float) -> None:  # noqa: ARG002 - a step is enough
        """Keep what begins."""
        self.on_step(step)
        if (port, step) not in self.seen[-1:]:
            self.seen.append((port, step))

    def end(self, port: str, told: str, result: dict[str, Any]) -> None:  # noqa: ARG002
        """Keep the last word."""
        self.told.append(told)


def planned(number: int) -> Planned:
    """Return a button of the plan."""
    board: dict[str, Setting] = {"role": PANIC_BUTTON, "board": "esp32c3_devkit"}
    settings = {**board, "hold_ms": 700 + number}
    return Planned(f"button-{number:02}", PANIC_BUTTON, f"Button {number}", "Room 1", settings)


class Table:
    """An installer's table: a radio head on one air with boards, all at the pace of the wall clock."""

    def __init__(self, folder: Path, among: RealTime | None = None) -> None:
        """Start the head's firmware, in a world of its own or `among` others.

        `port` is where the laptop finds it, `world` is for boards.
        """
        self.world = among or RealTime(World(folder))
        self._is_own = among is None
        self.port = SerialPort(folder / "tty-table")
        if self._is_own:
            self.world.start()
        self._head = self.world.do(self._started)

    def _started(self) -> Device:
        head = radio_head(self.world.world, "table")
        self.world.attach(self.port, head)
        head.power_on()
        return head

    def put(self, board: BareBoard, db: float) -> None:
        """Let the air between the head and a board take `db` of what either sends."""
        ble, name = self.world.world.ble, board.python.device.name
        self.world.do(lambda: ble.set_path_loss(self._head.name, name, db))

    def close(self) -> None:
        """Put it away."""
        self.world.do(self._head.power_cut)
        self.world.do(self.port.unplug)
        if self._is_own:
            self.world.stop()

    def __enter__(self) -> Self:
        """Return the table."""
        return self

    def __exit__(self, *_: object) -> None:
        """Put it away."""
        self.close()


class Bench:
    """Some boards, each with a person; `run` is what the command does with them."""

    def __init__(
        self,
        folder: Path,
        boards: int,
        *,
        image_kib: int = 64,
        paced: bool = False,
        table: Table | None = None,
    ) -> None:
        """Put fresh boards on the bench; on a `table` with a radio head, or each by itself."""
        self.image = folder / "image.bin"
        self.image.write_bytes(firmware(ESP32C3, image_kib))
        self.journal = Journal(folder / "records")
        self.keys = Keys()
        self.screen = Quiet()
        self._table = table
        among = table.world if table else None
        self.boards = [
            _board(folder, number, paced=paced, among=among) for number in range(1, boards + 1)
        ]

    def run(self) -> list[Ended]:
        """Provision all boards at the same time, as one command does."""
        plan = [planned(number) for number in range(1, len(self.boards) + 1)]
        queue = Queue(plan, self.journal)
        with Head(str(self._table.port.path)) if self._table else nullcontext() as head:
            jobs = [
                Job(board.url, self.image, queue, self.journal, self.keys, head=head)
                for board in self.boards
            ]
            return batch.run(jobs, self.screen)

    def close(self) -> None:
        """Put all away."""
        for board in self.boards:
            board.close()

    def __enter__(self) -> Self:
        """Return the bench."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put all away."""
        self.close()


def _board(folder: Path, number: int, *, paced: bool, among: RealTime | None) -> BareBoard:
    mac = b"\x24\x0a\xc4\x00\x00" + bytes([number])
    board = BareBoard(folder / f"board-{number}", mac=mac, paced=paced, among=among)
    board.press_when_asked(_PINS.motor, _PINS.contact_main)
    put_battery(board, BATTERY_MV)
    return board


def put_battery(board: BareBoard, millivolts: int) -> None:
    """Put a battery into a board of the plan, behind the divider of its map."""
    divider = _PINS.battery
    assert divider is not None  # noqa: S101 - of this map
    board.put_battery(divider.adc, millivolts * 1000 / divider.ratio_1000)
