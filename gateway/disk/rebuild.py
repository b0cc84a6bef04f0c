"""A database that is damaged or gone, set aside and made anew, so that alerts are heard all the same.

    | from                     | comes back                                                          |
    |--------------------------|---------------------------------------------------------------------|
    | the enrolment files      | every device they are of, with its key                              |
    | the damaged file, as far | devices without a file, incidents that are not closed, and what no  |
    | as it can be read        | upstream has confirmed; nothing of it is believed without a check   |
    | `high_water`             | how far counters have come; where that is lost too, all is in doubt |

The windows never come from the damaged file: an old one would take for news what was accepted since. The
journal begins a new chain; the old one stays in the file set aside, which nothing here deletes.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.cases.incident import State
from gateway.disk import durable, heard, high_water, write_ahead_log
from gateway.disk.aside import KEPT, WITH_IT, make_room, set_aside
from gateway.disk.enrolment import EnrolmentError, parse
from gateway.disk.enrolment_files import FOLDER
from gateway.disk.gateway_key import GatewayKey, KeyFault
from gateway.disk.high_water import Mark
from gateway.disk.registry import enrol, read_devices
from gateway.disk.store import connect
from gateway.events import Freshness
from gateway.frames.device import Device
from gateway.frames.device_clock import DeviceClock
from gateway.frames.device_state import DeviceState

# What a second look cannot mend: garbage, another header, pages that are gone or cannot be read.
_DAMAGED = (
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_IOERR_READ",
    "SQLITE_IOERR_SHORT_READ",
    "SQLITE_IOERR_CORRUPTFS",
    "SQLITE_IOERR_DATA",
)
LOG_LOST = "log_lost"  # the database itself is whole
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was done. `aside` is None where there was no file at all; `lost`: enrolments nobody can read."""

    why: str
    aside: Path | None
    devices: int
    incidents: int
    waiting: int
    lost: int


def make_sound(path: Path, key: GatewayKey, now: float) -> Rebuilt | None:
    """Look through the database at `path`; where it is damaged make another, at Unix seconds `now`.

    Only for whoever is the sole user of the folder. Raise `sqlite3.Error` or `OSError` where the disk
    does not even let a new one be made, and `NewerSchema`.
    """
    # Asked before SQLite begins another.
    log_is_lost = write_ahead_log.is_lost(path) or write_ahead_log.is_cut(path)
    why = damage(path) or _gone(path)
    if why is not None:
        return _rebuild(path, key, now, why)
    if log_is_lost:
        with closing(connect(path)) as connection:
            devices = _doubt_known(connection, path.parent, key, now)
        return Rebuilt(LOG_LOST, None, devices, 0, 0, 0)
    return None


def _rebuild(path: Path, key: GatewayKey, now: float, why: str) -> Rebuilt:
    """Make another database beside the old one, and only then put it in its place."""
    fresh = path.with_name(f"{path.name}.rebuilding")
    for suffix in WITH_IT:
        Path(f"{fresh}{suffix}").unlink(missing_ok=True)
    make_room(path, "damaged", KEPT - 1)  # the other one needs it now
    with closing(connect(fresh)) as connection:
        lost = _enrol_all(connection, path.parent, key)
        incidents, waiting = _rescue(connection, path, key) if path.exists() else (0, 0)
        devices = doubt_all(connection, path.parent, key, now)
        connection.execute("PRAGMA journal_mode = DELETE")  # all of it in this one file
    aside = set_aside(path, "damaged", now)
    fresh.rename(path)
    _mark_of(path).unlink(missing_ok=True)
    durable.sync_folder(path.parent)
    return Rebuilt(why, aside, devices, incidents, waiting, lost)


def suspect(path: Path, why: str) -> None:
    """Let the next start set the database aside, also where it finds nothing wrong with it."""
    durable.replace(_mark_of(path), why.encode())


