"""Tells apart the private members of different classes, so that what is called is known by its name."""

import ast
from collections.abc import Iterator, Mapping

from tools.linker.families import families_of
from tools.linker.lean import strings


def tell_apart(texts: Mapping[str, ast.Module]) -> None:
    """Give `_name` another name in each family of classes, where it is used on `self` alone."""
    family_of = families_of(texts)
    spelt = {word for tree in texts.values() for word in strings(tree)}
    homes: dict[str, set[int]] = {}
    foreign: set[str] = set()
    for tree in texts.values():
        for name, home in _uses(tree, family_of):
            if home is None:
                foreign.add(name)
            else:
                homes.setdefault(name, set()).add(home)
    several = {
        name
        for name, found in homes.items()
        if len(found) > 1 and name not in foreign | spelt and _is_private(name)
    }
    for tree in texts.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                _rename(node, several, family_of[node.name])


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _uses(tree: ast.Module, family_of: Mapping[str, int]) -> Iterator[tuple[str, int | None]]:
    """Yield each member that is used, and the family of `self` where it is one of that."""
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for part in _members(node):
                inside.add(id(part))
                yield _name_of(part), family_of[node.name]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inside:
            yield node.attr, None


def _members(node: ast.ClassDef) -> Iterator[ast.AST]:
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            yield statement
            arguments = statement.args.args
            own = arguments[0].arg if arguments else ""
            if own != "self":
                continue
            for part in ast.walk(statement):
                if (
                    isinstance(part, ast.Attribute)
                    and isinstance(part.value, ast.Name)
                    and part.value.id == own
                ):
                    yield part
        else:
            for part in ast.walk(statement):
                if isinstance(part, ast.Name):
                    yield part


def _name_of(part: ast.AST) -> str:
    if isinstance(part, ast.Attribute):
        return part.attr
    return part.id if isinstance(part, ast.Name) else getattr(part, "name", "")


def _rename(node: ast.ClassDef, several: set[str], family: int) -> None:
    for part in list(_members(node)):
        name = _name_of(part)
        if name not in several:
            continue
        fresh = f"{name}__{family}"
        if isinstance(part, ast.Attribute):
            part.attr = fresh
        elif isinstance(part, ast.Name):
            part.id = fresh
        elif isinstance(part, ast.FunctionDef):
            part.name = fresh
