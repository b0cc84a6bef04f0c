"""The rows of supervision: where each device stands, its faults, the voltage of its battery day by day."""

import sqlite3

from gateway.ledger import Batch, Ledger
from gateway.watching.duty import LONGEST_SHIFT_S
from gateway.watching.presence import DAYS_KEPT, Day, Presence, Standing, Watched


def write_supervision(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write what `batch` drafts of it, in its transaction."""
    for name, watched in batch.watched.items():
        connection.execute(
            "INSERT OR REPLACE INTO supervision (device, state, since, duty_until)"
            " VALUES (?, ?, ?, ?)",
            (name, watched.state.value, watched.since, watched.duty_until_s),
        )
    for (device, code), standing in batch.standing.items():
        if standing is None:
            connection.execute(
                "DELETE FROM device_fault WHERE device = ? AND code = ?", (device, code)
            )
        else:
            connection.execute(
                "INSERT OR REPLACE INTO device_fault (device, code, value, since)"
                " VALUES (?, ?, ?, ?)",
                (device, code, standing.value, standing.since),
            )
    _write_voltages(connection, batch.voltages)


def _write_voltages(connection: sqlite3.Connection, voltages: dict[str, Day]) -> None:
    for device, day in voltages.items():
        connection.execute(
            "INSERT OR REPLACE INTO battery_day (device, day, millivolts) VALUES (?, ?, ?)",
            (device, day.day, day.millivolts),
        )
        connection.execute(
            "DELETE FROM battery_day WHERE device = ? AND day < ?", (device, day.day - DAYS_KEPT)
        )


def read_supervision(connection: sqlite3.Connection, known: Ledger, now: float) -> None:
    """Put what is stored of the devices of `known` into it; no duty lasts longer from `now` on."""
    for device, state, since, duty_until in connection.execute(
        "SELECT device, state, since, duty_until FROM supervision"
    ):
        if device in known.devices:
            until = min(duty_until, now + LONGEST_SHIFT_S)
            known.watched[device] = Watched(Presence(state), since, until)
    for device, code, value, since in connection.execute(
        "SELECT device, code, value, since FROM device_fault"
    ):
        if device in known.devices:
            known.standing[device, code] = Standing(value, since)
    for device, day, millivolts in connection.execute(
        "SELECT device, day, millivolts FROM battery_day ORDER BY device, day"
    ):
        if device in known.devices:
            known.voltages[device] = (*known.voltages.get(device, ()), Day(day, millivolts))
