"""Which functions may be put where they are called: there is one call, and one thing of the name."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tools.linker.lean import strings

# What would mean something else in another function.
_NEVER = (
    ast.FunctionDef, ast.Lambda, ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal, ast.ClassDef,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Import, ast.ImportFrom,
    ast.NamedExpr,
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A function, the text and the body it is defined in, and whether that is a class."""

    node: ast.FunctionDef
    text: str
    owner: list[ast.stmt]
    is_method: bool

    @property
    def parameters(self) -> list[str]:
        """Their names."""
        return [argument.arg for argument in self.node.args.args]

    @property
    def expression(self) -> ast.expr | None:
        """What it returns, where that is all it does."""
        body = self.node.body
        return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None

    def leave(self) -> None:
        """Go from where it is defined."""
        self.owner.remove(self.node)
        if not self.owner:
            self.owner.append(ast.Pass())


@dataclass
class Census:
    """How often the texts use, call and define each name; `changing` are those that a function sets."""

    uses: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    defined: Counter[str] = field(default_factory=Counter)
    changing: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)

    def take(self, tree: ast.AST) -> None:
        """Count a text."""
        self.uses.update(strings(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                self.uses[node.id] += 1
            elif isinstance(node, ast.Attribute):
                self.uses[node.attr] += 1
            elif isinstance(node, ast.alias):
                self.uses[node.name] += 1
            elif isinstance(node, ast.Global | ast.Nonlocal):
                self.changing.update(node.names)
            elif isinstance(node, ast.Call):
                self.calls[called(node)] += 1
            elif isinstance(node, ast.FunctionDef):
                self.defined[node.name] += 1
            elif isinstance(node, ast.ClassDef):
                self.classes.add(node.name)
                self.defined.update(_assigned(node))

    def has_one(self, name: str) -> bool:
        """Say whether one function has this name, and one call is all that is made of it."""
        return self.uses[name] == self.calls[name] == self.defined[name] == 1


def census(texts: Mapping[str, ast.Module]) -> Census:
    """Count in all texts."""
    found = Census()
    for tree in texts.values():
        found.take(tree)
    return found


def candidates(
    texts: Mapping[str, ast.Module], counted: Census, kept: frozenset[str]
) -> dict[str, Candidate]:
    """Return what may be put where it is called, by name."""
    found = {one.node.name: one for text in texts for one in _functions(text, texts[text])}
    return {
        name: one
        for name, one in found.items()
        if counted.has_one(name)
        and name not in kept
        and not name.startswith("__")
        and _is_plain(one.node)
    }


def called(call: ast.Call) -> str:
    """Return the name that is called, or nothing."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _assigned(node: ast.ClassDef) -> Iterator[str]:
    for part in node.body:
        if isinstance(part, ast.Assign):
            yield from (ast.unparse(target) for target in part.targets)


def _functions(text: str, tree: ast.Module) -> Iterator[Candidate]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    yield Candidate(part, text, node.body, is_method=True)
    for part in tree.body:
        if isinstance(part, ast.FunctionDef):
            yield Candidate(part, text, tree.body, is_method=False)


def _is_plain(node: ast.FunctionDef) -> bool:
    args = node.args
    inside = [part for statement in node.body for part in ast.walk(statement)]
    return (
        not node.decorator_list
        and not (args.vararg or args.kwarg or args.kwonlyargs or args.posonlyargs)
        and all(isinstance(value, ast.Constant) for value in args.defaults)
        and not any(isinstance(part, _NEVER) for part in inside)
        and not any(isinstance(part, ast.Name) and part.id == "super" for part in inside)
    )
