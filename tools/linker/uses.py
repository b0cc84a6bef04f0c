"""Who names the functions of a program, and when: at the start, or later."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_AGAIN = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp)
_LATER = "later"  # no name of a function
NOWHERE = ""  # the first level of a text: it runs once, at the import


@dataclass
class Use:
    """Where a function is named: in which function (`Class.method`), and whether that calls it."""

    context: str
    calls: bool
    again: bool = False  # in a loop


@dataclass
class Program:
    """What a program defines and who names it."""

    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    uses: dict[str, list[Use]] = field(default_factory=dict)


def program_of(texts: Mapping[str, ast.Module], marker: str, runs: frozenset[str]) -> Program:
    """Read all texts; what the functions `runs` do before `marker` is the start."""
    program = Program()
    for tree in texts.values():
        _Reader(program, marker, runs).visit(tree)
    return program


class _Reader(ast.NodeVisitor):
    def __init__(self, program: Program, marker: str, runs: frozenset[str]) -> None:
        self._program = program
        self._marker = marker
        self._runs = runs
        self._context = NOWHERE
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
                Use(ast.unparse(base), calls=False)
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
        self._context = NOWHERE
        self._function = False

    def _visit_run(self, node: ast.FunctionDef) -> None:
        """What stands before the marker, in no handler, is the start."""
        own = self._context
        before = True
        for part, again in _statements(node.body):
            self._loops = again + isinstance(part, ast.While)
            if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
                before = before and ast.unparse(part.value.func) != self._marker
            self._context = NOWHERE if before and not _handled(part, node) else own
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
        self._program.uses.setdefault(name, []).append(Use(self._context, calls, again))
        maker: str | None = name
        while maker is not None:  # a class without a constructor is made by that of its base
            node = self._program.classes.get(maker)
            self._program.uses.setdefault(f"{maker}.__init__", []).append(
                Use(self._context, calls, again)
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
