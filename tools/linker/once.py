"""Finds what only the making of a program needs, and lets the program let go of it.

Constructors of what is made once are a tenth of a program, and stay in the heap though nobody calls them
again. `firmware.core.makers.forget` does nothing in the sources; here it gets a body: it deletes each
function and method that only the start calls, directly or through others of its kind.
"""

import ast
from collections.abc import Mapping

from tools.linker.lean import strings
from tools.linker.uses import NOWHERE, Program, program_of


def find(
    texts: Mapping[str, ast.Module], marker: str, runs: frozenset[str], *, final: bool = True
) -> set[str]:
    """Return the functions, and methods as `Class.method`, that nobody calls after `marker` was called.

    `runs` are the functions that the start goes through: what they do before the marker is the start.
    """
    program = program_of(texts, marker, runs)
    once = _found(texts, program, runs | {marker})
    for name in _single(once, program) if final else ():
        owner, _, method = name.partition(".")
        target = ast.Attribute(ast.Name(owner, ast.Load()), method, ast.Store())
        node = program.functions[name]
        if not any(isinstance(part, ast.Return) for part in ast.walk(node)):
            node.body.append(ast.Assign([target], ast.Constant(None), lineno=0))
            once.remove(name)
    return once


def made_once(texts: Mapping[str, ast.Module], marker: str, runs: frozenset[str]) -> set[str]:
    """Return the classes of which the start makes one object, and nobody makes another."""
    program = program_of(texts, marker, runs)
    single = _single(_found(texts, program, runs | {marker}), program)
    return {name.partition(".")[0] for name in single}


def _found(texts: Mapping[str, ast.Module], program: Program, kept: frozenset[str]) -> set[str]:
    spelt = {word for tree in texts.values() for word in strings(tree)}
    methods: dict[str, list[str]] = {}
    for name in program.functions:
        if "." in name:
            methods.setdefault(name.rpartition(".")[2], []).append(name)
    once = {
        name
        for name, node in program.functions.items()
        if name not in kept
        and not node.decorator_list
        and name.rpartition(".")[2] not in spelt
        and (_makes(name) or not name.rpartition(".")[2].startswith("__"))
    }
    while True:
        later = {name for name in once if not _only_at_start(name, program, once)}
        if not later:
            break
        once -= later
    return {name for name in once if _is_used(name, program)}


def _single(once: set[str], program: Program) -> set[str]:
    """Return the constructors that run a single time: they can forget themselves."""
    single = set(once)
    while True:
        several = {name for name in single if not _runs_once(name, program, single)}
        if not several:
            return {name for name in single if _makes(name)}
        single -= several


def _runs_once(name: str, program: Program, single: set[str]) -> bool:
    uses = program.uses.get(_called(name), [])
    if len(uses) != 1 or uses[0].again:
        return False
    return uses[0].context == NOWHERE or uses[0].context in single


def defined(texts: Mapping[str, ast.Module]) -> dict[str, ast.FunctionDef]:
    """Return every function of the first level, and every method as `Class.method`."""
    return program_of(texts, "", frozenset()).functions


def write(texts: Mapping[str, ast.Module], marker: str, once: set[str]) -> None:
    """Let `marker` forget what is `once`, and itself: by a function of each text that names some of it."""
    calls: list[ast.stmt] = []
    own = {text: f"{marker}__{text.replace('.', '__')}" for text in texts}
    gone = once | {marker, *own.values()}
    home = next(text for text, tree in texts.items() if _function(tree, marker))
    for text, tree in texts.items():
        if text != home and _forgetting(tree, gone):
            forgets = _defining(own[text], [])
            tree.body.append(forgets)
            forgets.body = _forgetting(tree, gone)
            calls.append(ast.Expr(ast.Call(ast.Name(own[text], ast.Load()), [], [])))
    if function := _function(texts[home], marker):
        function.body = calls
        function.body = [
            *_forgetting(texts[home], gone)[:1],
            *calls,
            *_forgetting(texts[home], gone)[1:],
        ]


def _forgetting(tree: ast.Module, once: set[str]) -> list[ast.stmt]:
    """Return statements that put None in the place of what is `once`, and global or a method here."""
    here = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    globals_ = sorted(name for name in once if name in here | named)
    methods = sorted(name for name in once if "." in name and name.split(".")[0] in here)
    targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in globals_]
    for name in methods:
        owner, method = name.split(".")
        targets.append(ast.Attribute(ast.Name(owner, ast.Load()), method, ast.Store()))
    body: list[ast.stmt] = [ast.Global(globals_)] if globals_ else []
    # None in its place: where a dictionary deletes, it keeps the value until the slot is used again.
    return [*body, ast.Assign(targets, ast.Constant(None), lineno=0)] if targets else []


def _function(tree: ast.Module, name: str) -> ast.FunctionDef | None:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    return None


def _defining(name: str, body: list[ast.stmt]) -> ast.FunctionDef:
    arguments = ast.arguments([], [], None, [], [], None, [])
    return ast.FunctionDef(name, arguments, body, [], lineno=0)


def _only_at_start(name: str, program: Program, once: set[str]) -> bool:
    return all(
        use.calls and (use.context == NOWHERE or use.context in once)
        for use in program.uses.get(_called(name), [])
    )


def _called(name: str) -> str:
    """Return what a call of a function names: a constructor by its class, a method by itself."""
    return name if _makes(name) else name.rpartition(".")[2]


def _makes(name: str) -> bool:
    return name.endswith(".__init__")


def _is_used(name: str, program: Program) -> bool:
    return bool(program.uses.get(_called(name)))
