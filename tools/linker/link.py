"""Links a role: what its start loads becomes one text, `tocsin`, cut in parts.

What it loads later, and each board, keeps a text of its own.

tocsin1, 2, 3            start, the program, and all that they import: in parts (`parts`)
firmware.start           a door: the name that main.py knows
firmware.<role>          a door: the name that `start` makes
firmware.boards.<board>  a pin map, as it is
what a function imports  with all that only it needs, under its own name
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tools.firmware_closure import START, closure_of, imported_by, path_of
from tools.linker import constants, inline, lean, names, once, parts, privates, states
from tools.linker.dissolve import dissolve
from tools.linker.merge import merge
from tools.linker.outside import known_outside
from tools.linker.settled import settle
from tools.linker.source import BOARD_ONLY, Source, global_name, read
from tools.linker.written import written

MAIN = "tocsin"
_BOARDS = "firmware.boards."
# `start` imports it by name, for the sake of the stack: here nothing imports in turn.
_FIRST = "firmware.core.codec"
FORGET = global_name("firmware.core.makers", "forget")
_PARTS = tuple(f"{MAIN}{number}" for number in range(1, 4))
# Loading leaves as much behind as it keeps. Collected this often, it leaves few holes; a button, which
# loads at every wake, has the room to be quicker.
_COLLECT_EVERY = {"panic_button": 4_096}
_COLLECT_EVERY_ON_MAINS = 2_048


def link(role: str, boards: Sequence[str]) -> dict[str, str]:
    """Return the texts of a role by the name of the module that each is; raise `CannotLink`."""
    sources = {name: read(name, path_of(name).read_text()) for name in _modules(role, boards)}
    orders = _orders(role, boards, sources)
    home = {module: text for text, order in orders.items() for module in order}
    home |= {shown: home[real] for shown, real in BOARD_ONLY.items() if real in home}
    texts = {text: merge(sources, order, home) for text, order in orders.items()}
    maps = [_BOARDS + board for board in boards]
    for board in maps:
        _unprefix(texts[board], board)
    doors = {
        START: global_name(START, "run"),
        f"firmware.{role}": global_name(f"firmware.{role}", "run"),
    }
    shown = frozenset(name for board in maps for name in sources[board].own)
    every = _COLLECT_EVERY.get(role, _COLLECT_EVERY_ON_MAINS)
    return finish(texts, doors, shown, maps, every) | {_FIRST: "\n"}


def finish(
    texts: dict[str, ast.Module],
    doors: Mapping[str, str],
    shown: frozenset[str] = frozenset(),
    maps: Sequence[str] = (),
    collect_every: int = _COLLECT_EVERY_ON_MAINS,
) -> dict[str, str]:
    """Return merged texts made small, `MAIN` in parts, and written.

    `doors` are modules that have one function of it, as `run`: the start goes through these. Names in
    `shown` stay, and so do the texts `maps`.
    """
    runs = frozenset(doors.values())
    make_smaller(texts, runs | shown, maps, runs)
    main = texts.pop(MAIN)
    _put_last(main, FORGET)
    pieces = parts.split(main, _PARTS)
    texts |= pieces
    states.place(texts, _PARTS)
    once.write(pieces, FORGET, once.find(texts, FORGET, runs))
    homes = names.globals_of(texts)
    for door, name in doors.items():
        texts[door] = ast.parse(
            _loading(collect_every) + f"from {homes[name]} import {name} as run"
        )
    for tree in texts.values():
        _import_globals(tree, homes)
    names.shorten(texts, shown | {"run"})
    lines = {text: written(tree) for text, tree in texts.items()}
    return {text: line + "\n" for text, line in lines.items() if line or text in _PARTS}


def _put_last(tree: ast.Module, name: str) -> None:
    """Define a function behind all else, which it may name."""
    own = next(node for node in tree.body if getattr(node, "name", "") == name)
    tree.body.remove(own)
    tree.body.append(own)


def make_smaller(
    texts: Mapping[str, ast.Module],
    kept: frozenset[str],
    maps: Sequence[str] = (),
    runs: frozenset[str] = frozenset(),
) -> None:
    """Inline constants and what is called once, drop what nobody uses; `maps` stay as they are.

    `runs` are the functions that the start goes through.
    """
    constants.inline(texts, kept)
    lean.strip(texts, kept | known_outside())
    privates.tell_apart(texts)
    if runs:
        dissolve(texts, MAIN, kept, FORGET, runs)
        settle(texts)
        lean.strip(texts, kept | known_outside())
    programs = {text: tree for text, tree in texts.items() if text not in maps}
    brief = once.find(texts, FORGET, runs, final=False) if runs else set()
    functions = once.defined(texts)
    inline.inline(
        programs,
        kept | known_outside() | {FORGET},
        frozenset(id(functions[name]) for name in brief),
    )


def _loading(collect_every: int) -> str:
    """Return what loads the parts, each when the one before has left its room."""
    loads = "".join(f"__import__('{part}')\ncollector.collect()\n" for part in _PARTS)
    return f"collector = __import__('gc')\ncollector.threshold({collect_every})\n{loads}"


def _modules(role: str, boards: Sequence[str]) -> list[str]:
    found = set(closure_of(role, boards).modules) - set(BOARD_ONLY)
    return sorted(found | set(BOARD_ONLY.values()))


def _orders(
    role: str, boards: Sequence[str], sources: Mapping[str, Source]
) -> dict[str, list[str]]:
    """Return the modules of each text, in the order in which imports run them."""
    orders = {MAIN: _order([START, f"firmware.{role}"], sources)}
    orders |= {_BOARDS + board: [_BOARDS + board] for board in boards}
    rest = set(sources).difference(*orders.values())
    reached: dict[str, set[str]] = {}  # by which modules that others import later
    for root in _roots(rest, orders, sources):
        for module in _order([root], rest, later_too=True):
            reached.setdefault(module, set()).add(root)
    groups: dict[frozenset[str], list[str]] = {}
    for module in _order(sorted(reached), rest, later_too=True):
        groups.setdefault(frozenset(reached[module]), []).append(module)
    for roots, order in groups.items():
        orders[min(roots) if len(roots) == 1 else order[0]] = order
    return {
        text: order for text, order in orders.items() if any(sources[m].tree.body for m in order)
    }


def _roots(
    rest: set[str], orders: Mapping[str, Iterable[str]], sources: Mapping[str, Source]
) -> list[str]:
    """Return what modules outside of `rest` import of it."""
    known = [module for order in orders.values() for module in order]
    return sorted(
        {name for module in known for name in _imports(module, later_too=True) if name in rest}
        & set(sources)
    )


def _order(roots: Iterable[str], among: Iterable[str], *, later_too: bool = False) -> list[str]:
    """Return modules with all that they import, each behind what it imports."""
    order: list[str] = []
    known = set(among)
    seen: set[str] = set()

    def visit(module: str) -> None:
        if module in known and module not in seen:
            seen.add(module)
            for imported in _imports(module, later_too=later_too):
                visit(imported)
            order.append(module)

    for root in roots:
        visit(root)
    return order


def _imports(module: str, *, later_too: bool) -> Iterator[str]:
    for name in imported_by(module, later_too=later_too):
        yield BOARD_ONLY.get(name, name)


def _unprefix(tree: ast.Module, board: str) -> None:
    """Give the globals of a board the names back by which `start` asks for them."""
    prefix = global_name(board, "")
    for node in ast.walk(tree):
        for field in ("id", "name"):
            value = getattr(node, field, None)
            if isinstance(value, str) and value.startswith(prefix):
                setattr(node, field, value.removeprefix(prefix))


def _import_globals(tree: ast.Module, homes: Mapping[str, str]) -> None:
    """Import into a text the globals that it uses of others."""
    wanted: dict[str, set[str]] = {}
    here = set(names.defined_by(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in here and node.id in homes:
            wanted.setdefault(homes[node.id], set()).add(node.id)
    for module, found in sorted(wanted.items()):
        aliases = [ast.alias(name) for name in sorted(found)]
        tree.body.insert(0, ast.ImportFrom(module, aliases, 0))
