"""The names that MicroPython knows: they are no names of ours, and cost nothing.

They come from the stubs of its modules, those for the ESP32, and from the built-in types themselves, of
which the stubs leave methods out.
"""

import ast
import builtins
import keyword
from functools import cache
from importlib import metadata
from io import BytesIO, StringIO
from pathlib import Path

_TYPES = (bytes, bytearray, dict, float, int, list, memoryview, set, str, tuple, BytesIO, StringIO)
_STUBS = ("micropython-esp32-stubs", "micropython-stdlib-stubs")
_WORDS = ("end", "sep", "key", "reverse", "default", "signed")  # arguments of built-in functions


@cache
def known_outside() -> frozenset[str]:
    """Return all of them, keywords and built-in functions as well."""
    found = {name for kind in _TYPES for name in dir(kind)}
    found |= {*_WORDS, *keyword.kwlist, *dir(builtins)}
    for package in _STUBS:
        for file in metadata.files(package) or ():
            if file.suffix == ".pyi":
                found |= _defined(ast.parse(Path(str(file.locate())).read_text()))
    return frozenset(found)


def _defined(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found
