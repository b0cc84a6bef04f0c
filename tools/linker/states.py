"""Puts each global that functions set into the first part that uses it; the others reach it there."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from tools.linker.singles import is_state

_MODULE = "__text"


def place(texts: Mapping[str, ast.Module], parts: Sequence[str]) -> None:
    """Define each such global in one of `parts`, which are loaded in this order."""
    homes: dict[str, str] = {}
    for part in parts:
        for node in ast.walk(texts[part]):
            if isinstance(node, ast.Name) and is_state(node.id):
                homes.setdefault(node.id, part)
    for text, tree in texts.items():
        _Reach(text, homes).visit(tree)
        _declare(tree)
        mine = sorted(name for name, home in homes.items() if home == text)
        if mine:
            targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in mine]
            tree.body.insert(0, ast.Assign(targets, ast.Constant(None), lineno=0))
        named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        modules = sorted(name for name in named if name.endswith(_MODULE))
        for name in reversed(modules):
            tree.body.insert(0, ast.Import([ast.alias(name.removesuffix(_MODULE), name)]))
        ast.fix_missing_locations(tree)


class _Reach(ast.NodeTransformer):
    def __init__(self, text: str, homes: Mapping[str, str]) -> None:
        self._text = text
        self._homes = homes

    def visit_Name(self, node: ast.Name) -> ast.AST:
        home = self._homes.get(node.id, self._text)
        if home == self._text:
            return node
        return ast.Attribute(ast.Name(home + _MODULE, ast.Load()), node.id, node.ctx)


def _declare(tree: ast.Module) -> None:
    """Say in each function which of these globals it sets."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = sorted(set(_stored(function.body)))
            if names:
                function.body.insert(0, ast.Global(names))


def _stored(body: Sequence[ast.AST]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef):
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and is_state(node.id):
            yield node.id
        yield from _stored(list(ast.iter_child_nodes(node)))
