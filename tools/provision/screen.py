"""What a person sees of boards on their way: a bar for each; or another program: JSON, a line a step."""

import json
import sys
import threading
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tools.provision import steps
from tools.provision.words import say


class Screen(Protocol):
    """Where boards are shown. Called from the thread of each."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def tell(self, port: str, step: str, part: float) -> None:
        """Show how far a board is."""

    def end(self, port: str, told: str, result: dict[str, Any]) -> None:
        """Show how it ended."""


class Bars:
    """A bar for each port, on a terminal."""

    def __init__(self, *, press: bool) -> None:
        """Say what to press if somebody is there."""
        self._press = press
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.fields[port]}"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Show the bars."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave them as they are."""
        self._progress.stop()

    def tell(self, port: str, step: str, part: float) -> None:
        """Move the bar of a port."""
        with self._lock:
            if port not in self._tasks:
                self._tasks[port] = self._progress.add_task("", total=len(steps.NAMES), port=port)
        done = steps.NAMES.index(step) + part
        alone = step == "self_test" and not self._press
        name = say(f"board.step_{step}{'_alone' if alone else ''}")
        self._progress.update(self._tasks[port], completed=done, description=name)

    def end(self, port: str, told: str, result: dict[str, Any]) -> None:
        """Print the last word."""
        if result["ok"] and port in self._tasks:
            self._progress.update(self._tasks[port], completed=len(steps.NAMES), description="")
        self._console.print(told, style="green" if result["ok"] else "red", markup=False)


class Lines:
    """JSON, one object a line: a step that begins, and at the end of a board its result."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._last: dict[str, str] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def tell(self, port: str, step: str, part: float) -> None:  # noqa: ARG002 - a step is enough
        """Print a step that begins."""
        if self._last.get(port) != step:
            self._last[port] = step
            self._print({"port": port, "step": step})

    def end(self, port: str, told: str, result: dict[str, Any]) -> None:
        """Print the result."""
        self._print({"port": port, "told": told, **result})

    def _print(self, line: dict[str, Any]) -> None:
        with self._lock:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            sys.stdout.flush()
