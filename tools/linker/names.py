"""Gives short names to what only the program knows, the shortest to the most frequent.

globals     one list for all texts
attributes  and arguments given by name: the same everywhere; a name that MicroPython knows, or a string
            of ours spells, stays
locals      only arguments have names on a board: the same few in every function
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import count, product
from string import ascii_letters

from tools.linker.families import class_names, families, set_from_outside
from tools.linker.lean import strings
from tools.linker.outside import known_outside
from tools.linker.renamer import Names, Renamer
from tools.linker.source import bound

_MOST_ARGUMENTS = 16


@dataclass
class _Uses:
    """How often the texts name what is ours, and every name there is."""

    ours: AbstractSet[str]  # arguments
    own: AbstractSet[str]  # globals
    attributes: Counter[str] = field(default_factory=Counter)
    globals: Counter[str] = field(default_factory=Counter)
    keywords: set[str] = field(default_factory=set)
    everything: set[str] = field(default_factory=set)

    def take(self, node: ast.AST) -> None:
        """Count a node."""
        if isinstance(node, ast.Attribute):
            self.attributes[node.attr] += 1
        elif isinstance(node, ast.keyword) and node.arg and node.arg in self.ours:
            self.attributes[node.arg] += 1
            self.keywords.add(node.arg)
        elif isinstance(node, ast.arg):
            self.everything.add(node.arg)
        elif isinstance(node, ast.Name):
            self.everything.add(node.id)
            self.globals[node.id] += node.id in self.own
        elif isinstance(node, ast.ExceptHandler) and node.name:
            self.everything.add(node.name)
        elif isinstance(node, ast.ClassDef):
            self.attributes.update(class_names(node))
        elif isinstance(node, ast.alias):
            self._import(node)

    def _import(self, node: ast.alias) -> None:
        known = {node.name, node.asname or node.name}
        self.everything |= known
        self.globals[node.asname or node.name] += bool(known & self.own)


def shorten(texts: Mapping[str, ast.Module], kept: frozenset[str]) -> None:
    """Change the names in `texts`; those in `kept` stay."""
    stay = known_outside() | {word for tree in texts.values() for word in strings(tree)} | kept
    uses = _uses(texts)
    taken = stay | set(uses.attributes) | uses.own | uses.everything
    fresh = (name for name in _shortest() if name not in taken)
    # An argument given by name must hide no global.
    by_name = {name: name if name in stay else next(fresh) for name in sorted(uses.keywords)}
    arguments = [next(fresh) for _ in range(_MOST_ARGUMENTS)]
    rest = [next(fresh) for _ in range(len(taken))]
    renamed = [name for name, _ in uses.globals.most_common() if name in uses.own - kept]
    names = Names(
        attributes=by_name | _shared(texts, uses.attributes, stay | set(by_name), rest),
        globals=dict(zip(renamed, rest, strict=False)),
        by_name=by_name,
        arguments=arguments,
    )
    for tree in texts.values():
        Renamer(names).visit(tree)


def globals_of(texts: Mapping[str, ast.Module]) -> dict[str, str]:
    """Return each global and the text it is in."""
    return {name: text for text, tree in reversed(list(texts.items())) for name in _globals(tree)}


def _uses(texts: Mapping[str, ast.Module]) -> _Uses:
    nodes = [node for tree in texts.values() for node in ast.walk(tree)]
    ours = {node.arg for node in nodes if isinstance(node, ast.arg)}
    found = _Uses(ours, set(globals_of(texts)))
    for node in nodes:
        found.take(node)
    return found


def _shared(
    texts: Mapping[str, ast.Module], uses: Counter[str], stay: AbstractSet[str], short: list[str]
) -> dict[str, str]:
    """Give members of classes the same few names: two may share one where no class has both."""
    all_families = list(families(texts))
    strays = set(set_from_outside(texts))
    found: dict[str, str] = {}
    taken: list[set[str]] = [set() for _ in all_families]
    for name, _ in uses.most_common():
        homes = [at for at, family in enumerate(all_families) if name in family]
        if not homes or name in stay or _special(name):
            continue
        if name in strays:
            homes = list(range(len(all_families)))
        free = next(one for one in short if not any(one in taken[home] for home in homes))
        for home in homes:
            taken[home].add(free)
        found[name] = free
    return found


def _globals(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        else:
            yield from bound([node])


def _special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _shortest() -> Iterator[str]:
    for length in count(1):
        yield from map("".join, product(ascii_letters, repeat=length))
