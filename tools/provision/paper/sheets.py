"""Sticker sheets and rolls that are sold everywhere; mm. Sheets are A4, and their margins even."""

from collections.abc import Iterator
from dataclasses import dataclass

A4 = (210.0, 297.0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """So many stickers of one size on a page."""

    name: str
    columns: int
    rows: int
    width: float
    height: float
    gap: float = 0.0  # between columns; rows touch
    page: tuple[float, float] = A4

    def places(self) -> Iterator[tuple[float, float]]:
        """Yield the upper left corner of each sticker, row by row."""
        left = (self.page[0] - self.columns * self.width - (self.columns - 1) * self.gap) / 2
        top = (self.page[1] - self.rows * self.height) / 2
        for row in range(self.rows):
            for column in range(self.columns):
                yield left + column * (self.width + self.gap), top + row * self.height


# Also sold by others under these numbers.
SHEETS = {
    sheet.name: sheet
    for sheet in (
        Sheet("L7651", 5, 13, 38.1, 21.2, gap=2.5),
        Sheet("L7160", 3, 7, 63.5, 38.1, gap=2.54),
        Sheet("L7163", 2, 7, 99.1, 38.1, gap=2.5),
        Sheet("roll-57x32", 1, 1, 57.0, 32.0, page=(57.0, 32.0)),
        Sheet("roll-89x36", 1, 1, 89.0, 36.0, page=(89.0, 36.0)),
    )
}
