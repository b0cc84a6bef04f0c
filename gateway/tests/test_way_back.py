"""A gateway goes on with the database of its successor, which then goes on with what was raised."""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.cases.incident import Incident, State
from gateway.disk import journal, schema
from gateway.disk.rows import read_incidents, write_incidents
from gateway.disk.schema import MIGRATIONS, READS_FROM, NewerSchema
from gateway.disk.schema_10 import VERSION_10
from gateway.disk.store import connect
from gateway.drafts import Entry
from gateway.tests.builders import DEVICE

ROOT = Path(__file__).parents[2]
ADDS = re.compile(
    r"CREATE (TABLE|INDEX|UNIQUE INDEX) .+"
    r"|ALTER TABLE \w+ ADD COLUMN .+"
    r"|INSERT INTO compatible .+",
    re.DOTALL,
)
# What reads and writes each table. Left out below are tests of older versions, which only go forward.
WRITERS = (
    "test_alerts", "test_backup", "test_enrolment", "test_journal", "test_outbox", "test_path",
    "test_people_answer", "test_rebuild", "test_retention", "test_shared", "test_signed_command",
    "test_site", "test_store", "test_supervision_table", "test_two_gateways", "test_unheard",
    "test_visit_watch", "test_visits",
)  # fmt: skip
ABOUT_VERSIONS = "not versioned and not newer and not version_3"


def knows(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """Let the gateway know so many versions."""
    monkeypatch.setattr(schema, "MIGRATIONS", MIGRATIONS[:version])


def raised(path: Path, name: str) -> None:
    with closing(connect(path)) as connection:
        write_incidents(connection, [Incident(name, DEVICE, 1, 1, "panic", 1.0, 1.0, State.OPEN)])
        journal.append(connection, [Entry("raised", 1.0, name, DEVICE, {})], 2.0)


def test_every_incident_is_kept_on_the_way_forward_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = len(MIGRATIONS)
    names = []
    for turn, version in enumerate((newest - 1, newest, newest - 1, newest)):
        knows(monkeypatch, version)
        names.append(f"{turn:032x}")
        raised(tmp_path / "db", names[-1])
    with closing(connect(tmp_path / "db")) as connection:
        assert [one.id for one in read_incidents(connection)] == names
        assert journal.verify(connection).intact
        assert connection.execute("PRAGMA user_version").fetchone() == (newest,)


def test_a_database_that_says_so_is_refused_and_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = len(MIGRATIONS)
    raised(tmp_path / "db", "ab" * 16)
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.execute("UPDATE compatible SET reads_from = ?", (newest,))
        connection.commit()
    knows(monkeypatch, newest - 1)
    with pytest.raises(NewerSchema):
        connect(tmp_path / "db")
    knows(monkeypatch, newest)
    with closing(connect(tmp_path / "db")) as connection:
        assert len(read_incidents(connection)) == 1


def test_a_newer_database_that_does_not_say_is_refused(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "db")) as connection:
        connection.executescript("DROP TABLE compatible; PRAGMA user_version = 99")
    with pytest.raises(NewerSchema):
        connect(tmp_path / "db")


def test_a_step_only_adds_or_says_that_there_is_no_way_back() -> None:
    first = MIGRATIONS.index(VERSION_10)
    for number, script in enumerate(MIGRATIONS[first:], first + 1):
        bare = re.sub(r"--[^\n]*", "", script)
        for statement in filter(None, map(str.strip, bare.split(";"))):
            only_adds = ADDS.fullmatch(statement) is not None
            may_be_left_out = "ADD COLUMN" not in statement or (
                "NOT NULL" not in statement or "DEFAULT" in statement
            )
            assert (only_adds and may_be_left_out) or number <= READS_FROM, statement


@pytest.mark.slow
def test_all_that_writes_works_on_the_database_of_a_next_version() -> None:
    argv = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "gateway.tests.next_version",
    ]
    files = [f"gateway/tests/{name}.py" for name in WRITERS]
    done = subprocess.run(
        [*argv, "-q", "-x", "-m", "not slow", "-k", ABOUT_VERSIONS, *files],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
