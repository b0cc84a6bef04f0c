"""The wearer's card, A6, French and English: what each press does here, what each vibration means."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from firmware.core import settings
from firmware.core.chosen import Settings
from tools.provision.device_plan import pins_of
from tools.provision.identity import PANIC_BUTTON, Planned
from tools.provision.paper.pdf import Paper
from tools.provision.paper.signals import Signal, signals
from tools.provision.words import say_in

A6 = (105.0, 148.0)
_MARGIN_MM = 7.0
_GESTURES = ("short", "double", "triple", "hold", "long")
_BAR_MS_PER_MM = 62.0  # the longest pattern fits its column
_BAR_MM = 2.2
_BAR_COLUMN_MM = 34.0
_NOTHING = "-"
LANGUAGES = ("fr", "en")


def write(path: Path, site: str, devices: Sequence[Planned], now: datetime) -> int:
    """Write a page in each language for each panic button; return how many cards there are."""
    paper = Paper(A6, "Tocsin", now)
    worn = [device for device in devices if device.role == PANIC_BUTTON]
    for device in worn:
        for language in LANGUAGES:
            _card(paper, site, device, language)
    if worn:
        paper.output(str(path))
    return len(worn)


def presses(chosen: Settings, *, second: bool, language: str) -> Iterator[tuple[str, str]]:
    """Yield each gesture that does something, and what: main contact first."""
    contacts = [("main", chosen.main), ("second", chosen.second)][: 1 + second]
    for contact, letters in contacts:
        for gesture, letter in zip(_GESTURES, letters, strict=True):
            if letter != _NOTHING:
                hand = say_in(
                    language,
                    f"card.{gesture}",
                    contact=say_in(language, f"card.{contact}") if second else "",
                    hold=_seconds(chosen.hold_ms, language),
                    cancel=_seconds(chosen.cancel_ms, language),
                )
                yield hand, say_in(language, f"card.does.{letter}", min=chosen.visit_min)


def _seconds(ms: int, language: str) -> str:
    text = f"{ms / 1000:g}"
    return f"{text.replace('.', ',')} s" if language == "fr" else f"{text} s"


def _card(paper: Paper, site: str, device: Planned, language: str) -> None:
    chosen = settings.of(dict(device.settings))
    second = pins_of(device.board, device.role).contact_second >= 0
    paper.add_page()
    width = A6[0] - 2 * _MARGIN_MM
    y = _MARGIN_MM
    paper.line_of(_MARGIN_MM, y, width, 6.5, say_in(language, "card.title"), bold=True)
    y += 7
    paper.line_of(_MARGIN_MM, y, width, 4, f"{site} - {device.id}")
    y = _heading(paper, y + 6, "card.presses", language)
    for gesture, does in presses(chosen, second=second, language=language):
        paper.line_of(_MARGIN_MM, y, _BAR_COLUMN_MM + 4, 4, gesture, bold=True)
        paper.line_of(_MARGIN_MM + 40, y, width - 40, 4, does)
        y += 4.3
    y = _heading(paper, y + 2, "card.feels" if chosen.discreet else "card.feels_and_sees", language)
    letters = chosen.main + (chosen.second if second else "")
    for signal in signals(visits="v" in letters):
        _signal(paper, y, signal, language)
        y += 4.0
    paper.block(_MARGIN_MM, y + 2, width, say_in(language, "card.trust"), 3.4)


def _heading(paper: Paper, y: float, sentence: str, language: str) -> float:
    paper.line_of(_MARGIN_MM, y, A6[0] - 2 * _MARGIN_MM, 4.6, say_in(language, sentence), bold=True)
    return y + 5.4


def _signal(paper: Paper, y: float, signal: Signal, language: str) -> None:
    """Draw the pulses as long as they last, and say what they mean."""
    x = _MARGIN_MM
    for step, ms in enumerate(signal.pulses_ms):
        if step % 2 == 0:
            paper.rect(x, y + 0.7, ms / _BAR_MS_PER_MM, _BAR_MM, style="F")
        x += ms / _BAR_MS_PER_MM
    told = signal.french if language == "fr" else signal.english
    left = _MARGIN_MM + _BAR_COLUMN_MM + 3
    paper.line_of(left, y, A6[0] - left - _MARGIN_MM, 3.8, told)
