"""What the tables of requirements and SECURITY.md say is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TABLE = ROOT / "gateway/packaging/COMPLIANCE.md"
NAMED = re.compile(r"`([\w/]+\.py): (test_\w+)`")


def rows() -> list[list[str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return [row for row in cells if row[0] not in ("requirement", "provision", "---")]


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for file, name in NAMED.findall(TABLE.read_text(encoding="utf-8")):
        text = (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).exists() else ""
        if not re.search(rf"^(async )?def {name}\(", text, re.MULTILINE):
            missing.append(f"{file}: {name}")
    assert missing == []


def test_every_requirement_says_how_it_is_met_and_where_that_is_seen() -> None:
    assert len(rows()) > 40
    for requirement, how, seen in rows():
        assert requirement
        assert NAMED.fullmatch(seen) or how.startswith("does not apply"), requirement


def test_who_finds_a_fault_is_told_where_to_report_it_and_how_long_there_are_corrections() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for heading in ("## Reporting", "## Support"):
        assert heading in text
    assert re.search(r"\d+ working days", text)
    assert re.search(r"for \d+ months", text)
