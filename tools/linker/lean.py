"""Takes away functions, methods, classes and tables that nothing in a program names."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping

_WORD = re.compile(r"[A-Za-z_]\w*")


def strip(texts: Mapping[str, ast.Module], kept: frozenset[str]) -> None:
    """Change `texts` until everything in them is used, or `kept`."""
    while True:
        used = Counter(name for tree in texts.values() for name in _used(tree))
        stripper = _Stripper(used, kept)
        for tree in texts.values():
            stripper.visit(tree)
        if not stripper.found:
            return


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield the words in the strings of a text: by these a program may ask for a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _WORD.findall(node.value)


def _used(tree: ast.AST) -> Iterator[str]:
    yield from strings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


class _Stripper(ast.NodeTransformer):
    def __init__(self, used: Counter[str], kept: frozenset[str]) -> None:
        self._used = used
        self._kept = kept
        self.found = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return None if self._is_unused(node.name) else node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | None:
        if self._is_unused(node.name):
            return None
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        target = node.targets[0]
        if len(node.targets) > 1 or not isinstance(target, ast.Name):
            return node
        effects = any(isinstance(part, ast.Call) for part in ast.walk(node.value))
        return node if effects or not self._is_unused(target.id) else None

    def visit_Module(self, node: ast.Module) -> ast.AST:
        kept = [(part, self._kept_part(part)) for part in node.body]
        node.body = [part for part, stays in kept if stays]
        return node

    def _kept_part(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign):
            return self.visit(node) is not None
        return not isinstance(node, ast.Import | ast.ImportFrom) or self._import(node) is not None

    def _import(self, node: ast.Import | ast.ImportFrom) -> ast.stmt | None:
        name = node.names[0].asname or node.names[0].name
        return None if self._is_unused(name) else node

    def _is_unused(self, name: str) -> bool:
        special = name.startswith("__") and name.endswith("__")
        unused = not special and name not in self._kept and not self._used[name]
        self.found += unused
        return unused
