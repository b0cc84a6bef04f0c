"""Cuts a text in parts that are loaded one after the other: what one leaves free serves the next.

While a text is loaded it takes half as much again as what stays of it.
"""

import ast
import copy
from collections.abc import Iterator, Sequence

from tools.linker.names import defined_by
from tools.linker.refusals import CannotLink


def split(tree: ast.Module, names: Sequence[str]) -> dict[str, ast.Module]:
    """Return parts of about one size by name, the statements in their order; raise `CannotLink`."""
    outside = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    body = [node for node in tree.body if node not in outside]
    sizes = [sum(1 for _ in ast.walk(node)) for node in body]
    cuts = _cuts(body)
    parts: dict[str, ast.Module] = {name: ast.Module([], []) for name in names}
    number, passed = 0, 0
    for place, node in enumerate(body):
        if place in cuts and passed * len(names) >= (number + 1) * sum(sizes):
            number += 1
        parts[names[number]].body.append(node)
        passed += sizes[place]
    for part in parts.values():
        part.body[:0] = _imports(part, outside)
    _check(parts)
    return parts


def _imports(part: ast.Module, outside: Sequence[ast.Import | ast.ImportFrom]) -> list[ast.stmt]:
    """Return the imports of MicroPython's modules that a part uses."""
    used = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
    return [
        copy.deepcopy(node)
        for node in outside
        if {alias.asname or alias.name for alias in node.names} & used
    ]


def _cuts(body: Sequence[ast.stmt]) -> set[int]:
    """Return the statements before which none names what is defined from there on."""
    at = {
        name: place
        for place, node in enumerate(body)
        for name in defined_by(ast.Module([node], []))
    }
    furthest = 0
    found: set[int] = set()
    for place, node in enumerate(body):
        if furthest < place:
            found.add(place)
        named = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
        furthest = max([furthest, *(at.get(name, 0) for name in named)])
    return found


def _check(parts: dict[str, ast.Module]) -> None:
    """Refuse a part that needs a later one, or a global that changes and is read in another."""
    home = {name: part for part, tree in parts.items() for name in defined_by(tree)}
    order = {part: number for number, part in enumerate(parts)}
    changing = {name for tree in parts.values() for name in _changing(tree)}
    for part, tree in parts.items():
        known = set(defined_by(tree))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Name) or node.id in known or node.id not in home:
                continue
            if order[home[node.id]] > order[part] or node.id in changing:
                raise CannotLink(f"{part}: {node.id} is of {home[node.id]}")


def _changing(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
