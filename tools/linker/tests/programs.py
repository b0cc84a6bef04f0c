"""Random small programs: functions and methods that are called once, that print, return early, and change
what others read.
"""

from random import Random

HEAD = """\
TOTAL = 0
BASE = 7
HIGH = -3

def bump():
    global TOTAL
    TOTAL += 1
    print("bump", TOTAL)
    return TOTAL

class State:
    def __init__(self):
        self.sum = 1
        self.last = 0

state = State()
"""


class Program:
    """One program; `text` is what it is."""

    def __init__(self, seed: int, functions: int = 6) -> None:
        """Write it."""
        self._chance = Random(seed)
        self._waiting: list[str] = []  # not called yet
        self._bumped = False
        parts = [HEAD]
        for number in range(functions):
            parts.append(self._function(f"step_{number}"))
            self._waiting.append(f"step_{number}")
        lines = [f"    print({self._call(name, ['one', 'two'])})" for name in self._waiting[::-1]]
        parts.append("\n".join(["def main(one, two):", *lines, "    print(TOTAL, state.sum)"]))
        parts.append("main(2, 5)\nmain(-1, 0)\n")
        self.text = "\n\n".join(parts)

    def _function(self, name: str) -> str:
        names = ["left", "right"]
        lines = [f"def {name}(left, right=4):"]
        for number in range(self._chance.randrange(1, 5)):
            lines += ["    " + line for line in self._statement(names, number)]
        lines.append(f"    return {self._value(names)}")
        return "\n".join(lines)

    def _statement(self, names: list[str], number: int) -> list[str]:  # noqa: PLR0911 - a row of kinds
        value = self._value(names)
        kind = self._chance.randrange(9)
        if kind == 0:
            names.append(f"local_{number}")
            return [f"local_{number} = {value}"]
        if kind == 1:
            return [f"if {value}:", f"    return {self._value(names)}"]
        if kind == 2:
            return [f"if {value}:", f"    state.sum = {self._value(names)}", "else:", "    bump()"]
        if kind == 3:
            return [
                f"for i in range({value} & 3):",
                "    state.last += i",
                f"    print('in', {value})",
            ]
        if kind == 4:
            return [f"left = {value}", "right, left = left, right"]
        if kind == 5:
            return [
                "try:",
                f"    print(7 // ({value} & 1))",
                "except ZeroDivisionError as error:",
                "    print('zero')",
            ]
        return [f"state.sum += {value}" if kind == 6 else f"print({value})"]

    def _value(self, names: list[str], depth: int = 2) -> str:
        kind = self._chance.randrange(12) if depth else self._chance.randrange(4)
        first = self._chance.choice([*names, "TOTAL", "state.sum", "BASE", "HIGH"])
        if kind < 3:
            return first
        if kind == 3:
            return str(self._chance.randrange(-9, 9))
        if kind < 7 and self._waiting:
            return self._call(self._waiting.pop(self._chance.randrange(len(self._waiting))), names)
        second = self._value(names, depth - 1)
        forms = (
            "({0} + {1})",
            "({0} - {1})",
            "({0} and {1})",
            "({1} or {0})",
            "({0} < {1})",
            "({0} if {1} else 3)",
            "(bump() + {1})",
            "({1} * {0})",
        )
        return self._chance.choice(forms).format(first, second)

    def _call(self, name: str, names: list[str]) -> str:
        first = self._chance.choice([*names, "bump()", "state.sum", "TOTAL", "6"])
        second = self._chance.choice(["", f", {self._chance.choice(names)}", ", right=state.last"])
        return (
            f"({name}({first}{second}) or 0)" if self._chance.random() < 0.5 else f"{name}({first})"
        )
