"""What the linker refuses to link, since it might then do something else: each with the line it is on."""

import ast
from collections.abc import Iterator

_UNKNOWN = {
    ast.AsyncFunctionDef: "a coroutine",
    ast.Match: "match",
    ast.NamedExpr: "a name that is bound in an expression",
    ast.TryStar: "except*",
}
_DECORATORS = ("property", "staticmethod", "classmethod", "micropython.")
_BY_NAME = ("getattr", "setattr", "hasattr", "delattr")
_ASKS = ("eval", "exec", "globals", "locals", "vars", "dir", "compile")
_OF_MODULES = ("__name__", "__file__", "__path__", "__dict__")
# It asks the pin maps for what they have, by name: they keep all their names.
_ASKS_BOARDS = ("firmware.start",)


class CannotLink(Exception):
    """A source uses what the linker does not know; says where."""


def refuse(module: str, tree: ast.Module) -> None:
    """Raise `CannotLink` for the first thing in a module that is not linked."""
    for node, what in _refused(tree, by_name=module not in _ASKS_BOARDS):
        raise CannotLink(f"{module}, line {getattr(node, 'lineno', 0)}: {what}")


def _refused(tree: ast.Module, *, by_name: bool) -> Iterator[tuple[ast.AST, str]]:
    for statement in tree.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            yield from ((n, "an import in a statement") for n in ast.walk(statement) if _imports(n))
    for node in ast.walk(tree):
        yield from ((node, what) for kind, what in _UNKNOWN.items() if isinstance(node, kind))
        if isinstance(node, ast.FunctionDef):
            yield from _in_function(node)
        elif isinstance(node, ast.Call) and by_name:
            yield from _by_name(node)
        elif what := _named(node):
            yield node, what


def _named(node: ast.AST) -> str:
    if isinstance(node, ast.Name) and node.id in (*_ASKS, *_OF_MODULES):
        return node.id
    if isinstance(node, ast.ClassDef) and (node.decorator_list or node.keywords):
        return "a class with a decorator or a metaclass"
    if isinstance(node, ast.ImportFrom) and (node.level or node.names[0].name == "*"):
        return "an import whose names are not known"
    return ""


def _in_function(node: ast.FunctionDef) -> Iterator[tuple[ast.AST, str]]:
    for decorator in node.decorator_list:
        text = ast.unparse(decorator)
        if not text.startswith(_DECORATORS) and not text.endswith((".setter", ".deleter")):
            yield node, f"the decorator {text}"
    for statement in node.body:
        if any(isinstance(part, ast.ClassDef) for part in ast.walk(statement)):
            yield node, "a class in a function"


def _by_name(call: ast.Call) -> Iterator[tuple[ast.AST, str]]:
    """Yield a member that is asked for by a name which no string of the program spells."""
    if isinstance(call.func, ast.Name) and call.func.id in _BY_NAME and len(call.args) > 1:
        name = call.args[1]
        if not isinstance(name, ast.Constant | ast.Name | ast.Subscript):
            yield call, f"{call.func.id} with a name that is put together"


def _imports(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)
