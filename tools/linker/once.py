"""Finds what only the making of a program needs, and lets the program let go of it.

Constructors of what is made once are a tenth of a program, and stay in the heap though nobody calls them
again. `firmware.core.makers.forget` does nothing in the sources; here it gets a body: it deletes each
function and method that only the start calls, directly or through others of its kind.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tools.linker.lean import strings

_AGAIN = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp)
_LATER = "later"  # no name of a function
_NOWHERE = ""  # the first level of a text: it runs once, at the import


@dataclass
class _Use:
    """Where a function is named: in which function (`Class.method`), and whether that calls it."""

    context: str
    calls: bool
    again: bool = False  # in a loop


@dataclass
class Program:
    """What a program defines and who names it."""

    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    uses: dict[str, list[_Use]] = field(default_factory=dict)


def find(
    texts: Mapping[str, ast.Module], marker: str, runs: frozenset[str], *, final: bool = True
) -> set[str]:
    """Return the functions, and methods as `Class.method`, that nobody calls after `marker` was called.

    `runs` are the functions that the start goes through: what they do before the marker is the start.
    """
    program = _program(texts, marker, runs)
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
    program = _program(texts, marker, runs)
    single = _single(_found(texts, program, runs | {marker}), program)
    return {name.partition(".")[0] for name in single}


def _program(texts: Mapping[str, ast.Module], marker: str, runs: frozenset[str]) -> "Program":
    program = Program()
    for tree in texts.values():
        _Reader(program, marker, runs).visit(tree)
    return program


def _found(texts: Mapping[str, ast.Module], program: "Program", kept: frozenset[str]) -> set[str]:
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
    return uses[0].context == _NOWHERE or uses[0].context in single


def defined(texts: Mapping[str, ast.Module]) -> dict[str, ast.FunctionDef]:
    """Return every function of the first level, and every method as `Class.method`."""
    program = Program()
    for tree in texts.values():
        _Reader(program, "", frozenset()).visit(tree)
    return program.functions


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
        use.calls and (use.context == _NOWHERE or use.context in once)
        for use in program.uses.get(_called(name), [])
    )


def _called(name: str) -> str:
    """Return what a call of a function names: a constructor by its class, a method by itself."""
    return name if _makes(name) else name.rpartition(".")[2]


def _makes(name: str) -> bool:
    return name.endswith(".__init__")


def _is_used(name: str, program: Program) -> bool:
    return bool(program.uses.get(_called(name)))


class _Reader(ast.NodeVisitor):
    def __init__(self, program: Program, marker: str, runs: frozenset[str]) -> None:
        self._program = program
        self._marker = marker
        self._runs = runs
        self._context = _NOWHERE
        self._class = ""
        self._harmless: set[int] = set()
        self._loops = 0
        self._function = False

    def visit(self, node: ast.AST) -> None:
        self._loops += isinstance(node, _AGAIN)
        super().visit(node)
        self._loops -= isinstance(node, _AGAIN)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._inner(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._inner(node)

    def _inner(self, node: ast.AST) -> None:
        """Read what runs at another time than where it stands, nobody knows how often."""
        before, self._context = self._context, _LATER
        self.generic_visit(node)
        self._context = before

    def visit_Module(self, node: ast.Module) -> None:
        for part in node.body:
            if isinstance(part, ast.ClassDef):
                self._program.classes[part.name] = part
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._class = node.name
        for part in node.body:
            self.visit(part)
        self._class = ""
        for base in node.bases:
            self._program.uses.setdefault(f"base {node.name}", []).append(
                _Use(ast.unparse(base), calls=False)
            )

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if self._function:
            self._inner(node)
            return
        self._function = True
        self._context = f"{self._class}.{node.name}" if self._class else node.name
        self._program.functions[self._context] = node
        if self._context in self._runs:
            self._visit_run(node)
        else:
            self.generic_visit(node)
        self._context = _NOWHERE
        self._function = False

    def _visit_run(self, node: ast.FunctionDef) -> None:
        """What stands before the marker, in no handler, is the start."""
        own = self._context
        before = True
        for part, again in _statements(node.body):
            self._loops = again + isinstance(part, ast.While)
            if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
                before = before and ast.unparse(part.value.func) != self._marker
            self._context = _NOWHERE if before and not _handled(part, node) else own
            if isinstance(part, ast.FunctionDef):
                self.visit(part)
                continue
            for child in ast.iter_child_nodes(part):
                if not isinstance(child, ast.stmt | ast.ExceptHandler):
                    self.visit(child)
        self._loops = 0

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            self._use(function.id, calls=True)
            self._harmless.add(id(function))
            if function.id == "isinstance":
                self._harmless.update(id(part) for part in ast.walk(node.args[1]))
        elif isinstance(function, ast.Attribute):
            self._use(function.attr, calls=True)
            self._harmless.add(id(function))
            if isinstance(function.value, ast.Name) and function.attr == "__init__":
                self._use(f"{function.value.id}.__init__", calls=True)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if id(node) not in self._harmless:
            self._use(node.attr, calls=False)
        if isinstance(node.value, ast.Name):
            self._harmless.add(id(node.value))
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self._harmless.update(id(part) for part in ast.walk(node.type))
        self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> None:
        self._use(node.name, calls=False)

    def visit_Name(self, node: ast.Name) -> None:
        if id(node) not in self._harmless and isinstance(node.ctx, ast.Load):
            self._use(node.id, calls=False)

    def _use(self, name: str, *, calls: bool) -> None:
        again = self._loops > 0
        self._program.uses.setdefault(name, []).append(_Use(self._context, calls, again))
        maker: str | None = name
        while maker is not None:  # a class without a constructor is made by that of its base
            node = self._program.classes.get(maker)
            self._program.uses.setdefault(f"{maker}.__init__", []).append(
                _Use(self._context, calls, again)
            )
            bases = node.bases if node else []
            maker = ast.unparse(bases[0]) if bases else None


def _statements(body: list[ast.stmt], again: int = 0) -> Iterator[tuple[ast.stmt, int]]:
    """Yield each statement, and in how many loops it stands."""
    for node in body:
        yield node, again
        inside = again + isinstance(node, _AGAIN)
        for part in () if isinstance(node, ast.FunctionDef) else ast.iter_child_nodes(node):
            if isinstance(part, ast.stmt):
                yield from _statements([part], inside)
            elif isinstance(part, ast.ExceptHandler):
                yield from _statements(part.body, inside)


def _handled(statement: ast.stmt, function: ast.FunctionDef) -> bool:
    """Say whether a statement stands in an exception handler."""
    return any(
        part is statement
        for handler in ast.walk(function)
        if isinstance(handler, ast.ExceptHandler)
        for part in ast.walk(handler)
    )
