"""The demo for a person: keys do what hands do, and each press shows its stages in milliseconds."""

import select
import sys
import termios
import threading
import tty
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tools.demonstration.operator import Seen
from tools.demonstration.site import News, Site
from tools.demonstration.story import RAISED, Story
from tools.demonstration.timeline import STAGES, Press
from tools.demonstration.words import say
from tools.virtual.bystander import DARK

_ROWS = 12
_FEELINGS = 8
_REFRESH_S = 0.05


class Screen:
    """A started site, seen and handled by one person."""

    def __init__(self, site: Site) -> None:
        """Watch `site`."""
        self._site = site
        self._story = Story()
        self._chosen = 0
        self._feelings: deque[Text] = deque(maxlen=_FEELINGS)
        self._unacknowledged: list[str] = []
        self._busy: threading.Thread | None = None
        self._keys: dict[str, Callable[[], None]] = {
            " ": partial(self._press, "panic"),
            "p": partial(self._press, "panic"),
            "h": partial(self._press, "hold_up"),
            "c": self._cancel,
            "s": lambda: self._site.ask(self._chosen),
            "x": self._call,
            "a": self._acknowledge,
            "1": partial(self._choose, 0),
            "2": partial(self._choose, 1),
            "o": self._walk,
            "b": self._broker,
            "k": self._gateway,
        }

    def run(self) -> int:
        """Serve until q."""
        if not sys.stdin.isatty():
            print(say("no_terminal"), file=sys.stderr)
            return 2
        with _keys_at_once(), Live(self._draw(), console=Console(), screen=True) as live:
            while True:
                key = _key(_REFRESH_S)
                if key == "q":
                    return 0
                action = self._keys.get(key)
                if action is not None:
                    action()
                for news in self._site.pending(0.001):
                    self._take(news)
                live.update(self._draw())

    def _take(self, news: News) -> None:
        told = self._story.take(news)
        if isinstance(news[2], Seen) and news[2].type == RAISED:
            self._unacknowledged.append(news[2].data["incident"])
        if told is not None and told[1].startswith(("felt_", "shown_")):
            device, _ = news[2]
            self._feelings.append(Text(f"{device}  {say(told[1])}"))

    def _press(self, kind: str) -> None:
        self._story.timeline.begin(self._site.press(self._chosen, kind))

    def _cancel(self) -> None:
        """Hold on: the press raises or repeats an alert and, held to the end, withdraws it."""
        self._story.timeline.begin(self._site.cancel(self._chosen))

    def _call(self) -> None:
        self._story.timeline.begin(self._site.call())

    def _acknowledge(self) -> None:
        while self._unacknowledged:
            incident = self._unacknowledged.pop(0)
            said_s = self._site.operator.acknowledge(incident)
            for press in self._story.timeline.presses:
                if press.incident == incident:
                    self._story.acknowledged(press, said_s)

    def _choose(self, number: int) -> None:
        self._chosen = number

    def _walk(self) -> None:
        in_range = self._site.buttons[self._chosen].in_range
        self._site.set_range(self._chosen, in_range=not in_range)

    def _broker(self) -> None:
        running = self._site.broker.running
        self._aside(self._site.stop_broker if running else self._site.start_broker)

    def _gateway(self) -> None:
        running = self._site.gateway.running
        self._aside(self._site.gateway.kill if running else self._site.gateway.start)

    def _aside(self, action: Callable[[], None]) -> None:
        """Do what takes a moment without holding up the screen; one such thing at a time."""
        if self._busy is None or not self._busy.is_alive():
            self._busy = threading.Thread(target=action, daemon=True)
            self._busy.start()

    def _draw(self) -> RenderableType:
        return Group(
            Panel(self._states(), title=say("title")),
            self._presses(),
            Panel(Group(*self._feelings), title=say("feels"), height=_FEELINGS + 2),
            Text(say("keys"), style="dim"),
        )

    def _states(self) -> Text:
        line = Text()
        for name, running in (
            ("broker", self._site.broker.running),
            ("gateway", self._site.gateway.running),
        ):
            line.append(f"{say(name)}: ")
            line.append(say("on" if running else "off"), "green" if running else "red")
            line.append("   ")
        for number, button in enumerate(self._site.buttons):
            style = "bold reverse" if number == self._chosen else ""
            line.append(f" {number + 1} {button.name} ", style)
            where = "in_range" if button.in_range else "out_of_range"
            line.append(f" {button.device.power.value}, {say(where)}   ")
        self._box(line)
        if self._story.faults:
            line.append(", ".join(sorted(self._story.faults)), "red")
        return line

    def _box(self, line: Text) -> None:
        seen = self._site.box.bystander
        lit = seen.sign != DARK
        line.append(f" {self._site.box.name} ")
        line.append(f" {say(f'light_{seen.sign}')} ", "black on yellow" if lit else "")
        line.append(f" {say('siren')}  " if seen.siren else "   ", "bold red")

    def _presses(self) -> Table:
        table = Table(expand=True)
        for name in ("wearer", "kind", *STAGES):
            table.add_column(say(name), justify="left" if name in ("wearer", "kind") else "right")
        for press in self._story.timeline.presses[-_ROWS:]:
            table.add_row(press.device, say(press.kind), *(_cell(press, stage) for stage in STAGES))
        return table


def _cell(press: Press, stage: str) -> str:
    ms = press.ms(stage)
    return "" if ms is None else f"{ms:.0f} ms"


@contextmanager
def _keys_at_once() -> Iterator[None]:
    """Read keys as they are pressed, without a return."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _key(seconds: float) -> str:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return sys.stdin.read(1) if ready else ""
