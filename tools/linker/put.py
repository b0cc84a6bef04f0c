"""Puts expressions into the place of names and of other expressions."""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence


class Stays(Exception):
    """A call cannot be replaced."""


class Put(ast.NodeTransformer):
    """Puts values in the place of names, or names where they are stored."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self._values.get(node.id)
        if value is None:
            return node
        if isinstance(node.ctx, ast.Load):
            return copy.deepcopy(value)
        if not isinstance(value, ast.Name):
            raise Stays
        return ast.Name(value.id, node.ctx)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        value = self._values.get(node.name or "")
        if isinstance(value, ast.Name):
            node.name = value.id
        return node


def replaced(node: ast.stmt, old: ast.expr, new: ast.expr) -> ast.stmt:
    """Return a statement with another expression in it."""

    class _Replace(ast.NodeTransformer):
        def visit(self, part: ast.AST) -> ast.AST:
            return new if part is old else self.generic_visit(part)

    _Replace().visit(node)
    return node


def stores(body: Sequence[ast.AST]) -> Iterator[str]:
    """Yield each name that statements bind, as often as they do."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield node.id
            elif isinstance(node, ast.ExceptHandler) and node.name:
                yield node.name
            elif isinstance(node, ast.alias):
                yield node.asname or node.name
