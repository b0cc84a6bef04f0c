"""What runs on the board is written in the subset of Python the board has (design rule)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN_MODULES = {
    "__future__",
    "abc",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "hmac",
    "itertools",
    "logging",
    "struct",  # pack(">B", 300) wraps silently on MicroPython
    "typing",
    "ustruct",
}
FORBIDDEN_ASYNCIO = {"Queue", "Runner", "TaskGroup", "timeout", "timeout_at", "to_thread"}


def sources() -> list[Path]:
    found = [path for top in ("protocol", "firmware") for path in (ROOT / top).rglob("*.py")]
    return sorted(path for path in found if "tests" not in path.relative_to(ROOT).parts)


def faults(tree: ast.Module) -> Iterator[str]:
    unused = set(_for_types_only(tree))
    nodes = [node for node in ast.walk(tree) if node not in unused]
    constants: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Assign) and _is_const(node.value):
            constants |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in nodes:
        for fault in (
            *_import_faults(node),
            *_syntax_faults(node),
            *_const_faults(node, constants),
        ):
            yield f"line {getattr(node, 'lineno', '?')}: {fault}"


def _for_types_only(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what stands under `if TYPE_CHECKING:` at the top: never run."""
    for statement in tree.body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            for inner in statement.body:
                yield from ast.walk(inner)


def _import_faults(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (f"imports {n.name}" for n in names if _top(n.name) in FORBIDDEN_MODULES)
        case ast.ImportFrom(module=str(module)) if _top(module) in FORBIDDEN_MODULES:
            yield f"imports {module}"
        case ast.ImportFrom(module="asyncio", names=names):
            yield from (f"asyncio.{n.name}" for n in names if n.name in FORBIDDEN_ASYNCIO)
        case ast.Attribute(value=ast.Name(id="asyncio"), attr=attr) if attr in FORBIDDEN_ASYNCIO:
            yield f"asyncio.{attr}"


def _syntax_faults(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Match() | ast.TryStar():
            yield type(node).__name__
        case ast.arguments(posonlyargs=[_, *_]):
            yield "positional-only parameters"
        case ast.Delete(targets=targets) if any(map(_is_slice, targets)):
            yield "del of a slice"
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            is_target = isinstance(getattr(node, "ctx", None), ast.Store)
            if not is_target and any(isinstance(each, ast.Starred) for each in elts):
                yield "star in a display"
        case ast.Dict(keys=keys) if None in keys:
            yield "double star in a display"
        case ast.comprehension(is_async=1):
            yield "asynchronous comprehension"
        case ast.ClassDef(keywords=[_, *_]):
            yield "metaclass or class keywords"


def _const_faults(node: ast.AST, constants: set[str]) -> Iterator[str]:
    """`const` of a name that is not itself a constant of this file is a SyntaxError there."""
    if _is_const(node):
        used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        yield from (f"const of {name}" for name in sorted(used - constants - {"const"}))


def _is_const(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "const"
    )


def _top(module: str) -> str:
    return module.partition(".")[0]


def _is_slice(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)


def test_there_is_something_to_look_at() -> None:
    assert len(sources()) >= 18


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_portable(path: Path) -> None:
    assert list(faults(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import struct",
        "from typing import Any",
        "from __future__ import annotations",
        "def f(a, /): pass",
        "del b[:2]",
        "match x:\n    case 1: pass",
        "try:\n    pass\nexcept* ValueError:\n    pass",
        "x = (*a, 1)",
        "x = [*a]",
        "x = {*a}",
        "x = {**a}",
        "for x in *a, b: pass",
        "from m import B\nA = const(B)",
        "A = const(B + 1)",
        "asyncio.TaskGroup()",
        "from asyncio import timeout",
        "class A(metaclass=B): pass",
    ],
)
def test_forbidden_is_found(source: str) -> None:
    assert list(faults(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "f(*a, **b)",
        "a, *b = c",
        "A = const(1)\nB = const(A + 1)",
        "del b[0]",
        "if TYPE_CHECKING:\n    import typing",
    ],
)
def test_allowed_is_not_found(source: str) -> None:
    assert not list(faults(ast.parse(source)))
