"""The plan: which devices there are to be, checked as a whole before the first board is touched.

Every mistake is reported at once, with line, field and fix.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware.core.settings import ROLES
from tools.provision import device_plan, rows
from tools.provision.identity import Planned, Setting
from tools.provision.rows import Cell, Problem, Row
from tools.provision.words import say

_TABLES = ("plan", "defaults", "device", *(f"defaults.{role}" for role in ROLES))
_SITE_MAX = 100


class PlanRefused(Exception):
    """The plan cannot be used; `problems` has every mistake, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        """Take all that is wrong."""
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Plan:
    """Devices in the order of the file; `site` is what cards and records call the place."""

    site: str
    devices: tuple[Planned, ...]

    def named(self, device: str) -> Planned | None:
        """Return the device with this id, or None."""
        return next((planned for planned in self.devices if planned.id == device), None)


def read(path: Path) -> Plan:
    """Return the plan in a .toml or .csv; raise `PlanRefused`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        told = say("plan.unreadable", why=error.strerror)
        raise PlanRefused([Problem(0, path.name, told)]) from error
    match path.suffix.lower():
        case ".toml":
            return of_toml(content, path.stem)
        case ".csv":
            return of_csv(content, path.stem)
    raise PlanRefused([Problem(0, path.name, say("plan.ending"))])


def of_toml(content: bytes, site: str) -> Plan:
    """Return the plan of a TOML file; raise `PlanRefused`. `site` is its name where it tells none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PlanRefused([Problem(line, "-", say("plan.not_utf8"))]) from error
    problems: list[Problem] = []
    return _plan(rows.of_toml(text, problems), site, problems)


def of_csv(content: bytes, site: str) -> Plan:
    """Return the plan of a spreadsheet, UTF-8 or as Excel saves it in France; raise `PlanRefused`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    problems: list[Problem] = []
    return _plan(rows.of_csv(text, problems), site, problems)


def _plan(tables: list[Row], site: str, problems: list[Problem]) -> Plan:
    for table in tables:
        _check_names(table, problems)
    columns: Mapping[str, Cell] | None = next(
        (table.cells for table in tables if table.name == "heading"), None
    )
    if columns is not None:
        problems += [_missing(1, name) for name in device_plan.OWN if name not in columns]
    defaults = _defaults(tables, problems)
    planned = [_device(row, defaults, columns, problems) for row in tables if row.name == "device"]
    _check_ids([row for row in tables if row.name == "device"], problems)
    if not planned and not problems:
        problems.append(Problem(1, "device", say("plan.no_device")))
    devices = tuple(device for device in planned if device is not None)
    site = _site(tables, site, problems)
    if problems:
        raise PlanRefused(problems)
    return Plan(site, devices)


def _check_names(table: Row, problems: list[Problem]) -> None:
    """Report a table or a field that does not exist; a column once, in its heading."""
    if table.name not in (*_TABLES, "heading"):
        known = device_plan.near(table.name, _TABLES)
        problems.append(Problem(table.line, table.name, say("plan.unknown_table", near=known)))
        return
    known_fields = {
        "plan": ("site",),
        "device": device_plan.FIELDS,
        "heading": device_plan.FIELDS,
    }.get(table.name, device_plan.SETTINGS)
    if table.typed:
        problems += [
            Problem(cell.line, name, device_plan.unknown(name))
            for name, cell in table.cells.items()
            if name not in known_fields and cell.value is not rows.UNREADABLE
        ]


def _defaults(tables: list[Row], problems: list[Problem]) -> dict[str, dict[str, Setting]]:
    """Return the good settings of each defaults table."""
    found: dict[str, dict[str, Setting]] = {}
    for table in tables:
        if table.name.partition(".")[0] == "defaults":
            found.setdefault(table.name, {}).update(_good(table, problems))
    return found


def _good(row: Row, problems: list[Problem]) -> dict[str, Setting]:
    """Return the fields that are good alone, and report the others."""
    values: dict[str, Setting] = {}
    for name, cell in row.cells.items():
        value = cell.value
        if name not in device_plan.FIELDS or value is rows.UNREADABLE:
            continue
        if not row.typed and isinstance(value, str):
            value = device_plan.typed(name, value)
        why = device_plan.wrong(name, value)
        if why is not None:
            problems.append(Problem(cell.line, name, why))
        elif isinstance(value, (int, str)):
            values[name] = value
    return values


def _device(
    row: Row,
    defaults: Mapping[str, Mapping[str, Setting]],
    columns: Mapping[str, Cell] | None,
    problems: list[Problem],
) -> Planned | None:
    values = _good(row, problems)
    problems += [
        _missing(row.line, name)
        for name in device_plan.OWN
        if name not in row.cells and (columns is None or name in columns)
    ]
    if "role" not in values:
        return None
    role = str(values["role"])
    merged = {**defaults.get("defaults", {}), **defaults.get(f"defaults.{role}", {}), **values}
    own = {name: str(merged.pop(name, "")) for name in ("id", "label", "place")}
    if "board" not in merged:
        if "board" not in row.cells:
            problems.append(_missing(row.line, "board"))
        return None
    problems += device_plan.together(merged, row.cells, row.line)
    return Planned(own["id"], role, own["label"], own["place"], merged)


def _missing(line: int, name: str) -> Problem:
    example = device_plan.EXAMPLES.get(name, f'{name} = "heltec_v3"')
    return Problem(line, name, say("plan.missing", example=example))


def _check_ids(devices: list[Row], problems: list[Problem]) -> None:
    """Report an id that is used again; case alone tells no two apart, neither people nor files."""
    first: dict[str, int] = {}
    for row in devices:
        cell = row.cells.get("id")
        if cell is None or not isinstance(cell.value, str):
            continue
        other = first.setdefault(cell.value.lower(), cell.line)
        if other != cell.line:
            told = say("plan.taken", id=cell.value, other=other)
            problems.append(Problem(cell.line, "id", told))


def _site(tables: list[Row], name: str, problems: list[Problem]) -> str:
    cells = [table.cells["site"] for table in tables if "site" in table.cells]
    for cell in cells:
        if cell.value is rows.UNREADABLE:
            continue
        name = str(cell.value)
        if not isinstance(cell.value, str) or not 1 <= len(name) <= _SITE_MAX:
            problems.append(Problem(cell.line, "site", say("plan.site_text")))
    return name
