"""How far the counters of each device have come, a second time: outside the database, for when it is lost.

    tocsin high water 1
    button-01 1f8b2c3d 4711 4871          device | life | accepted | ceiling: one line a device
    9a0c11de                              CRC-32 of all above

life       of the key: a new key begins a new life of counters
accepted   the database held it as accepted when this was written
ceiling    nothing above is accepted before this file says more: written ahead, as a device reserves

    | database                            | so                                                       |
    |-------------------------------------|----------------------------------------------------------|
    | has accepted what this file says    | it is believed                                           |
    | has not: lost, older, cut short     | goes on at `accepted`; up to `ceiling` all is in doubt   |
    | is lost, and so is this file        | everything is in doubt for a day (SPEC 6.2)              |

Whenever one device has used most of what was written ahead, all are written anew. At 5-minute heartbeats
that is 3 times a day, 45 bytes a device: 140 kB a day with 1,000 devices. An alert adds up to 5 an hour.
"""

from binascii import crc32
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.disk import durable
from gateway.frames.device import Device
from gateway.frames.device_state import DeviceState
from gateway.frames.doubt import Doubt
from gateway.ledger import Batch
from protocol.constants import COUNTER_LIMIT
from protocol.identity import incident_id
from protocol.keys import Keys

FILE_NAME = "high_water"
_TITLE = "tocsin high water 1"
# So that a device stands within what is looked for at once (SPEC 6.2.1) where only this file is left.
AHEAD = 160
_SPARE = 48
UNKNOWN_FOR_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the counters of one key have come, at least and at most."""

    life: str
    accepted: int
    ceiling: int


Marks = Mapping[str, Mark]


class HighWater:
    """The file at `path`, and what it says."""

    def __init__(self, path: Path) -> None:
        """Know nothing yet."""
        self._path = path
        self._marks: dict[str, Mark] = {}
        self._lives: dict[tuple[str, float], str] = {}

    def load(self) -> None:
        """Read the file; what is missing or damaged says nothing."""
        self._marks = read(self._path)

    def settle(self, devices: Iterable[Device], states: dict[str, DeviceState]) -> int:
        """Correct `states` where the database knows less than this file; count the devices.

        What the file says of others than `devices`, or of another key of theirs, is forgotten.
        """
        said, self._marks, behind = self._marks, {}, 0
        for device in devices:
            mark = said.get(device.id)
            if mark is None or mark.life != self._life(device):
                continue
            self._marks[device.id] = mark
            if states[device.id].window.highest < mark.accepted:
                states[device.id] = doubted(mark)
                behind += 1
        return behind

    def due(self, batch: Batch) -> Marks | None:
        """Return what must be on disk before `batch` may be, None where that is there."""
        passed = any(self._passes(batch, name, 0) for name in batch.states)
        return self._marks_of(batch) if passed else None

    def soon(self, committed: Batch) -> Marks | None:
        """Return what is better written now, behind a commit, than before one; or None."""
        near = any(self._passes(committed, name, _SPARE) for name in committed.states)
        return self._marks_of(committed, adopted=True) if near else None

    def write(self, marks: Marks) -> None:
        """Let the file say `marks`; raise `OSError`."""
        durable.replace(self._path, to_bytes(marks))
        self._marks = dict(marks)

    def _passes(self, batch: Batch, name: str, spare: int) -> bool:
        mark = self._marks.get(name)
        if mark is None or name in batch.devices:  # it may have a new key
            return name not in batch.unenrolled
        return batch.states[name].window.highest > mark.ceiling - spare

    def _marks_of(self, batch: Batch, *, adopted: bool = False) -> Marks:
        """Return the mark of each device; what `batch` drafts is accepted only once `adopted`."""
        marks = {}
        for name in (batch.known.devices | batch.devices).keys() - batch.unenrolled:
            device, known = _device(batch, name), batch.known.devices.get(name)
            drafted = batch.state(name).window.highest
            if adopted or known is None or known.enrolled_at != device.enrolled_at:
                accepted = drafted
            else:
                accepted = batch.known.states[name].window.highest
            marks[name] = Mark(self._life(device), accepted, drafted + AHEAD)
        return marks

    def _life(self, device: Device) -> str:
        key = device.id, device.enrolled_at
        if key not in self._lives:
            self._lives[key] = life_of(device.keys)
        return self._lives[key]


def life_of(keys: Keys) -> str:
    """Return what tells one key of a device from another, and nothing of the key."""
    return incident_id(keys, COUNTER_LIMIT)[:4].hex()  # no incident begins there


def doubted(mark: Mark) -> DeviceState:
    """Return the state of a device of which only `mark` is known."""
    state = DeviceState(mark.accepted + 1)
    state.doubt = Doubt(mark.ceiling + 1)
    return state


def unknown(floor: int, now: float) -> DeviceState:
    """Return the state of a device of which nothing is known but its enrolment, at gateway time `now`."""
    state = DeviceState(floor)
    state.doubt = Doubt(COUNTER_LIMIT, now + UNKNOWN_FOR_S)
    return state


def to_bytes(marks: Marks) -> bytes:
    """Return the content of the file."""
    lines = [f"{name} {m.life} {m.accepted} {m.ceiling}" for name, m in sorted(marks.items())]
    text = "".join(f"{line}\n" for line in (_TITLE, *lines)).encode()
    return text + b"%08x\n" % crc32(text)


def read(path: Path) -> dict[str, Mark]:
    """Return what the file says; nothing where it is missing or damaged."""
    try:
        stored = path.read_bytes()
    except OSError:
        return {}
    text, crc = stored[:-9], stored[-9:]
    if crc != b"%08x\n" % crc32(text):
        return {}
    marks = {}
    for line in text.decode().splitlines()[1:]:
        name, life, accepted, ceiling = line.split(" ")
        marks[name] = Mark(life, int(accepted), int(ceiling))
    return marks


def _device(batch: Batch, name: str) -> Device:
    return batch.devices.get(name) or batch.known.devices[name]
