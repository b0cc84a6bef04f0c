"""Lines for journald: how urgent each is, and only where journald is at the other end."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

from gateway.telemetry import journald

# Writes as often as there are arguments, each time with another JOURNAL_STREAM.
WRITE = """
import os, sys
from gateway.telemetry.logbook import Logbook
stat = os.fstat(2)
for told in sys.argv[1:]:
    os.environ["JOURNAL_STREAM"] = told.format(dev=stat.st_dev, ino=stat.st_ino)
    logbook = Logbook("json")
    logbook.line("fault", 1.0, source="store")
    logbook.line("heartbeat", 1.0)
"""
JOURNALD = "{dev}:{ino}"
OTHERS = ("", "{dev}:1", "9:{ino}")


def test_lines_for_journald_begin_with_their_priority_and_those_for_others_do_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log"
    with path.open("wb") as stream:
        argv = [sys.executable, "-c", WRITE, JOURNALD, *OTHERS]
        subprocess.run(argv, stderr=stream, check=True)
    fault, rest, *others = path.read_text(encoding="utf-8").splitlines()
    assert fault.startswith("<3>{")
    assert json.loads(fault[3:])["source"] == "store"
    assert rest.startswith("<6>{")
    assert len(others) == 2 * len(OTHERS)
    assert all(line.startswith("{") for line in others)


def test_what_is_no_file_is_not_journald() -> None:
    assert not journald.reads(StringIO(), {"JOURNAL_STREAM": "1:2"})
