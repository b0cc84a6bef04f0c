"""Every target runs a moment and finds nothing; put a bug in, and moments find it."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from tools import cli
from tools.bench import fuzz
from tools.bench.fuzz import Found
from tools.bench.fuzzing import drive
from tools.bench.fuzzing.target import changed, joined, records
from tools.bench.tests.seeded_bugs import BUGS

SECONDS = 1.0
AT_MOST_S = 20.0  # who finds a bug ends there
SEEDED = str(Path(__file__).with_name("seeded_bugs.py"))
Runs = dict[str, Future[Found]]
# What each bug shows as.
SHOWN = {
    "index_error_behind_the_tag": "IndexError",
    "state_before_the_tag": "authenticate changed a state",
    "content_of_a_wrong_tag": "a device may read what no tag has proved",
    "advert_past_its_end": "IndexError",
    "line_without_crc": "a packet was taken for another",
    "enrolment_without_a_field": "KeyError",
}


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    kind = drive.engine()
    with ThreadPoolExecutor(2) as pool:
        started = {name: pool.submit(fuzz.fuzz, name, SECONDS, kind) for name in drive.TARGETS}
        for bug, (name, _) in BUGS.items():
            argv = [sys.executable, SEEDED, bug]
            started[bug] = pool.submit(fuzz.fuzz, name, AT_MOST_S, kind, argv=argv)
        yield started


@pytest.mark.slow
@pytest.mark.parametrize("name", drive.TARGETS)
def test_nothing_is_found(runs: Runs, name: str) -> None:
    found = runs[name].result()
    assert (found.finding, found.crashing) == ("", None)
    assert found.executions > 50
    assert found.edges > 10 or found.engine == "hypothesis"


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_is_found(runs: Runs, bug: str) -> None:
    found = runs[bug].result()
    assert SHOWN[bug] in found.finding
    assert found.crashing is not None


def test_the_blind_engine_finds_a_bug_too() -> None:
    bug = "state_before_the_tag"
    found = fuzz.fuzz(BUGS[bug][0], SECONDS, "hypothesis", argv=[sys.executable, SEEDED, bug])
    assert SHOWN[bug] in found.finding
    assert found.crashing is not None


@pytest.mark.parametrize("name", drive.TARGETS)
def test_seeds_and_mutations_keep_the_invariant(name: str) -> None:
    fuzzed = drive.target(name)
    seeds = fuzzed.seeds()
    for seed in seeds:
        fuzzed.one(seed)
    chance = Random(name)
    mutations = {fuzzed.mutate(chance.choice(seeds), chance) for _ in range(100)}
    assert len(mutations) > 60
    for mutated in mutations:
        fuzzed.one(mutated)


def test_atheris_drives_where_there_is_a_wheel() -> None:
    assert drive.engine() == ("atheris" if drive.has_wheel() else "hypothesis")


def test_a_change_is_single_and_records_are_what_was_joined() -> None:
    chance = Random(1)
    for _ in range(200):
        data = chance.randbytes(chance.randrange(20))
        assert abs(len(changed(data, chance)) - len(data)) <= len(data) + 1
    pieces = [b"", b"abc", bytes(31)]
    assert records(joined(pieces)) == pieces
    assert records(b"\x05ab") == [b"ab"]


@pytest.mark.parametrize("finding", ["", "IndexError: x"])
def test_the_command_tells_and_writes(
    finding: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[tuple[str, float]] = []

    def run(name: str, seconds: float, kind: str) -> Found:
        given.append((name, seconds))
        found = finding if name == "advert" else ""
        return Found(name, kind, 1_000, 50, found, b"\xab" if found else None)

    monkeypatch.setattr(fuzz, "fuzz", run)
    monkeypatch.setattr(fuzz, "engine", lambda: "hypothesis")
    monkeypatch.setattr(fuzz, "has_wheel", lambda: False)
    path = tmp_path / "figures.json"
    argv = ["bench", "fuzz", "--minutes", "0.5", "--json", str(path)]
    result = CliRunner().invoke(cli.app, argv)
    assert result.exit_code == bool(finding)
    assert given == [(name, 6.0) for name in drive.TARGETS]
    figures = json.loads(path.read_text())
    assert all(type(value) is int for value in figures.values())
    assert figures["executions"] == 5_000
    assert figures["crashes"] == figures["advert_crashes"] == bool(finding)
    assert ("IndexError: x\n  bytes: ab" in result.output) == bool(finding)
    assert "atheris has no wheel" in result.output
