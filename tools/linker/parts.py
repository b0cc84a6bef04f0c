"""Cuts a text in parts that are loaded one after the other: what one leaves free serves the next.

While a text is loaded it takes half as much again as what stays of it.
"""

import ast
from collections.abc import Iterator, Sequence

from tools.linker.names import defined_by
from tools.linker.refusals import CannotLink


def split(tree: ast.Module, names: Sequence[str]) -> dict[str, ast.Module]:
    """Return parts of about one size by name, the statements in their order; raise `CannotLink`."""
    sizes = [sum(1 for _ in ast.walk(node)) for node in tree.body]
    cuts = _cuts(tree.body)
    parts: dict[str, ast.Module] = {name: ast.Module([], []) for name in names}
    number, passed = 0, 0
    for place, node in enumerate(tree.body):
        if place in cuts and passed * len(names) >= (number + 1) * sum(sizes):
            number += 1
        parts[names[number]].body.append(node)
        passed += sizes[place]
    _check(parts)
    return parts


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
        for node in ast.walk(tree):
            if not isinstance(node, ast.Name) or home.get(node.id, part) == part:
                continue
            if order[home[node.id]] > order[part] or node.id in changing:
                raise CannotLink(f"{part}: {node.id} is of {home[node.id]}")


def _changing(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
