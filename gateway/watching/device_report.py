"""What supervision shows of each device: where it stands, what is wrong, how long its battery lasts."""

import sqlite3
from collections import defaultdict

from gateway.watching.batteries import outlook, shown
from gateway.watching.duty import Rule, chemistry
from gateway.watching.presence import Day


def read_reports(
    connection: sqlite3.Connection, rules: tuple[Rule, ...]
) -> dict[str, dict[str, object]]:
    """Return what is shown of every enrolled device, by its id; None is what is not known.

    `supervision`, since when (Unix seconds), the codes of its `faults`, when each began and its value
    (SPEC 4.1), and the outlook of its `battery`.
    """
    states = {
        name: (state, since)
        for name, state, since in connection.execute("SELECT device, state, since FROM supervision")
    }
    faults: defaultdict[str, dict[str, tuple[int, float]]] = defaultdict(dict)
    for name, code, value, since in connection.execute(
        "SELECT device, code, value, since FROM device_fault ORDER BY device, since"
    ):
        faults[name][code] = value, since
    days: defaultdict[str, list[Day]] = defaultdict(list)
    for name, day, millivolts in connection.execute(
        "SELECT device, day, millivolts FROM battery_day ORDER BY device, day"
    ):
        days[name].append(Day(day, millivolts))
    reports: dict[str, dict[str, object]] = {}
    for name, role, own in connection.execute("SELECT id, role, chemistry FROM device").fetchall():
        state, since = states.get(name, (None, None))
        told = outlook(days[name], own or chemistry(rules, name, role))
        reports[name] = {
            "supervision": state,
            "since": since,
            "faults": list(faults[name]),
            "fault_values": {code: value for code, (value, _) in faults[name].items()},
            "faults_since": {code: begun for code, (_, begun) in faults[name].items()},
            "battery": None if told is None else shown(told),
        }
    return reports
