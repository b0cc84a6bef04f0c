"""A plan as rows of cells, each with the line it stands in; what cannot be read is a problem with its line.

    [plan]              of all                    id;role;label;place;board;heartbeat_s
    [defaults]          of every device           button-01;panic_button;Dr Martin;Room 3;heltec_v3;900
    [defaults.ROLE]     of those with that role
    [[device]]          one each

A .toml is read statement by statement, so that one bad line hides none of the others.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tools.provision.words import say

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\- \"']+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_LONGEST_VALUE = 40  # lines
UNREADABLE = object()  # the value of a cell that is a problem already


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line, in words that say how to put it right."""

    line: int
    field: str
    what: str

    def __str__(self) -> str:
        """Say it as a person reads it."""
        return say("plan.problem", line=self.line, field=self.field, what=self.what)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, and its line."""

    value: object
    line: int


@dataclass(slots=True)
class Row:
    """A table of a .toml, or a line of a .csv: its name (`device`, `defaults`, ...) and cells."""

    name: str
    line: int
    cells: dict[str, Cell] = field(default_factory=dict)
    typed: bool = True  # False: every value is a text still


def of_toml(text: str, problems: list[Problem]) -> list[Row]:
    """Return the tables in the order of the file; add what is no TOML to `problems`."""
    rows: list[Row] = []
    lines = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        taken = 1
        content = lines[at].strip()
        header = _HEADER.fullmatch(lines[at])
        if header:
            _open(lines[at], header[1], at + 1, rows, problems)
        elif content and not content.startswith("#"):
            taken = _statement(lines, at, rows, problems)
        at += taken
    return rows


def _open(text: str, name: str, line: int, rows: list[Row], problems: list[Problem]) -> None:
    """Begin a table, and report what is wrong with its heading."""
    other = next((row.line for row in rows if row.name == name), None)
    if (name == "device") != text.lstrip().startswith("[["):
        problems.append(Problem(line, name, say("plan.brackets")))
    elif _parsed([text], 0)[0] is None:
        problems.append(Problem(line, name, say("plan.not_toml")))
    elif name != "device" and other is not None:
        problems.append(Problem(line, name, say("plan.twice", other=other)))
    rows.append(Row(name, line))


def _statement(lines: list[str], at: int, rows: list[Row], problems: list[Problem]) -> int:
    """Put one `key = value` into the last row; return how many lines it has."""
    named = _KEY.match(lines[at])
    name = named[1] if named else lines[at].split("=")[0].strip()[:40]
    table, taken = _parsed(lines, at)
    if table is None:
        problems.append(Problem(at + 1, name, say("plan.not_toml")))
        if rows:
            rows[-1].cells.setdefault(name, Cell(UNREADABLE, at + 1))
    elif not rows:
        problems.append(Problem(at + 1, name, say("plan.outside")))
    else:
        for key, value in table.items():
            _put(rows[-1], key, Cell(value, at + 1), problems)
    return taken


def _parsed(lines: list[str], at: int) -> tuple[dict[str, object] | None, int]:
    """Return the statement that begins at `at` and its lines; None and 1 where it is no TOML."""
    for taken in range(1, _LONGEST_VALUE + 1):
        if taken > 1 and (at + taken > len(lines) or _begins(lines[at + taken - 1])):
            break
        try:
            return tomllib.loads("\n".join(lines[at : at + taken])), taken
        except (ValueError, RecursionError):  # no TOML, or brackets nested without end
            continue
    return None, 1


def _begins(line: str) -> bool:
    return bool(_HEADER.fullmatch(line) or _KEY.match(line))


def _put(row: Row, name: str, cell: Cell, problems: list[Problem]) -> None:
    if name in row.cells:
        told = say("plan.twice", other=row.cells[name].line)
        problems.append(Problem(cell.line, name, told))
    else:
        row.cells[name] = cell


def of_csv(text: str, problems: list[Problem]) -> list[Row]:
    """Return a row `heading` with the columns, then the devices; the separator is the heading's."""
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    lines = _numbered(reader, problems)
    heading_line, columns = next(lines, (1, []))
    names = [name.strip() for name in columns]
    heading = Row("heading", heading_line)
    for name in names:
        if name:
            _put(heading, name, Cell(name, heading_line), problems)
    return [heading, *(_device(line, cells, names, problems) for line, cells in lines)]


class _Reader(Protocol):
    """What csv.reader returns."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def _numbered(reader: _Reader, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that is not empty with the number of its first line."""
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(line, "-", say("plan.unreadable", why=error)))


def _device(line: int, cells: list[str], names: list[str], problems: list[Problem]) -> Row:
    if any(cell.strip() for cell in cells[len(names) :]):
        problems.append(Problem(line, names[-1] if names else "-", say("plan.surplus")))
    row = Row("device", line, typed=False)
    for name, cell in zip(names, cells, strict=False):
        if name and cell.strip():
            row.cells.setdefault(name, Cell(cell.strip(), line))
    return row
