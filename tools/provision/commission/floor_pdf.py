"""The coverage as a map: each place a mark on its floor, by colour and by shape.

good    a full disc       weak    a half-full disc       none    a cross       not walked    a ring
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from PIL import Image

from tools.provision.commission.findings import GOOD, NONE, WEAK, WEAK_DBM, Room
from tools.provision.commission.floors import Floor
from tools.provision.commission.sheet import INK, LEFT, WIDTH, Sheet

_TALLEST_MM = 190.0
_MARK_MM = 5.0  # across
_NAME_MM = 3.4
_NAME_WIDTH_MM = 40.0
_UNKNOWN = (110, 110, 110)


def pdf(
    site: str, floors: Sequence[Floor], rooms: Mapping[str, Room], language: str, now: datetime
) -> bytes:
    """Return a document with nothing but the map."""
    sheet = Sheet(f"Tocsin {site}", language, now)
    sheet.line(sheet.say("floors.title", site=site), 8, bold=True)
    sheet.line(now.strftime("%Y-%m-%d %H:%M UTC"))
    draw(sheet, floors, rooms)
    return bytes(sheet.paper.output())


def draw(sheet: Sheet, floors: Sequence[Floor], rooms: Mapping[str, Room]) -> None:
    """Draw each floor, and below it which places of the walk test no floor shows."""
    for floor in floors:
        _floor(sheet, floor, rooms)
    shown = {place for floor in floors for place in floor.places}
    left = [place for place in rooms if place not in shown]
    if floors and left:
        sheet.line(sheet.say("floors.not_shown", places=", ".join(left)), 4)


def _floor(sheet: Sheet, floor: Floor, rooms: Mapping[str, Room]) -> None:
    width = min(WIDTH, _TALLEST_MM / floor.height_to_width)
    height = width * floor.height_to_width
    sheet.room_for(height + 18)
    sheet.y += 3
    sheet.line(floor.title, 5, bold=True)
    sheet.line(sheet.say("floors.legend"), 3.6)
    sheet.paper.image(Image.open(io.BytesIO(floor.picture)), LEFT, sheet.y, width, height)
    for place, (x, y) in floor.places.items():
        _place(sheet, LEFT + x * width, sheet.y + y * height, place, rooms.get(place))
    sheet.y += height + 3


def _place(sheet: Sheet, x: float, y: float, place: str, room: Room | None) -> None:
    _mark(sheet, x, y, None if room is None else room.verdict)
    _label(sheet, x, y + _MARK_MM / 2 + 0.6, place, bold=True)
    if room is not None:
        levels = [f"{room.middle(name):.0f} dBm" for name in WEAK_DBM if room.rssi(name)]
        told = ", ".join([f"{room.felt}/{room.pressed}", *levels])
        _label(sheet, x, y + _MARK_MM / 2 + 0.6 + _NAME_MM, told, bold=False)


def _label(sheet: Sheet, x: float, y: float, text: str, *, bold: bool) -> None:
    """Write a line below a mark, on white, and not beyond the edge of the picture."""
    paper = sheet.paper
    width = min(paper.width_of(text, _NAME_MM, bold=bold) + 0.4, _NAME_WIDTH_MM)
    left = min(max(x - width / 2, LEFT), LEFT + WIDTH - width)
    paper.set_fill_color(255)
    paper.rect(left, y, width, _NAME_MM, style="F")
    paper.set_fill_color(0)
    paper.line_of(left + 0.2, y, width, _NAME_MM, text, bold=bold)


def _mark(sheet: Sheet, x: float, y: float, verdict: str | None) -> None:
    """Draw the mark of a verdict around a point."""
    paper, radius = sheet.paper, _MARK_MM / 2
    ink = _UNKNOWN if verdict is None else INK[verdict]
    paper.set_draw_color(*ink)
    paper.set_fill_color(*ink)
    paper.set_line_width(0.8)
    if verdict == NONE:
        paper.line(x - radius, y - radius, x + radius, y + radius)
        paper.line(x - radius, y + radius, x + radius, y - radius)
    else:
        paper.circle(x, y, radius, style="DF" if verdict == GOOD else "D")
    if verdict == WEAK:
        paper.solid_arc(x - radius, y - radius, 2 * radius, 90, 270, style="F")
    paper.set_line_width(0.2)
    paper.set_draw_color(0)
    paper.set_fill_color(0)
