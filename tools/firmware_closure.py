"""Which files a role of the firmware needs, read from syntax trees: at its start, and later.

    python -m tools.firmware_closure

What a module imports on its first level is loaded at the start, as the board goes through it; what only
a function imports is loaded when that runs. Imports for types are for nobody.
"""

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROLES = ("panic_button", "call_box", "radio_head")
START = "firmware.start"
_OURS = ("firmware", "protocol")


@dataclass(frozen=True)
class Closure:
    """Modules of one role, sorted: those loaded at the start, and those that come later or never."""

    at_start: tuple[str, ...]
    later: tuple[str, ...]

    @property
    def modules(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(sorted(self.at_start + self.later))


def closure_of(role: str, boards: Sequence[str] = ()) -> Closure:
    """Return what `role` needs beside the pin maps, or with those of some boards."""
    maps = [f"firmware.boards.{board}" for board in boards]
    roots = [START, f"firmware.{role}", *maps]
    at_start = _reached(roots, later_too=False)
    later = _reached(roots, later_too=True) - at_start
    return Closure(tuple(sorted(at_start)), tuple(sorted(later)))


def boards_of(role: str, chip: str = "") -> list[str]:
    """Return the boards that have a pin map for `role`, those with one chip or all."""
    return [
        path.stem
        for path in sorted((ROOT / "firmware" / "boards").glob("*.py"))
        if f"\n{role.upper()} = " in path.read_text() and chip in ("", chip_of(path.stem))
    ]


def chip_of(board: str) -> str:
    """Return the chip on a board: an ESP32-S3 unless its name begins with another."""
    return "esp32c3" if board.startswith("esp32c3") else "esp32s3"


def path_of(module: str) -> Path:
    """Return the file of a module or package of ours; raise FileNotFoundError."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not file.is_file():
        raise FileNotFoundError(file)
    return file


def imported_by(module: str, *, later_too: bool) -> tuple[str, ...]:
    """Return what a module of ours imports of ours: at its start, or whenever."""
    return _imported(path_of(module), later_too=later_too)


def _reached(roots: Sequence[str], *, later_too: bool) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += _parents(module)
            waiting += _imported(path_of(module), later_too=later_too)
    return found


def _parents(module: str) -> list[str]:
    parts = module.split(".")[:-1]
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


@cache
def _imported(path: Path, *, later_too: bool) -> tuple[str, ...]:
    return tuple(_imports(path, later_too=later_too))


def _imports(path: Path, *, later_too: bool) -> Iterator[str]:
    """Yield each module of ours that a file imports."""
    for node in _what_runs(ast.parse(path.read_text()), later_too=later_too):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            yield from (_module_or_name(node.module, alias.name) for alias in node.names)


def _what_runs(tree: ast.AST, *, later_too: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if not _is_for_types(node) and (later_too or not is_function):
            yield node
            yield from _what_runs(node, later_too=later_too)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _is_ours(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in _OURS


def _module_or_name(package: str, name: str) -> str:
    """Return the module that `from package import name` loads last."""
    try:
        path_of(f"{package}.{name}")
    except FileNotFoundError:
        return package
    return f"{package}.{name}"


def main() -> int:
    """Print a table: each module, and which role loads it when."""
    closures = {role: closure_of(role) for role in ROLES}
    print(f"{'':38}{'  '.join(ROLES)}")
    for module in sorted({name for closure in closures.values() for name in closure.modules}):
        marks = [
            "start" if module in closure.at_start else "later" if module in closure.later else ""
            for closure in closures.values()
        ]
        columns = [f"{mark:<{len(role)}}" for mark, role in zip(marks, ROLES, strict=True)]
        print(f"{module:38}{'  '.join(columns)}".rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
