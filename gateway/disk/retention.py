"""What is forgotten, and when: personal data has a term, and no table grows for ever.

    | what                                   | kept     | because                                   |
    |----------------------------------------|----------|-------------------------------------------|
    | an incident once closed                | 365 days | the yearly review of risks looks back     |
    | who, where, what of a journal entry    | 365 days | the same; that it happened stays          |
    | an event that upstream has confirmed   | 7 days   | to look for one that a person misses      |
    | an event nobody has confirmed          | 7 days   | it helps nobody any more; alerts never go |

What is open is never touched: neither the incident, nor its entries, nor its events. The pages that become
free are used again, so the file stays as large as what one term holds. In small parts, so that an alert
waits for none of them long. Only where the wall clock is believed: one that leaps would end every term.
"""

import sqlite3
from dataclasses import dataclass

from gateway.disk import journal
from gateway.fields import Fields

DAY_S = 86_400.0
_PART = 256


@dataclass(frozen=True, slots=True)
class Retention:
    """The terms, in days."""

    incident_days: int = 365
    journal_days: int = 365
    delivered_days: int = 7
    undelivered_days: int = 7


def read_retention(root: Fields) -> Retention:
    """Return the table `[retention]` of gateway.toml."""
    fields, default = root.table("retention"), Retention()
    retention = Retention(
        incident_days=fields.number("incident_days", 1, 36_500, default.incident_days),
        journal_days=fields.number("journal_days", 1, 36_500, default.journal_days),
        delivered_days=fields.number("delivered_days", 1, 3_650, default.delivered_days),
        undelivered_days=fields.number("undelivered_days", 1, 3_650, default.undelivered_days),
    )
    fields.finish()
    return retention


def prune(connection: sqlite3.Connection, terms: Retention, now: float) -> int:
    """Forget part of what is over at `now`, Unix seconds; return how many rows, 0 when that was all.

    Within the caller's transaction.
    """
    return (
        _delivered(connection, now - DAY_S * terms.delivered_days)
        + expire(connection, now - DAY_S * terms.undelivered_days)
        + _incidents(connection, now - DAY_S * terms.incident_days)
    )


def erase_journal(connection: sqlite3.Connection, terms: Retention, now: float) -> int:
    """Erase the content of entries that are over; return of how many. Within the caller's transaction."""
    spare = [
        name for (name,) in connection.execute("SELECT id FROM incident WHERE state <> 'closed'")
    ]
    return journal.erase(connection, now - DAY_S * terms.journal_days, now, spare)


def expire(connection: sqlite3.Connection, before: float) -> int:
    """Give up part of what nobody has confirmed and is no alert; return how many rows."""
    return connection.execute(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox"
        " WHERE delivered_at IS NULL AND urgent = 0 AND at < ?"
        " AND id < (SELECT max(id) FROM outbox) LIMIT ?)",
        (before, _PART),
    ).rowcount


def _delivered(connection: sqlite3.Connection, before: float) -> int:
    return connection.execute(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE delivered_at < ?"
        " AND (incident IS NULL"
        " OR incident NOT IN (SELECT id FROM incident WHERE state <> 'closed'))"
        " AND id < (SELECT max(id) FROM outbox) ORDER BY id LIMIT ?)",
        (before, _PART),
    ).rowcount


def _incidents(connection: sqlite3.Connection, before: float) -> int:
    over = connection.execute(
        "SELECT id FROM incident WHERE state = 'closed' AND closed_at < ? AND id NOT IN"
        " (SELECT incident FROM outbox WHERE delivered_at IS NULL AND incident IS NOT NULL)"
        " LIMIT ?",
        (before, _PART),
    ).fetchall()
    for table, column in (("escalation", "incident"), ("incident", "id")):
        connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", over)  # noqa: S608
    return len(over)
