"""Floor plans: pictures of a site, and where its places are on them.

    [[floor]]
    title = "Ground floor"
    picture = "ground-floor.png"      # PNG or JPEG, beside this file
    [floor.places]
    "Cabinet 1" = [120, 340]          # pixels from the left and from the top, as a viewer shows them

Every mistake is told at once. A picture is kept no larger than a page can show, and without what a camera
writes into it.
"""

import difflib
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from tools.provision.words import say

_FORMATS = ("PNG", "JPEG")
_LONGEST_PX = 1_600  # 230 dpi over the width of a page
_MOST_PX = 60_000_000
Position = tuple[float, float]  # shares of width and height, from the left and from the top


class FloorsRefused(Exception):
    """A file of floor plans has mistakes: a line each."""


@dataclass(frozen=True, slots=True)
class Floor:
    """A picture, PNG or JPEG, and the places on it."""

    title: str
    picture: bytes = field(repr=False)
    height_to_width: float
    places: Mapping[str, Position]


def read(path: Path, known: Sequence[str]) -> tuple[Floor, ...]:
    """Return the floors in a file, whose places are some of `known`; raise `FloorsRefused`."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FloorsRefused(say("floors.unreadable", path=path, why=error)) from error
    problems: list[str] = []
    floors = [_floor(path.parent, table, problems) for table in _tables(tables, problems)]
    problems += _of_places(floors, known)
    if problems:
        raise FloorsRefused("\n".join(problems))
    return tuple(floor for floor in floors if floor is not None)


def _tables(tables: dict[str, Any], problems: list[str]) -> list[dict[str, Any]]:
    found = tables.get("floor")
    if set(tables) != {"floor"} or not isinstance(found, list):
        problems.append(say("floors.no_floor"))
        return []
    return [table for table in found if isinstance(table, dict)]


def _floor(folder: Path, table: dict[str, Any], problems: list[str]) -> Floor | None:
    title, name, places = table.get("title"), table.get("picture"), table.get("places")
    if not (isinstance(title, str) and isinstance(name, str) and isinstance(places, dict)):
        problems.append(say("floors.fields", title=title or "?"))
        return None
    try:
        image = _opened(folder / name)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        problems.append(say("floors.picture", title=title, picture=name, why=error))
        return None
    width, height = image.size
    positions = {}
    for place, at in places.items():
        if not _is_within(at, width, height):
            told = {"title": title, "place": place, "width": width, "height": height}
            problems.append(say("floors.position", **told))
        else:
            positions[place] = (at[0] / width, at[1] / height)
    return Floor(title, _kept(image), height / width, positions)


def _is_within(at: object, width: int, height: int) -> bool:
    if not isinstance(at, list) or len(at) != 2:
        return False
    x, y = at
    return type(x) is int and type(y) is int and 0 <= x < width and 0 <= y < height


def _opened(path: Path) -> Image.Image:
    """Return a picture the way up that a viewer shows it; raise OSError, ValueError."""
    with Image.open(path, formats=_FORMATS) as image:
        if image.width * image.height > _MOST_PX:
            raise ValueError(say("floors.too_large", most=_MOST_PX // 1_000_000))
        return ImageOps.exif_transpose(image).convert("RGB")


def _kept(image: Image.Image) -> bytes:
    image.thumbnail((_LONGEST_PX, _LONGEST_PX))
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _of_places(floors: Sequence[Floor | None], known: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the names of places."""
    seen: set[str] = set()
    for floor in floors:
        for place in floor.places if floor else ():
            if place not in known:
                near = difflib.get_close_matches(place, known, 1)
                hint = say("plan.near", near=near[0]) if near else ""
                yield say("floors.unknown_place", place=place, near=hint)
            elif place in seen:
                yield say("floors.twice", place=place)
            seen.add(place)
