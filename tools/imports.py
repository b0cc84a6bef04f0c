"""What a module imports, read from its syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Import:
    """One name that a module imports, at whatever depth."""

    line: int
    name: str  # in full
    for_types: bool = False


@cache
def imports(module: str, source: str) -> tuple[Import, ...]:
    """Return whatever a module imports; nothing is read twice."""
    tree = ast.parse(source)
    found = [
        Import(node.lineno, name, for_types)
        for statement in tree.body
        for for_types in (_is_for_types(statement),)
        for node in _imports_below(statement)
        for name in _names(module, node)
    ]
    if "__import__" in source:
        found += [
            Import(node.lineno, node.id)
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and node.id == "__import__"
        ]
    return tuple(found)


def _imports_below(statement: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports in a statement and in those that it holds; no expression holds one."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        yield statement
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(statement, part, ()):
            yield from _imports_below(inner)


def _names(module: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    base = f"{origin(module, node)}." if isinstance(node, ast.ImportFrom) else ""
    yield from (base + alias.name for alias in node.names)


def origin(module: str, node: ast.ImportFrom) -> str:
    """Return the package that `from ... import` names, relative ones resolved."""
    if not node.level:
        return node.module or ""
    parents = module.split(".")[: -node.level]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
