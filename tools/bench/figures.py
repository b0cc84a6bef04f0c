"""Figures on paper: one flat JSON object of numbers, and columns for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Figures = Mapping[str, int | float]


def write(path: Path, figures: Figures) -> None:
    """Write `figures`, name -> number, as JSON."""
    path.write_text(json.dumps(dict(figures), indent=1) + "\n")


def columns(title: str, rows: Iterable[Sequence[str]]) -> str:
    """Return a titled table: the first column to the left, the others to the right."""
    table = [list(row) for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    lines = [title]
    for row in table:
        first, *rest = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join(["", row[0].ljust(len(first)), *rest]).rstrip())
    return "\n".join(lines) + "\n"
