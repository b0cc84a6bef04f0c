"""What the commands print: sentences, aligned tables, or JSON where a program reads."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from gateway.words import known, say

_GAP = "  "
_CODED = {
    "role", "kind", "state", "freshness", "supervision", "incidents", "faults", "code",
    "heard", "rejected", "inbox",
}  # fmt: skip
Row = Mapping[str, object]


def show(text: str) -> None:
    """Print a line for the person, at once: what follows may take a while."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def show_json(value: object) -> None:
    """Print one line for a program."""
    show(json.dumps(value, ensure_ascii=False))


def complain(text: str, code: int) -> int:
    """Say on stderr what is wrong; return `code`."""
    sys.stderr.write(text + "\n")
    return code


def show_rows(rows: Sequence[Row], columns: Iterable[str], *, as_json: bool) -> None:
    """Print `rows`: all of them for a program, `columns` for a person."""
    if as_json:
        show_json(rows)
    elif rows:
        show(table(rows, columns))
    else:
        show(say("nothing"))


def table(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Return the `columns` of `rows` under their headings, aligned."""
    names = list(columns)
    lines = [[heading(name) for name in names]]
    lines += [[cell(name, row.get(name)) for name in names] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        _GAP.join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def heading(name: str) -> str:
    """Return what a person reads over the column `name`; its own name where it has no other."""
    return say(f"column.{name}") if known(f"column.{name}") else name


def cell(name: str, value: object) -> str:
    """Return `value` of the column `name` as a person reads it: times in local time."""
    if value is None or value in ([], {}, ""):
        return "-"
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if isinstance(value, float) and (name == "at" or name.endswith("_at") or name == "since"):
        return datetime.fromtimestamp(value).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list):
        return ", ".join(_decoded(name, str(item)) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{_decoded(name, key)} {cell(key, item)}" for key, item in value.items())
    return _decoded(name, str(value))


def _decoded(name: str, value: str) -> str:
    """Return what a person reads for a code; only of `_CODED` columns, for a label may look like one."""
    sentence = f"value.{value}"
    return say(sentence) if name in _CODED and known(sentence) else value
