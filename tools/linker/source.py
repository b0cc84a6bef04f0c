"""Reads a module as the linker takes it: without types, docstrings, and what is for CPython alone.

What the linker does not know how to keep true is refused: `CannotLink` names the place.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tools.linker.refusals import CannotLink, refuse

# What stands for a module on a board, where CPython needs another one as well.
BOARD_ONLY = {"protocol.portable": "protocol.compiled"}
_OURS = ("firmware", "protocol")
_FOR_TYPES = ("typing", "collections.abc")


@dataclass
class Source:
    """A module, read: what its global names stand for."""

    name: str
    tree: ast.Module
    own: set[str] = field(default_factory=set)
    aliases: dict[str, "Target"] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """What a name stands for: something in a module (of ours, or of MicroPython), or a module."""

    module: str
    name: str = ""


def global_name(module: str, name: str) -> str:
    """Return the name that `name` of `module` has among all."""
    return f"{module}.{name}".replace(".", "__")


def read(name: str, text: str) -> Source:
    """Read a module: without types, docstrings, and what is for CPython alone."""
    tree = ast.parse(text)
    tree.body = list(_on_board(tree.body))
    ast.fix_missing_locations(_Bare().visit(tree))
    refuse(name, tree)
    source = Source(name, tree)
    for node in tree.body:
        if not take_import(node, source.aliases):
            source.own |= set(bound([node]))
    if both := source.own & set(source.aliases):
        raise CannotLink(f"{name}: {', '.join(sorted(both))} is imported and assigned to")
    return source


def is_ours(module: str) -> bool:
    """Say whether a module is one of the firmware's."""
    return module.split(".", maxsplit=1)[0] in _OURS


def _on_board(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield what a board does of the first level of a module."""
    for node in body:
        test = ast.unparse(node.test) if isinstance(node, ast.If) else ""
        if isinstance(node, ast.If) and test in ("TYPE_CHECKING", "not TYPE_CHECKING"):
            yield from _on_board(node.orelse if test == "TYPE_CHECKING" else node.body)
        elif isinstance(node, ast.Try) and _only_import_fails(node):
            yield from _on_board(node.body)
        elif not _is_for_cpython(node):
            yield node


def _is_for_cpython(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.ImportFrom):
        return node.module in _FOR_TYPES
    return _assigns(node, "TYPE_CHECKING") or _assigns(node, "__all__")


def _only_import_fails(node: ast.Try) -> bool:
    names = [ast.unparse(handler.type) for handler in node.handlers if handler.type]
    return names == ["ImportError"] and not (node.orelse or node.finalbody)


class _Bare(ast.NodeTransformer):
    """Takes away docstrings, types (but those of viper), and `__slots__`, which MicroPython keeps."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if not any("viper" in ast.unparse(decorator) for decorator in node.decorator_list):
            node.returns = None
            for argument in arguments(node.args):
                argument.annotation = None
        node.body = _without_docstring(node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.body = _without_docstring(
            [part for part in node.body if not _assigns(part, "__slots__")]
        )
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        return ast.Assign([node.target], node.value, lineno=node.lineno) if node.value else None


def _assigns(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    kept = [
        node
        for node in body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return kept or [ast.Pass()]


def take_import(node: ast.stmt, aliases: dict[str, Target]) -> bool:
    """Note what an import binds; say whether it is one."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if "." in alias.name and not alias.asname:
                raise CannotLink(f"line {node.lineno}: {ast.unparse(node)}")
            aliases[alias.asname or alias.name] = Target(alias.name, "")
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            aliases[alias.asname or alias.name] = Target(node.module or "", alias.name)
    else:
        return False
    return True


def bound(body: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names that statements bind in their own scope."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
            yield from bound(node.decorator_list)
            continue
        if isinstance(
            node, ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp
        ):
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        yield from bound(list(ast.iter_child_nodes(node)))


def arguments(args: ast.arguments) -> list[ast.arg]:
    more = [extra for extra in (args.vararg, args.kwarg) if extra]
    return args.posonlyargs + args.args + args.kwonlyargs + more
