"""Among those who press, one real button: the firmware on MicroPython, and a radio head of its own.

Both are virtual boards on a virtual air. Of the button only air and motor are known here: a press counts
from its first frame on air.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from protocol.advert import from_advert
from protocol.constants import COUNTER_BLOCK, HINT_LEN, UP
from protocol.errors import ProtocolError
from protocol.hint import Hinter
from protocol.identity import incident_id
from protocol.keys import Keys
from protocol.kinds import PANIC
from protocol.messages import IncidentMessage, parse_uplink
from protocol.protect import Uplink
from tools.bench.chaos_account import Account, Pressed
from tools.demonstration import boards
from tools.demonstration.boards import HOLD_MS, MAIN_CONTACT
from tools.virtual.device import Power
from tools.virtual.realtime import RealTime
from tools.virtual.serial_port import SerialPort
from tools.virtual.wearer import Feeling
from tools.virtual.world import World

NAME = "firmware-button"
_COUNTERS = 1 << 14
_RELEASE_US = (HOLD_MS + 150) * 1_000
_T = TypeVar("_T")
_HELP = "help"  # felt when a person has taken it
_STORED = ("received", _HELP)


class FirmwareButton:
    """A button that knows nothing of this bench. `port` is where its radio head's node appears."""

    def __init__(self, folder: Path, port: Path, account: Account, seed: int) -> None:
        """Provision both boards, without power."""
        folder.mkdir()
        world = World(folder, seed=seed)
        self._world = RealTime(world)
        self._head = boards.radio_head(world)
        self._button = boards.panic_button(world, NAME)
        self._port = SerialPort(port)
        self._account = account
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pressed: Pressed | None = None
        self._waits = False  # for a person to take it
        self._air = _Air(self._button.key)
        self._last = b""

    @property
    def key(self) -> bytes:
        """Its key, to enrol."""
        return self._button.key

    @property
    def quiet(self) -> bool:
        """Say whether it sleeps, and nothing that was pressed waits for a person."""
        return not self._waits and self._button.device.power is Power.SLEEPING

    def start(self) -> None:
        """Power both."""
        self._loop = asyncio.get_running_loop()
        self._button.wearer.on_feeling = partial(self._from_thread, self._felt)
        self._button.device.radio.on_advertising = partial(self._from_thread, self._advertised)
        self._world.attach(self._port, self._head)
        self._world.start()
        self._world.do(self._head.power_on)
        self._world.do(self._button.device.power_on)

    def close(self) -> None:
        """Cut all power."""
        self._world.stop()
        self._port.close()

    def press(self) -> None:
        """Hold the button."""
        self._waits = True
        device, clock = self._button.device, self._world.world.clock

        def touch() -> None:
            device.drive(MAIN_CONTACT, 0)
            clock.after(_RELEASE_US, partial(device.drive, MAIN_CONTACT, 1))

        self._world.do(touch)

    def _from_thread(self, take: Callable[[_T], None], what: _T) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(take, what)

    def _advertised(self, data: bytes) -> None:
        if data == self._last:
            return
        self._last = data
        incident = self._air.incident(data)
        if incident is not None and incident not in self._account.presses:
            self._pressed = self._account.press(NAME, incident)

    def _felt(self, feeling: Feeling) -> None:
        if feeling.name in _STORED and self._pressed is not None:
            self._pressed.felt = True
        if feeling.name == _HELP:
            self._waits = False


class _Air:
    """Reads what one device sends."""

    def __init__(self, key: bytes) -> None:
        self._keys = Keys(key)
        self._frames = Uplink(self._keys)
        hints = Hinter(self._keys.up_hint, UP)
        self._counter_of: dict[bytes, int] = {}
        hint = bytearray(HINT_LEN)
        for counter in range(_COUNTERS):
            hints.put(counter, hint)
            self._counter_of[bytes(hint)] = counter

    def incident(self, data: bytes) -> str | None:
        """Return the incident that an advertisement raises."""
        try:
            frame = from_advert(data)
            counter = self._counter_of[frame[:HINT_LEN]]
            message = parse_uplink(self._frames.unprotect(counter, frame))
        except (ProtocolError, KeyError):
            return None
        if not isinstance(message, IncidentMessage) or message.kind != PANIC:
            return None
        first = (counter // COUNTER_BLOCK - message.block) * COUNTER_BLOCK
        return incident_id(self._keys, first).hex()
