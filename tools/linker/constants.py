"""Puts numbers in the place of the names of constants, in all texts of a program.

So does MicroPython with const() inside a module: `_PERIOD - 1` is one small number then, where a name
would be looked up, and a number of 31 bits or more made on the heap.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping


def inline(texts: Mapping[str, ast.Module], kept: frozenset[str]) -> None:
    """Change `texts`: NAME = 3 or const(3) goes, unless it is `kept`, and each use of it becomes 3."""
    stored = Counter(name for tree in texts.values() for name in _stored(tree))
    numbers: dict[str, int] = {}
    for tree in texts.values():
        rest = []
        for node in tree.body:
            seen = _Inliner(numbers).visit(node)
            name, value = _defined(seen)
            if name and value is not None and stored[name] == 1 and name not in kept:
                numbers[name] = value
            else:
                rest.append(seen)
        tree.body = rest
    for tree in texts.values():  # a function may use what is defined below it
        ast.fix_missing_locations(_Inliner(numbers).visit(tree))


def _stored(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id


def _defined(node: ast.stmt) -> tuple[str, int | None]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], number(node.value)
        if isinstance(target, ast.Name) and value is not None:
            return target.id, value
    return "", None


def number(node: ast.expr) -> int | None:
    """Return the value of an expression of whole numbers, or None."""
    parts = ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop
    if not all(isinstance(part, parts) for part in ast.walk(node)):
        return None
    value = eval(ast.unparse(node), {"__builtins__": {}}, {})  # noqa: S307 - numbers alone
    return value if type(value) is int else None


def _written(value: int) -> ast.expr:
    """Return a number as an expression: a minus binds less than a power or a dot."""
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


class _Inliner(ast.NodeTransformer):
    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load) and node.id in self._numbers:
            return _written(self._numbers[node.id])
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.func) == "const" and len(node.args) == 1:
            return node.args[0]
        return node
