"""The commands a call box is given, and the reports that answer them (SPEC 7.2)."""

from firmware.core.commands import DO, IGNORE, Commands
from protocol.kinds import IDENTIFY, LIGHT, SIREN, WALK_TEST, report_word
from protocol.portable import const

NOTHING = const(-1)
_MOST_REPORTS = const(4)
_DONE = (SIREN, LIGHT, IDENTIFY, WALK_TEST)


class Orders:
    """Judges commands, and keeps what is still to be reported; the oldest goes where there are too many."""

    __slots__ = ("_commands", "_reports")

    def __init__(self) -> None:
        """Begin with nothing commanded."""
        self._commands = Commands(_DONE)
        self._reports: "list[int]" = []

    def accepts(self, counter: int, op: int, arg: int, seq: int, alert_runs: bool) -> bool:
        """Say whether to carry out a command for `counter`; what is new is reported either way."""
        verdict = self._commands.judge(counter, op, arg, seq, alert_runs)
        if verdict == IGNORE:
            return False
        # While an alert runs a press must mean an alert.
        do = verdict == DO and not (op == WALK_TEST and alert_runs)
        if len(self._reports) >= _MOST_REPORTS:
            self._reports.pop(0)
        self._reports.append(report_word(op, seq, 1 if do else 0, 0))
        return do

    def waiting(self) -> bool:
        """Say whether a report is to be sent."""
        return bool(self._reports)

    def next_report(self) -> int:
        """Return the word of the oldest report, still without the time, or `NOTHING`."""
        return self._reports.pop(0) if self._reports else NOTHING
