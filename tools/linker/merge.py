"""Puts modules one behind the other, in the order in which imports run them.

Each global gets a name of its own. What names a module of the same text, or something in it, becomes the
plain global. What a function imports later stays an import, from another text.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping

from tools.linker.resolver import Resolver
from tools.linker.source import Source, global_name, is_ours


def merge(
    sources: Mapping[str, Source], order: Iterable[str], text: Mapping[str, str]
) -> ast.Module:
    """Return the modules `order` as one; `text` says in which text a module of ours lies."""
    body: list[ast.stmt] = []
    imported: set[str] = set()
    for name in order:
        source = sources[name]
        resolver = Resolver(source, sources, text)
        for node in source.tree.body:
            body += _kept_imports(node, imported)
            if not isinstance(node, ast.Import | ast.ImportFrom):
                body.append(resolver.visit(node))
    return ast.fix_missing_locations(ast.Module(body, []))


def _kept_imports(node: ast.stmt, imported: set[str]) -> Iterator[ast.stmt]:
    """Yield imports of MicroPython's modules, each once, under names of their own."""
    if isinstance(node, ast.Import):
        pairs = [(alias.name, "") for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not is_ours(node.module or ""):
        pairs = [(node.module or "", alias.name) for alias in node.names]
    else:
        return
    for module, name in pairs:
        key = global_name(module, name or "module")
        if key in imported or (module, name) == ("micropython", "const"):
            continue
        imported.add(key)
        if name:
            yield ast.ImportFrom(module, [ast.alias(name, key)], 0)
        else:
            yield ast.Import([ast.alias(module, key)])