def damage(path: Path) -> str | None:
    """Return what is wrong with the database, None where it is whole; raise other `sqlite3.Error`s."""
    if _mark_of(path).exists():
        return "suspect"
    if not path.exists():
        return None
    try:
        with closing(connect(path)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if not name.startswith(_DAMAGED):
            raise
        return str(name)
    return "quick_check" if found != "ok" or dangling else None


def _mark_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspect")


def _gone(path: Path) -> str | None:
    """Say that the database holds no device, while there are enrolments: it was truncated or removed."""
    if not any((path.parent / FOLDER).glob("*.age")):
        return None
    if not path.exists():
        return "missing"
    with closing(connect(path)) as connection:
        (devices,) = connection.execute("SELECT count(*) FROM device").fetchone()
    return None if devices else "empty"


def _enrol_all(connection: sqlite3.Connection, state_dir: Path, key: GatewayKey) -> int:
    """Enrol every device of which there is a file; return how many files say nothing."""
    lost = 0
    for file in sorted((state_dir / FOLDER).glob("*.age")):
        try:
            enrol(connection, parse(key.unseal(file.read_bytes())), key.seal, key.unseal)
        except (OSError, KeyFault, EnrolmentError):
            lost += 1
    return lost


def _rescue(connection: sqlite3.Connection, damaged: Path, key: GatewayKey) -> tuple[int, int]:
    """Take over what can be read and checked; return how many incidents and rows of the outbox."""

    def of_ours(row: Row) -> bool:
        key.unseal(bytes(row["sealed_key"]))  # type: ignore[call-overload]  # else it raises
        row["slot"] = None  # the old one may be another's by now
        return True

    def known(row: Row) -> bool:
        State(str(row["state"]))
        Freshness(str(row["freshness"]))
        return row["device"] in enrolled

    def awaited(row: Row) -> bool:
        starts: list[int] = json.loads(str(row["starts"]))
        return row["device"] in enrolled and all(start >= 0 for start in starts)

    def sent_to_nobody(row: Row) -> bool:
        return isinstance(json.loads(str(row["data"])), dict)

    with closing(sqlite3.connect(f"file:{damaged}?mode=ro", uri=True)) as old:
        _take_over(connection, old, "device", "true", of_ours)
        enrolled = {name for (name,) in connection.execute("SELECT id FROM device")}
        incidents = _take_over(connection, old, "incident", "state <> 'closed'", known)
        _take_over(connection, old, "visit", "ended_at IS NULL AND overdue = 0", awaited)
        waiting = _take_over(connection, old, "outbox", "delivered_at IS NULL", sent_to_nobody)
    return incidents, waiting


def _take_over(
    new: sqlite3.Connection,
    old: sqlite3.Connection,
    table: str,
    where: str,
    sound: Callable[[Row], bool],
) -> int:
    """Copy the rows that are `sound` and not there yet; return how many."""
    columns = [name for _, name, *_ in new.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join(f":{name}" for name in columns)
    statement = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    taken = 0
    for row in _readable(old, f"SELECT * FROM {table} WHERE {where}"):  # noqa: S608 - our names
        try:
            if sound(row):
                taken += new.execute(statement, dict.fromkeys(columns) | row).rowcount
        except (ValueError, TypeError, KeyError, KeyFault, sqlite3.Error):
            continue  # a row of garbage; the next may be whole
    return taken


def _readable(old: sqlite3.Connection, query: str) -> Iterator[Row]:
    """Yield the rows that come before the first that cannot be read."""
    with suppress(sqlite3.DatabaseError):
        cursor = old.execute(query)
        names = [name for name, *_ in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))


def doubt_all(connection: sqlite3.Connection, state_dir: Path, key: GatewayKey, now: float) -> int:
    """Give every device the state that is safe without its window; return how many there are."""
    marks = high_water.read(state_dir / high_water.FILE_NAME)
    devices = read_devices(connection, key.unseal)
    states = {device.id: _doubted(device, marks.get(device.id), now) for device in devices.values()}
    connection.execute("BEGIN IMMEDIATE")
    heard.rewrite(connection, states)
    connection.execute("COMMIT")
    return len(devices)


def _doubt_known(
    connection: sqlite3.Connection, state_dir: Path, key: GatewayKey, now: float
) -> int:
    """Doubt what may have been accepted beyond what the database knows; return how many devices."""
    marks = high_water.read(state_dir / high_water.FILE_NAME)
    known = heard.read_states(connection)
    devices = read_devices(connection, key.unseal)
    states = {}
    for device in devices.values():
        safe = _doubted(device, marks.get(device.id), now)
        state = states[device.id] = known.get(device.id, safe)
        state.doubt, state.clock = safe.doubt, DeviceClock()
    connection.execute("BEGIN IMMEDIATE")
    heard.rewrite(connection, states)
    connection.execute("COMMIT")
    return len(devices)


def _doubted(device: Device, mark: Mark | None, now: float) -> DeviceState:
    if mark is None or mark.life != high_water.life_of(device.keys):
        return high_water.unknown(device.floor, now)
    return high_water.doubted(mark)
