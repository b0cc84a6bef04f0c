"""Pages that are written from top to bottom: the record of a commission, and its map."""

from datetime import datetime

from tools.provision.commission.findings import GOOD, NONE, WEAK
from tools.provision.paper.pdf import Paper
from tools.provision.paper.sheets import A4
from tools.provision.words import say_in

LEFT = 18.0
WIDTH = A4[0] - 2 * LEFT
_TOP = 16.0
_BOTTOM = A4[1] - 18.0
# Darkness tells the verdict on a black and white printer, too.
INK = {GOOD: (40, 130, 70), WEAK: (235, 160, 40), NONE: (190, 30, 30)}


class Sheet:
    """Writes line below line, and begins pages; `y` is where the next line is, in mm."""

    def __init__(self, title: str, language: str, now: datetime) -> None:
        """Begin a document in a language."""
        self.paper = Paper(A4, title, now)
        self.language = language
        self.y = _BOTTOM

    def room_for(self, height: float) -> None:
        """Begin a page where `height` mm do not fit on this one."""
        if self.y + height > _BOTTOM:
            self.paper.add_page()
            self.y = _TOP

    def line(self, text: str, height: float = 5.0, *, bold: bool = False) -> None:
        """Write one line."""
        self.room_for(height)
        self.paper.line_of(LEFT, self.y, WIDTH, height, text, bold=bold)
        self.y += height * 1.15

    def heading(self, sentence: str, needs: float = 20.0) -> None:
        """Write a heading, on a page with `needs` mm for what follows."""
        self.room_for(needs)
        self.y += 4
        self.line(self.say(sentence), 6, bold=True)

    def say(self, sentence: str, **values: object) -> str:
        """Return a sentence in the language of the document."""
        return say_in(self.language, sentence, **values)
