"""A PDF with the fonts that every reader has: letters of Western Europe, others without their marks."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from fpdf import FPDF

FONT = "Helvetica"
_ENCODING = "cp1252"
_PT_PER_MM = 72 / 25.4


class Paper(FPDF):
    """Pages without margins of their own; sizes in mm."""

    def __init__(self, page: tuple[float, float], title: str, made_at: datetime) -> None:
        """Begin a document of `page` (width, height)."""
        super().__init__(unit="mm", format=page)
        self.core_fonts_encoding = _ENCODING
        self.set_title(printable(title))
        self.set_creation_date(made_at)
        self.set_margin(0)
        self.set_auto_page_break(auto=False)

    def line_of(  # noqa: PLR0913 - where, what, how
        self, x: float, y: float, width: float, height: float, text: str, *, bold: bool = False
    ) -> None:
        """Write `text` in one line of `height`, smaller or cut where `width` asks for it."""
        text = printable(text)
        size = height * _PT_PER_MM * 0.8
        self.set_font(FONT, "B" if bold else "", size)
        while self.get_string_width(text) > width and size > 5:
            size -= 0.25
            self.set_font_size(size)
        while text and self.get_string_width(text) > width:
            text = text[:-1]
        self.text(x, y + height * 0.8, text)

    def width_of(self, text: str, height: float, *, bold: bool = False) -> float:
        """Return the width of `text` in one line of `height` that nothing makes smaller."""
        self.set_font(FONT, "B" if bold else "", height * _PT_PER_MM * 0.8)
        return float(self.get_string_width(printable(text)))

    def block(self, x: float, y: float, width: float, text: str, size: float) -> float:
        """Write `text` in as many lines of `size` mm as it needs; return where the next one begins."""
        self.set_font(FONT, "", size * _PT_PER_MM * 0.8)
        self.set_xy(x, y)
        self.multi_cell(width, size, printable(text), align="L")
        return float(self.get_y())

    def squares(self, x: float, y: float, side: float, rows: Iterable[Iterable[int]]) -> None:
        """Draw the dark modules of a QR code of `side` mm."""
        modules = [list(row) for row in rows]
        one = side / len(modules)
        for at, row in enumerate(modules):
            for begin, length in _runs(row):
                self.rect(x + begin * one, y + at * one, length * one, one, style="F")


def printable(text: str) -> str:
    """Return `text` as the fonts have it: what they lack loses its marks, or becomes a question mark."""
    out = []
    for character in unicodedata.normalize("NFC", text):
        try:
            character.encode(_ENCODING)
            out.append(character)
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
            out.append(plain or "?")
    return "".join(out)


def _runs(row: list[int]) -> Iterable[tuple[int, int]]:
    """Yield begin and length of each run of dark modules: fewer seams than single squares."""
    at = 0
    while at < len(row):
        begin = at
        while at < len(row) and row[at]:
            at += 1
        if at > begin:
            yield begin, at - begin
        at += 1
