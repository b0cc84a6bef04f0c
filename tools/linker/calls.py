"""A call in a function, and what stands there instead of it."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from tools.linker.candidates import Candidate, Census, called
from tools.linker.evaluation import evaluated, expressions, is_quiet, own_nodes
from tools.linker.put import Put, Stays, replaced, stores
from tools.linker.without_return import Entangled, Then, ends, without_return

_MOST_LOCALS = 24
_BLOCKS = ("body", "orelse", "finalbody", "handlers")


class Caller:
    """A function in which the call of another one is replaced."""

    def __init__(self, function: ast.FunctionDef, one: Candidate, counted: Census) -> None:
        """Know the names of `function`."""
        self._function = function
        self._one = one
        self._counted = counted
        self._stored = Counter(stores(function.body))
        self._parameters = {
            part.arg for part in ast.walk(function.args) if isinstance(part, ast.arg)
        }
        self._own = self._parameters | set(self._stored)
        self._taken = self._own | {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        self._found = False

    def replace(self) -> None:
        """Change the function; raise `Stays`, and leave it in pieces, where that cannot be."""
        try:
            self._function.body[:] = self._block(self._function.body)
        except Entangled as error:
            raise Stays from error
        if not self._found:
            raise Stays

    def _block(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for node in body:
            if not isinstance(node, ast.FunctionDef):
                self._blocks_of(node)
            out += self._statement(node)
        return out

    def _blocks_of(self, node: ast.stmt) -> None:
        for name in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, name, None), list):
                setattr(node, name, self._block(getattr(node, name)))
        if isinstance(node, ast.Try):
            for handler in node.handlers:
                handler.body = self._block(handler.body)

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        call = None if self._found else self._call_of(node)
        if call is None:
            return [node]
        self._found = True
        expression = self._as_expression(call)
        if expression is not None:
            return [replaced(node, call, expression)]
        then = _instead(node, call)
        if then is not None:
            return self._body(call, then)
        if isinstance(node, ast.Return) and node.value is call:
            return self._returning(call)
        return self._before(node, call)

    def _before(self, node: ast.stmt, call: ast.Call) -> list[ast.stmt]:
        """Return the statements of the function, then `node` with what they gave."""
        if not self._comes_before_all(node, call):
            raise Stays
        name = self._fresh("r")
        before = self._body(call, lambda value: [_assign(name, value or ast.Constant(None))])
        return [*before, replaced(node, call, ast.Name(name, ast.Load()))]

    def _comes_before_all(self, node: ast.stmt, call: ast.Call) -> bool:
        """Say whether nothing before the call could do or see anything else for coming after it."""
        for found in (one for part in expressions(node) for one in evaluated(part)):
            if found is call:
                return True
            if not self._is_fixed(found) and not _within(call, found):
                return False
        return False

    def _call_of(self, node: ast.stmt) -> ast.Call | None:
        """Return the call where it stands in this statement, not in one below it."""
        if isinstance(node, ast.FunctionDef):
            return None
        for name, part in ast.iter_fields(node):
            for found in () if name in _BLOCKS else _nodes(part):
                if isinstance(found, ast.Call) and called(found) == self._one.node.name:
                    return found
        return None

    def _fresh(self, like: str) -> str:
        name = f"{like}_"
        while name in self._taken:
            name += "_"
        return name

    def _arguments(self, call: ast.Call) -> dict[str, ast.expr]:
        """Return what each parameter is given, in the order of evaluation."""
        names = self._one.parameters
        values = [*self._receiver(call), *call.args]
        keywords = {word.arg: word.value for word in call.keywords if word.arg}
        starred = any(isinstance(value, ast.Starred) for value in values)
        if starred or len(values) > len(names) or len(keywords) < len(call.keywords):
            raise Stays
        given = dict(zip(names, values, strict=False))
        if given.keys() & keywords.keys():
            raise Stays
        given |= keywords
        defaults = self._one.node.args.defaults
        for name, default in zip(reversed(names), reversed(defaults), strict=False):
            given.setdefault(name, default)
        if set(given) != set(names):
            raise Stays
        return given

    def _receiver(self, call: ast.Call) -> list[ast.expr]:
        """Return what a method is called on, or nothing; a class or `super()` is no object."""
        if isinstance(call.func, ast.Name):
            if self._one.is_method:
                raise Stays
            return []
        if not self._one.is_method or not isinstance(call.func, ast.Attribute):
            raise Stays
        value = call.func.value
        if isinstance(value, ast.Name) and value.id in self._counted.classes:
            raise Stays
        if isinstance(value, ast.Call) and called(value) in ("super", "type"):
            raise Stays
        return [value]

    def _is_fixed(self, value: ast.expr) -> bool:
        """Say whether no call could give a value another meaning."""
        if isinstance(value, ast.Name):
            return value.id not in self._counted.changing
        return isinstance(value, ast.Constant)

    def _is_steady(self, value: ast.expr) -> bool:
        """Say whether a value can be written where the parameter stood: nothing changes it meanwhile."""
        if isinstance(value, ast.Name) and value.id in self._own and self._is_fixed(value):
            return self._stored[value.id] <= (0 if value.id in self._parameters else 1)
        return isinstance(value, ast.Constant)

    def _as_expression(self, call: ast.Call) -> ast.expr | None:
        """Return the value of the function as an expression in the place of its call, or None."""
        if self._one.expression is None:
            return None
        given = self._arguments(call)
        expression = copy.deepcopy(self._one.expression)
        loose = [name for name, value in given.items() if not self._is_steady(value)]
        if len(loose) > 1 or any(_times(expression, name) != 1 for name in loose):
            return None
        if loose and not self._comes_first(expression, loose[0], given):
            return None
        changed: ast.expr = Put(given).visit(expression)
        return changed

    def _comes_first(self, expression: ast.expr, name: str, given: Mapping[str, ast.expr]) -> bool:
        """Say whether a parameter is evaluated in any case, and before anything that could tell."""
        quiet = is_quiet(given[name])
        for node in evaluated(expression):
            if isinstance(node, ast.Name) and node.id == name:
                return True
            known = isinstance(node, ast.Name) and (quiet or node.id in given)
            if not known and not self._is_fixed(node):
                return False
        return False

    def _returning(self, call: ast.Call) -> list[ast.stmt]:
        """Return the statements of the function, which return where it did."""
        before, body = self._renamed(call)
        return [*before, *body, *([] if ends(body) else [ast.Return(None)])]

    def _body(self, call: ast.Call, then: Then) -> list[ast.stmt]:
        """Return the statements of the function, and `then` where it returned."""
        before, body = self._renamed(call)
        return [*before, *without_return(body, then)] or [ast.Pass()]

    def _renamed(self, call: ast.Call) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Return what gives the parameters their values, and the statements with names of their own."""
        given = self._arguments(call)
        body = copy.deepcopy(self._one.node.body)
        stored = set(stores(body))
        put: dict[str, ast.expr] = {}
        before: list[ast.stmt] = []
        for name, value in given.items():
            if name not in stored and self._is_steady(value):
                put[name] = value
            else:
                local = self._fresh(f"t{len(put)}")
                put[name] = ast.Name(local, ast.Load())
                before.append(_assign(local, value))
        for name in sorted(stored - set(given)):
            put[name] = ast.Name(self._fresh(f"t{len(put)}"), ast.Load())
        if len(self._own) + len(put) > _MOST_LOCALS:
            raise Stays
        return before, [Put(put).visit(statement) for statement in body]


def _instead(node: ast.stmt, call: ast.Call) -> Then | None:
    """Return what becomes of a returned value where the call is the statement, or sets a name."""
    if isinstance(node, ast.Expr) and node.value is call:
        return lambda value: [ast.Expr(value)] if _acts(value) else []
    if isinstance(node, ast.Assign) and node.value is call and len(node.targets) == 1:
        target = node.targets[0]
        if _is_path(target):
            return lambda value: [
                ast.Assign([copy.deepcopy(target)], value or ast.Constant(None), lineno=0)
            ]
    return None


def _acts(value: ast.expr | None) -> TypeGuard[ast.expr]:
    return value is not None and not isinstance(value, ast.Constant | ast.Name)


def _is_path(node: ast.expr) -> bool:
    """Say whether it is a name, or a name with attributes."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)


def _within(call: ast.Call, found: ast.expr) -> bool:
    """Say whether an expression is an argument of a call, which the call evaluates itself."""
    return any(part is found for part in ast.walk(call))


def _nodes(part: object) -> Iterator[ast.AST]:
    if isinstance(part, ast.AST):
        yield from own_nodes(part)
    elif isinstance(part, list):
        for one in part:
            yield from _nodes(one)


def _times(expression: ast.expr, name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(expression))
