"""Which classes of a program the value of each expression may be of, found by following values.

`follow` finds it. Nothing is left out: a value that goes where it cannot be followed (into a list, to
MicroPython, into a member that is asked for by name) makes its class `loose`, and what comes from there is
`OTHER`: anything but an object of a class that is not loose.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.linker.source import arguments, bound

OTHER = "?"
NOTHING = "None"
Key = tuple[str, ...]


@dataclass
class Kinds:
    """What was found: `of` an expression by its id, of what a `target` of it is stored in."""

    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    methods: dict[str, dict[str, ast.FunctionDef]] = field(default_factory=dict)  # by class
    values: dict[Key, set[str]] = field(default_factory=dict)
    of: dict[int, set[str]] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)  # of names and attributes, by id
    calls: dict[int, set[int]] = field(
        default_factory=dict
    )  # ids of what may be called, by that of the call
    unsure: set[int] = field(default_factory=set)  # calls that may be of something else as well
    loose: set[str] = field(default_factory=set)
    handed: set[int] = field(default_factory=set)  # functions that are values, by id
    made: set[str] = field(default_factory=set)  # classes of which there are objects
    plain: dict[int, bool] = field(default_factory=dict)  # by the id of a function
    locals: dict[int, set[str]] = field(default_factory=dict)  # by the id of a function

    def base(self, name: str) -> str:
        """Return the class of ours that a class inherits from, or nothing."""
        bases = self.classes[name].bases
        known = isinstance(bases[0], ast.Name) and bases[0].id in self.classes if bases else False
        return ast.unparse(bases[0]) if known else ""

    def line(self, name: str) -> Iterator[str]:
        """Yield a class and those it inherits from."""
        while name:
            yield name
            name = self.base(name)

    def root(self, name: str) -> str:
        """Return the first class of a family."""
        return list(self.line(name))[-1]

    def heirs(self, name: str) -> Iterator[str]:
        """Yield a class and those that inherit from it."""
        return (one for one in self.classes if name in self.line(one))

    def method(self, name: str, member: str) -> tuple[str, ast.FunctionDef] | None:
        """Return the method of a class, and the class that defines it."""
        for owner in self.line(name):
            if member in self.methods[owner]:
                return owner, self.methods[owner][member]
        return None

    def names_in(self, node: ast.FunctionDef) -> set[str]:
        """Return the names that are a function's own."""
        if id(node) not in self.locals:
            parts = {part.arg for part in arguments(node.args)}
            self.locals[id(node)] = parts | set(bound(node.body)) - _global(node)
        return self.locals[id(node)]

    def is_plain(self, node: ast.FunctionDef) -> bool:
        """Say whether a call of a function gives its parameters what it says, and gets what it returns."""
        if id(node) not in self.plain:
            outside = any("micropython" not in ast.unparse(part) for part in node.decorator_list)
            yields = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node))
            several = node.args.vararg or node.args.kwarg or node.args.posonlyargs
            self.plain[id(node)] = not (outside or yields or several)
        return self.plain[id(node)]

    def by_id(self) -> dict[int, ast.FunctionDef]:
        """Return all functions and methods."""
        methods = (node for found in self.methods.values() for node in found.values())
        return {id(node): node for node in (*self.functions.values(), *methods)}

    def given(self, function: ast.FunctionDef) -> list[str]:
        """Return the parameters that a call gives: not the `self` of a method."""
        names = [part.arg for part in function.args.args]
        method = any(node is function for found in self.methods.values() for node in found.values())
        return names[1:] if method else names


def _global(node: ast.FunctionDef) -> set[str]:
    return {
        name
        for part in ast.walk(node)
        if isinstance(part, ast.Global | ast.Nonlocal)
        for name in part.names
    }
