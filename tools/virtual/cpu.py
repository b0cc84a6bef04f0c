"""The CPU of a virtual board: the MicroPython process, its calls, and the interrupts it gets.

One call at a time is answered, at once or, parked, when its time has come. Interrupts are handed over with
an answer; they end a wait.
"""

from collections.abc import Callable, Mapping
from functools import partial

from tools.virtual.clock import Clock, Timer
from tools.virtual.line import Line
from tools.virtual.peripherals import Call

LATER = object()  # the answer of a call comes when its time has come


class Cpu:
    """Runs while `start`ed. `calls` answer by name; `runs` says whether it takes interrupts."""

    def __init__(self, clock: Clock, runs: Callable[[], bool]) -> None:
        """Begin stopped."""
        self.calls: Mapping[str, Call] = {}
        self._clock = clock
        self._runs = runs
        self._line: Line | None = None
        self._parked: Timer | None = None
        self._waiting = False
        self._events: list[list[object]] = []

    def start(self, line: Line) -> None:
        """Serve the process at the other end of `line`."""
        self._line = line
        self.serve()

    def stop(self) -> None:
        """End the process; what it was to be told is lost."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._parked is not None:
            self._parked.cancel()
        self._waiting = False
        self._events = []

    def serve(self) -> None:
        """Answer calls until the CPU waits: what it computes takes no virtual time."""
        while self._line is not None:
            *posted, call = self._line.read()
            for op, *arguments in posted:
                self.calls[str(op)](*arguments)
            handler = self.calls.get(str(call[0]))
            if handler is None:
                self._answer({"refused": f"unknown call {call[0]}"})
            else:
                result = handler(*call[1:])
                if result is LATER:
                    return
                self._answer(result)

    def park(self, at_us: int, action: Callable[[], None]) -> object:
        """Let `action` end the call under way at a later moment."""
        self._parked = self._clock.at(at_us, action)
        return LATER

    def resume(self, result: object) -> None:
        """Answer a parked call and let the CPU go on."""
        self._waiting = False
        if self._parked is not None:
            self._parked.cancel()
            self._parked = None
        if self._line is not None:
            self._answer(result)
            self.serve()

    def wait(self, until_us: int | None) -> object:
        """Wait for an interrupt, until a moment or for ever; say whether there was one."""
        if self._events:
            return True
        if until_us is not None:
            if until_us <= self._clock.now_us:
                return False
            self.park(until_us, partial(self.resume, result=False))
        self._waiting = True
        return LATER

    def post(self, event: list[object]) -> None:
        """Hand over an interrupt; one that comes while nothing runs is lost."""
        if not self._runs():
            return
        self._events.append(event)
        if self._waiting:
            self._waiting = False
            if self._parked is not None:
                self._parked.cancel()
            self.park(self._clock.now_us, partial(self.resume, result=True))

    def _answer(self, result: object) -> None:
        if self._line is None:
            return
        events, self._events = self._events, []
        self._line.send([self._clock.now_us, result, events])
