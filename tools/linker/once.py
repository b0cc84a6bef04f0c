"""Finds what only the making of a program needs, and lets the program let go of it.

Constructors of what is made once are a tenth of a program, and stay in the heap though nobody calls them
again. `firmware.core.makers.forget` does nothing in the sources; here it gets a body: it deletes each
function and method that only the start calls, directly or through others of its kind.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tools.linker.lean import strings

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
    program = Program()
    for tree in texts.values():
        _Reader(program, marker, runs).visit(tree)
    spelt = {word for tree in texts.values() for word in strings(tree)}
    methods: dict[str, list[str]] = {}
    for name in program.functions:
        if "." in name:
            methods.setdefault(name.split(".")[1], []).append(name)
    once = {
        name
        for name, node in program.functions.items()
        if name not in runs | {marker}
        and not node.decorator_list
        and name.split(".")[-1] not in spelt
        and (not name.split(".")[-1].startswith("__") or name.endswith(".__init__"))
    }
    while True:
        later = {name for name in once if not _only_at_start(name, program, once)}
        if not later:
            break
        once -= later
    once = {name for name in once if _is_used(name, program)}
    for name in _single(once, program) if final else ():
        owner, _, method = name.partition(".")
        target = ast.Attribute(ast.Name(owner, ast.Load()), method, ast.Store())
        node = program.functions[name]
        if not any(isinstance(part, ast.Return) for part in ast.walk(node)):
            node.body.append(ast.Assign([target], ast.Constant(None), lineno=0))
            once.remove(name)
    return once


def _single(once: set[str], program: Program) -> set[str]:
    """Return the constructors that run a single time: they can forget themselves."""
    single = set(once)
    while True:
        several = {name for name in single if not _runs_once(name, program, single)}
        if not several:
            return {name for name in single if _makes(name)}
        single -= several


def _runs_once(name: str, program: Program, single: set[str]) -> bool:
    uses = program.uses.get(name if _makes(name) else name.split(".")[-1], [])
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
    """Let `marker` forget what is `once`: by a function of each text that defines or names some of it."""
    calls: list[ast.stmt] = []
    for text, tree in texts.items():
        body = _forgetting(tree, once)
        own = _function(tree, marker)
        if own is not None:
            home, mine = own, body
        elif body:
            name = f"{marker}__{text.replace('.', '__')}"
            tree.body.append(_defining(name, body))
            calls.append(ast.Expr(ast.Call(ast.Name(name, ast.Load()), [], [])))
    home.body = [*calls, *mine] or [ast.Pass()]


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
    return body + [ast.Assign([target], ast.Constant(None), lineno=0) for target in targets]


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
        for use in program.uses.get(name.split(".")[-1] if not _makes(name) else name, [])
    )


def _makes(name: str) -> bool:
    return name.endswith(".__init__")


def _is_used(name: str, program: Program) -> bool:
    return bool(program.uses.get(name if _makes(name) else name.split(".")[-1]))


class _Reader(ast.NodeVisitor):
    def __init__(self, program: Program, marker: str, runs: frozenset[str]) -> None:
        self._program = program
        self._marker = marker
        self._runs = runs
        self._context = _NOWHERE
        self._class = ""
        self._harmless: set[int] = set()
        self._loops = 0

    def _loop(self, node: ast.AST) -> None:
        self._loops += 1
        self.generic_visit(node)
        self._loops -= 1

    visit_For = visit_While = visit_ListComp = visit_GeneratorExp = visit_DictComp = _loop

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
        if self._context != _NOWHERE:
            self.generic_visit(node)
            return
        self._context = f"{self._class}.{node.name}" if self._class else node.name
        self._program.functions[self._context] = node
        if self._context in self._runs:
            self._visit_run(node)
        else:
            self.generic_visit(node)
        self._context = _NOWHERE

    def _visit_run(self, node: ast.FunctionDef) -> None:
        """What stands before the marker, in no handler, is the start."""
        own = self._context
        marked = [
            part.lineno
            for part in ast.walk(node)
            if isinstance(part, ast.Call) and ast.unparse(part.func) == self._marker
        ]
        for part in _statements(node.body):
            before = not marked or part.lineno < marked[0]
            self._context = _NOWHERE if before and not _handled(part, node) else own
            for child in ast.iter_child_nodes(part):
                if not isinstance(child, ast.stmt | ast.ExceptHandler):
                    self.visit(child)

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


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.stmt):
                yield from _statements([part])
            elif isinstance(part, ast.ExceptHandler):
                yield from _statements(part.body)


def _handled(statement: ast.stmt, function: ast.FunctionDef) -> bool:
    """Say whether a statement stands in an exception handler."""
    return any(
        part is statement
        for handler in ast.walk(function)
        if isinstance(handler, ast.ExceptHandler)
        for part in ast.walk(handler)
    )
