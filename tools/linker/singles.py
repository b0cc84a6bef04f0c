"""Finds the classes that need not be: of each there is one object, and all that is done with it is known.

Their members become globals, named here: `state` is a global that functions set.
"""

import ast
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from tools.linker.kinds import NOTHING, Kinds

_STATE = "state__"


def state(kinds: Kinds, owner: str, member: str) -> str:
    """Return the global that a member of the one object of `owner` becomes."""
    return f"{_STATE}{kinds.root(owner)}__{member}"


def is_state(name: str) -> bool:
    """Say whether a name is one of those."""
    return name.startswith(_STATE)


def function(owner: str, member: str) -> str:
    """Return the function that a method becomes."""
    return f"{owner}__of_{member.strip('_')}"


def singles(
    texts: Mapping[str, ast.Module], kinds: Kinds, once: AbstractSet[str], home: str
) -> set[str]:
    """Return which of the classes made `once` need not be, all of them in the text `home`."""
    here = {node.name for node in texts[home].body if isinstance(node, ast.ClassDef)}
    found = {name for name in once & here & kinds.made if _is_plain(kinds, name, here)}
    for tree in texts.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                found -= _mixed(kinds, node)
    return found


def line_of(kinds: Kinds, single: AbstractSet[str]) -> set[str]:
    """Return the classes and those that they inherit from."""
    return {owner for name in single for owner in kinds.line(name)}


def _is_plain(kinds: Kinds, name: str, here: AbstractSet[str]) -> bool:
    line = list(kinds.line(name))
    members = {key[2] for key in kinds.values if key[0] == "member" and key[1] == line[-1]}
    return (
        not kinds.loose.intersection(line)
        and not kinds.classes[line[-1]].bases
        and here >= set(line)
        and set(kinds.heirs(line[-1])) == set(line)
        and kinds.made.intersection(line) == {name}
        and kinds.method(name, "__init__") is not None
        and all(_is_plain_body(kinds.classes[owner]) for owner in line)
        and not any(members & set(kinds.methods[owner]) for owner in line)
    )


def _is_plain_body(node: ast.ClassDef) -> bool:
    return all(
        isinstance(part, ast.Pass)
        or (
            isinstance(part, ast.FunctionDef)
            and not part.decorator_list
            and bool(part.args.args)
            and (not part.name.startswith("__") or part.name == "__init__")
        )
        for part in node.body
    )


def _mixed(kinds: Kinds, node: ast.Attribute) -> set[str]:
    """Return the classes that may be one of several here, or that something is done for first."""
    found = kinds.of.get(id(node.value), set()) - {NOTHING}
    if len(found) > 1 or not _is_path(node.value):
        return found
    return set()


def _is_path(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
