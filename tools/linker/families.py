"""Which classes inherit from one another, and which members they have together."""

import ast
from collections.abc import Iterator, Mapping


def families_of(texts: Mapping[str, ast.Module]) -> dict[str, int]:
    """Return the family of each class: classes that inherit from one another have one."""
    classes = list(_classes(texts))
    of = {node.name: number for number, node in enumerate(classes)}
    for node in classes:
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in of:
                joined, into = of[node.name], of[base.id]
                of = {name: into if home == joined else home for name, home in of.items()}
    return of


def _classes(texts: Mapping[str, ast.Module]) -> Iterator[ast.ClassDef]:
    for tree in texts.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield node


def families(texts: Mapping[str, ast.Module]) -> Iterator[set[str]]:
    """Yield the members that a class has, and those of the classes above and below it."""
    of = families_of(texts)
    members: dict[int, set[str]] = {}
    for node in _classes(texts):
        members.setdefault(of[node.name], set()).update(class_names(node), _set_on_self(node))
    yield from members.values()


def _set_on_self(node: ast.ClassDef) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and not isinstance(part.ctx, ast.Load):
            yield part.attr


def set_from_outside(texts: Mapping[str, ast.Module]) -> Iterator[str]:
    """Yield the attributes that are set on something else than `self`: nobody knows whose they are."""
    for tree in texts.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                value = node.value
                if not isinstance(value, ast.Name) or value.id != "self":
                    yield node.attr


def class_names(node: ast.ClassDef) -> Iterator[str]:
    """Yield what the body of a class defines."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef):
            yield part.name
        elif isinstance(part, ast.Assign):
            yield from (t.id for t in part.targets if isinstance(t, ast.Name))
