"""Dissolves classes of which a program makes one object: methods become functions, members globals.

A class has a price of its own on 32 bits: 80 bytes for itself, 32 for its dictionary, as much for its
object and that one's; and what is in it is reached through two names instead of one.

    ring = Ring(8)      made__Ring(8)
    ring.count += 1     count__Ring += 1
    ring.take(frame)    take__Ring(frame)

Where such an object is told apart from None, True stands for it.
"""

import ast
import copy
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from tools.linker.follow import follow
from tools.linker.kinds import NOTHING, Kinds
from tools.linker.once import made_once
from tools.linker.singles import function, line_of, singles, state
from tools.linker.source import bound


def dissolve(
    texts: Mapping[str, ast.Module],
    home: str,
    kept: frozenset[str],
    marker: str,
    runs: frozenset[str],
) -> int:
    """Change `texts`; return how many classes of `home` are gone."""
    alive = [
        node for tree in texts.values() for node in ast.walk(tree)
    ]  # what is known goes by their ids
    found = follow(texts, kept)
    single = singles(texts, found, made_once(texts, marker, runs), home)
    without = _without(texts, found, single)
    for tree in texts.values():
        _Dissolver(found, single, without).visit(tree)
        ast.fix_missing_locations(tree)
    alive.clear()
    return len(single)


def _without(
    texts: Mapping[str, ast.Module], kinds: Kinds, single: AbstractSet[str]
) -> dict[int, set[str]]:
    """Return the parameters, by function, that are always one of these objects: nobody needs them."""
    functions = kinds.by_id()
    found = {at: _always(node, kinds, single) for at, node in functions.items()}
    for tree in texts.values():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = kinds.calls.get(id(call), set())
            for at in called:
                if len(called) > 1 or id(call) in kinds.unsure:
                    found[at] = set()
                else:
                    found[at] -= _needed(call, kinds.given(functions[at]))
    return found


def _always(node: ast.FunctionDef, kinds: Kinds, single: AbstractSet[str]) -> set[str]:
    if id(node) in kinds.handed or node.args.vararg or node.args.kwarg:
        return set()
    names = kinds.given(node)
    stored = set(bound(node.body))
    return {
        name
        for name in names[: len(names) - len(node.args.defaults)]
        if name not in stored
        and len(found := kinds.values.get((str(id(node)), name), set())) == 1
        and found <= single
    }


def _needed(call: ast.Call, names: list[str]) -> set[str]:
    """Return the parameters whose value a call has to work out."""
    given = [*zip(names, call.args, strict=False)]
    given += [(word.arg or "", word.value) for word in call.keywords]
    return {name for name, value in given if _acts(value)}


def _acts(value: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(value))


