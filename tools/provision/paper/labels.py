"""Labels: a QR code with id, role and check digits; the same in letters, and the place.

tocsin:1:button-01:panic_button:73        what the QR code says
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import segno

from tools.provision.identity import Planned
from tools.provision.paper.check_digits import check_digits
from tools.provision.paper.pdf import Paper
from tools.provision.paper.sheets import Sheet
from tools.provision.words import say_in

_PREFIX = "tocsin:1"
_MARGIN_MM = 2.0
_QUIET_MODULES = 4  # ISO/IEC 18004: the light border
_TEXT_SHARE = 0.62  # of the height, at most, is the QR code's side on a wide sticker


def code_of(device: Planned) -> str:
    """Return what the QR code of a device says."""
    return f"{_PREFIX}:{device.id}:{device.role}:{check_digits(device.id)}"


@dataclass(frozen=True, slots=True)
class Stock:
    """What is in the printer: a sheet, its first free sticker counted from 1; and a language, fr or en."""

    sheet: Sheet
    first: int = 1
    language: str = "fr"


def write(path: Path, devices: Sequence[Planned], stock: Stock, now: datetime) -> int:
    """Write the labels to a PDF; return the number of its pages."""
    paper = Paper(stock.sheet.page, "Tocsin", now)
    places = list(stock.sheet.places())
    for number, device in enumerate(devices, stock.first - 1):
        if number % len(places) == 0 or not paper.pages_count:
            paper.add_page()
        _label(paper, places[number % len(places)], device, stock)
    paper.output(str(path))
    return int(paper.pages_count)


def _label(paper: Paper, place: tuple[float, float], device: Planned, stock: Stock) -> None:
    (x, y), sheet, language = place, stock.sheet, stock.language
    matrix = segno.make(code_of(device), error="m", micro=False).matrix_iter(border=_QUIET_MODULES)
    side = min(sheet.height - _MARGIN_MM, sheet.width * _TEXT_SHARE)
    paper.squares(x + _MARGIN_MM / 2, y + (sheet.height - side) / 2, side, matrix)
    left = x + side + _MARGIN_MM
    width = sheet.width - side - 1.5 * _MARGIN_MM
    line = (sheet.height - 2 * _MARGIN_MM) / 5
    top = y + _MARGIN_MM
    paper.line_of(left, top, width, line * 1.2, device.id, bold=True)
    digits = say_in(language, "label.check", digits=check_digits(device.id))
    paper.line_of(left, top + line * 1.4, width, line, digits)
    paper.line_of(left, top + line * 2.6, width, line, say_in(language, f"role.{device.role}"))
    paper.line_of(left, top + line * 3.8, width, line, device.place)
