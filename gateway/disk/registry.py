"""The enrolled devices as the database holds them."""

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime

from gateway.disk import heard
from gateway.disk.enrolment import Enrolment
from gateway.frames.device import Device
from protocol.keys import Keys


def read_devices(
    connection: sqlite3.Connection, unseal: Callable[[bytes], bytes]
) -> dict[str, Device]:
    """Return every device; raise what `unseal` raises."""
    devices = {}
    for (
        slot,
        name,
        role,
        label,
        place,
        heartbeat_s,
        floor,
        enrolled_at,
        sealed,
        dated,
        chemistry,
    ) in connection.execute(
        "SELECT slot, id, role, label, place, heartbeat_s, floor, enrolled_at, sealed_key, dated,"
        " chemistry FROM device ORDER BY slot"
    ):
        keys = Keys(unseal(sealed))
        dated_at = datetime.fromisoformat(dated).replace(tzinfo=UTC).timestamp()
        devices[name] = Device(
            slot,
            name,
            role,
            label,
            place,
            heartbeat_s,
            floor,
            enrolled_at,
            keys,
            dated_at,
            chemistry,
        )
    return devices


def enrol(
    connection: sqlite3.Connection,
    enrolment: Enrolment,
    seal: Callable[[bytes], bytes],
    unseal: Callable[[bytes], bytes],
) -> str:
    """Write a device; return "new", "updated" (the same key again) or "replaced" (another key).

    A new key begins a new life of counters: what was remembered of the old one is forgotten.
    The same key never lowers what is remembered.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = _enrol(connection, enrolment, seal, unseal)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return result


def _enrol(
    connection: sqlite3.Connection,
    enrolment: Enrolment,
    seal: Callable[[bytes], bytes],
    unseal: Callable[[bytes], bytes],
) -> str:
    row = connection.execute(
        "SELECT sealed_key FROM device WHERE id = ?", (enrolment.id,)
    ).fetchone()
    described = (
        enrolment.role,
        enrolment.label,
        enrolment.place,
        enrolment.heartbeat_s,
        enrolment.date,
        enrolment.chemistry,
    )
    if row is None:
        connection.execute(
            "INSERT INTO device"
            " (role, label, place, heartbeat_s, dated, chemistry, id, sealed_key, floor, enrolled_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*described, enrolment.id, seal(enrolment.key), enrolment.counter, time.time()),
        )
        return "new"
    connection.execute(
        "UPDATE device SET role = ?, label = ?, place = ?, heartbeat_s = ?, dated = ?, chemistry = ?"
        " WHERE id = ?",
        (*described, enrolment.id),
    )
    if unseal(row[0]) == enrolment.key:
        return "updated"
    connection.execute(
        "UPDATE device SET sealed_key = ?, floor = ?, enrolled_at = ? WHERE id = ?",
        (seal(enrolment.key), enrolment.counter, time.time(), enrolment.id),
    )
    heard.forget(connection, enrolment.id)
    return "replaced"


def unenrol(connection: sqlite3.Connection, device: str) -> str:
    """Forget a device of a gateway that does not run; return "done" or why not.

    What is remembered of it goes with it, so that its next enrolment begins a new life.
    """
    connection.execute("BEGIN IMMEDIATE")
    result = _counted_on(connection, device) or forget(connection, device)
    connection.execute("COMMIT" if result == "done" else "ROLLBACK")
    return result


def _counted_on(connection: sqlite3.Connection, device: str) -> str | None:
    """Return why somebody still counts on a device, or None."""
    for why, query in (
        ("open_incident", "SELECT 1 FROM incident WHERE device = ? AND state <> 'closed'"),
        (
            "running_visit",
            (
                "SELECT 1 FROM visit WHERE device = ? AND due_at IS NOT NULL AND ended_at IS NULL"
                " AND NOT overdue"
            ),
        ),
    ):
        if connection.execute(query, (device,)).fetchone():
            return why
    return None


def forget(connection: sqlite3.Connection, device: str) -> str:
    """Delete a device within the caller's transaction; return "done" or "unknown_device"."""
    cursor = connection.execute("DELETE FROM device WHERE id = ?", (device,))
    return "done" if cursor.rowcount else "unknown_device"