class _Dissolver(ast.NodeTransformer):
    def __init__(
        self, kinds: Kinds, single: AbstractSet[str], without: Mapping[int, AbstractSet[str]]
    ) -> None:
        self._kinds = kinds
        self._single = single
        self._lines = line_of(kinds, single)
        self._without = without
        self._given = {at: kinds.given(node) for at, node in kinds.by_id().items()}
        self._class = ""

    def visit(self, node: ast.AST) -> ast.AST:
        changed: ast.AST = super().visit(node)
        if getattr(changed, "body", None) == [] and not isinstance(changed, ast.Module):
            vars(changed)["body"] = [ast.Pass()]
        return changed

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | list[ast.stmt]:
        self._class = node.name
        self.generic_visit(node)
        self._class = ""
        if node.name not in self._lines:
            return node
        found: list[ast.stmt] = []
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                part.name = function(node.name, part.name)
                part.args.args.pop(0)
                found.append(part)
        return found

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        gone = self._without.get(id(node), set())
        self.generic_visit(node)
        node.args.args = [part for part in node.args.args if part.arg not in gone]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        one = self._one(node.value)
        if one is None:
            if self._is_one(node):
                return _there()
            return self.generic_visit(node)
        method = self._kinds.method(one, node.attr)
        if method:
            return ast.Name(function(method[0], node.attr), ast.Load())
        if isinstance(node.ctx, ast.Load) and self._is_one(node):
            return _there()
        return ast.Name(state(self._kinds, one, node.attr), node.ctx)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return _there() if self._is_one(node) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        made = self._made(node)
        if made is not None:
            return ast.BoolOp(ast.Or(), [made, _there()])
        return self._called(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        target, value = node.targets[0], node.value
        if len(node.targets) > 1 or isinstance(target, ast.Tuple):
            return self.generic_visit(node)
        return self._stored(target, value)

    def _stored(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        if isinstance(value, ast.IfExp) and (self._makes(value.body) or self._makes(value.orelse)):
            return [
                ast.If(
                    self._visited(value.test),
                    self._stored(copy.copy(target), value.body) or [ast.Pass()],
                    self._stored(copy.copy(target), value.orelse),
                )
            ]
        made = self._made(value) if isinstance(value, ast.Call) else None
        effect: list[ast.stmt] = [ast.Expr(made)] if made else []
        if self._stores_one(target):
            seen = made or self._visited(value)
            return [ast.Expr(seen)] if _acts(seen) else []
        stored = _there() if made else self._visited(value)
        return [*effect, ast.Assign([self._visited(target)], stored, lineno=0)]

    def _visited(self, node: ast.expr) -> ast.expr:
        changed: ast.expr = self.visit(node)  # type: ignore[assignment]  # an expression stays one
        return changed

    def _makes(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and self._class_of(node) != ""

    def _class_of(self, node: ast.Call) -> str:
        found = self._kinds.of.get(id(node), set())
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        return called if found == {called} and called in self._single else ""

    def _made(self, node: ast.Call) -> ast.Call | None:
        """Return the call of the function that a constructor became."""
        name = self._class_of(node)
        if not name:
            return None
        owner, _ = self._kinds.method(name, "__init__") or ("", None)
        called = self._called(node)
        called.func = ast.Name(function(owner, "__init__"), ast.Load())
        return called

    def _called(self, node: ast.Call) -> ast.Call:
        called = self._kinds.calls.get(id(node), set())
        base = self._base(node)
        if len(called) == 1:
            at = next(iter(called))
            self._drop(node, self._given[at], self._without[at])
        self.generic_visit(node)
        if base:
            node.func = ast.Name(base, ast.Load())
        return node

    def _base(self, node: ast.Call) -> str:
        """Return the function that a method of the base is, where `super()` names it."""
        func = node.func
        if self._class not in self._lines or not isinstance(func, ast.Attribute):
            return ""
        if ast.unparse(func.value) != "super()":
            return ""
        owner, _ = self._kinds.method(self._kinds.base(self._class), func.attr) or ("", None)
        return function(owner, func.attr)

    def _drop(self, node: ast.Call, names: list[str], gone: AbstractSet[str]) -> None:
        if not gone:
            return
        names = names + [""] * len(node.args)
        node.args = [
            value for name, value in zip(names, node.args, strict=False) if name not in gone
        ]
        node.keywords = [word for word in node.keywords if word.arg not in gone]

    def _one(self, node: ast.expr) -> str | None:
        """Return the class of which an expression is the object, or None."""
        found = self._kinds.of.get(id(node), set()) - {NOTHING}
        return next(iter(found)) if len(found) == 1 and found <= self._single else None

    def _is_one(self, node: ast.expr) -> bool:
        found = self._kinds.of.get(id(node), set())
        return len(found) == 1 and found <= self._single

    def _stores_one(self, target: ast.expr) -> bool:
        found = self._kinds.values.get(self._kinds.keys.get(id(target), ()), set())
        return len(found) == 1 and found <= self._single


def _there() -> ast.Constant:
    """Return what stands for an object that is only told apart from None."""
    return ast.Constant(value=True)
