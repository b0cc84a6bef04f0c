"""SPEC.md says what the code does: its example, its numbers, the tests it names."""

import re
from pathlib import Path

from protocol import constants, link_messages
from protocol.names import COMMAND_NAMES, CONDITION_NAMES, KIND_NAMES, OP_NAMES
from protocol.tests.vector_checks import CHECKS, OF_THE_GATEWAY, load

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "protocol/SPEC.md").read_text()


def section(number: int) -> str:
    return SPEC.split(f"\n## {number}. ")[1].split("\n## ")[0]


def test_worked_example_is_the_vector() -> None:
    (example,) = load("example")
    for name, value in example.items():
        assert value in section(14), name


def test_constants_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| ([A-Z_]+) \| (\d+) \|$", section(15), re.MULTILINE))
    names = [name for name in vars(constants) if name.isupper()]
    names.remove("REFRESH_SCHEDULE_MS")
    assert {name: int(value) for name, value in rows.items()} == {
        name: getattr(constants, name) for name in names
    }


def test_refresh_schedule_gives_the_frames_of_the_table() -> None:
    age_ms, frames, sums = 0, 1, []
    for interval_ms, until_ms in constants.REFRESH_SCHEDULE_MS:
        while age_ms < until_ms:
            age_ms += interval_ms
            frames += 1
        sums.append(frames)
    assert "| " + " | ".join(map(str, sums)) + " |" in section(7)
    assert sums[-1] <= 512


def test_kinds_are_numbered_as_in_the_code() -> None:
    kinds_alone = section(4).split("\n### 4.1 ")[0]
    rows = re.findall(r"^\| (\d+) \| (\w+) \|", kinds_alone, re.MULTILINE)
    assigned = {int(number): name for number, name in rows if name != "reserved"}
    assert assigned == KIND_NAMES
    assert [int(number) for number, _ in rows] == list(range(16))


def test_conditions_are_numbered_as_in_the_code() -> None:
    rows = re.findall(r"^\| (\d+) \| (\w+) \|", section(4).split("\n### 4.1 ")[1], re.MULTILINE)
    assigned = {int(number): name for number, name in rows if name != "reserved"}
    assert assigned == CONDITION_NAMES


def test_commands_are_numbered_as_in_the_code() -> None:
    rows = re.findall(r"^\| (\d+) \| ([a-z ]+)[:a-z ]* \| ", section(7), re.MULTILINE)
    assert {int(number): name.strip().replace(" ", "_") for number, name in rows} == (COMMAND_NAMES)


def test_stages_are_numbered_as_in_the_code() -> None:
    rows = re.findall(r"^\| (\d) \| ([A-Z]+) \|", section(7), re.MULTILINE)
    assert {int(number): name.lower() for number, name in rows} == OP_NAMES


def test_link_messages_are_laid_out_as_in_the_code() -> None:
    rows = re.findall(r"^\| ([0-9a-f]{2}) \| (\w+) \| [^|]+ \| ([^|]+) \|$", section(10), re.M)
    assert {int(number, 16) for number, _, _ in rows} == set(link_messages._TYPES)
    for number, name, fields in rows:
        cls = link_messages._TYPES[int(number, 16)]
        assert cls.__name__.lower() == name.replace("_", "")
        laid = [f"{field} {abs(size) or '15..23'}" for field, size in cls.layout]
        assert fields == (", ".join(laid) or "none")


def test_threat_model_names_tests_that_exist() -> None:
    rows = [line.split("|") for line in section(13).splitlines() if line.startswith("| ")]
    named = {name for row in rows for name in re.findall(r"`(test_\w+)`", row[3])}
    existing = {
        name
        for path in ROOT.glob("*/tests/**/test_*.py")
        for name in re.findall(r"^ *(?:async )?def (test_\w+)\(", path.read_text(), re.MULTILINE)
    }
    assert len(rows) > 20
    assert named <= existing
    for row in rows[1:]:
        assert "`test_" in row[3] or row[3].strip() in ("not yet", "none can be"), row[1]


def test_vectors_are_all_named() -> None:
    named = set(re.findall(r"`(\w+)\.json`", SPEC))
    assert named == {*CHECKS, *OF_THE_GATEWAY}


def test_sections_cited_by_the_constants_exist() -> None:
    source = (ROOT / "protocol/constants.py").read_text()
    cited = {int(number) for number in re.findall(r"SPEC (\d+)", source)}
    assert cited == {3, 5, 6, 7, 8}
    assert all(f"\n## {number}. " in SPEC for number in cited)
