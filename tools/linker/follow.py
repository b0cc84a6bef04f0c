"""Follows the values of a program through its statements, until nothing new is found."""

import ast
from collections.abc import Mapping, Sequence

from tools.linker.kinds import NOTHING, OTHER, Kinds
from tools.linker.source import arguments
from tools.linker.values import Values


def follow(texts: Mapping[str, ast.Module], kept: frozenset[str]) -> Kinds:
    """Follow all values; `kept` are functions that something else calls."""
    found = Kinds()
    for tree in texts.values():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                found.classes[node.name] = node
                found.methods[node.name] = {
                    part.name: part for part in node.body if isinstance(part, ast.FunctionDef)
                }
            elif isinstance(node, ast.FunctionDef):
                found.functions[node.name] = node
    found.handed = {id(node) for name, node in found.functions.items() if name in kept}
    found.loose = {name for name in found.classes if name in kept}
    while True:
        follower = _Follower(found, kept)
        for tree in texts.values():
            follower.text(tree)
        if not follower.changed:
            return found


class _Follower(Values):
    """Goes once through everything, and adds what it sees."""

    def __init__(self, found: Kinds, kept: frozenset[str]) -> None:
        super().__init__(found)
        self._kept = kept

    def text(self, tree: ast.Module) -> None:
        self._block(tree.body)

    def _block(self, body: Sequence[ast.stmt]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef):
            self._defined(node)
        elif isinstance(node, ast.ClassDef):
            self._class_body(node)
        elif isinstance(node, ast.Return):
            self._returned(self._expression(node.value))
        elif isinstance(node, ast.Assign):
            self._assign(node)
        elif isinstance(node, ast.AugAssign):
            self._lose(self._expression(node.value))
            self._store(node.target, {OTHER})
        elif isinstance(node, ast.For):
            self._store(node.target, self._items(node.iter))
            self._block([*node.body, *node.orelse])
        elif isinstance(node, ast.ImportFrom):
            self._import(node)
        else:
            self._other_statement(node)

    def _returned(self, found: set[str]) -> None:
        self._add(("returned", self._function), found)
        if len(self._scopes) > 1 or int(self._function) in self._found.handed:
            self._lose(found)

    def _other_statement(self, node: ast.stmt) -> None:
        for name, part in ast.iter_fields(node):
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, ast.stmt):
                    self._statement(one)
                elif isinstance(one, ast.ExceptHandler):
                    if one.name:
                        self._add(self._key(one.name), {OTHER})
                    self._block(one.body)
                elif isinstance(one, ast.withitem):
                    self._lose(self._expression(one.context_expr))
                    if one.optional_vars:
                        self._store(one.optional_vars, {OTHER})
                elif isinstance(one, ast.expr):
                    found = self._expression(one)
                    if name not in ("test", "value"):
                        self._lose(found)

    def _assign(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        if (
            isinstance(target, ast.Tuple)
            and isinstance(value, ast.Tuple)
            and len(node.targets) == 1
        ):
            for one, part in zip(target.elts, value.elts, strict=True):
                self._store(one, self._expression(part))
            return
        found = self._expression(value)
        for one in node.targets:
            self._store(one, found)

    def _store(self, target: ast.expr, found: set[str]) -> None:
        if isinstance(target, ast.Name):
            key = self._key(target.id)
            self._found.keys[id(target)] = key
            self._add(key, found)
            if key[0] == "global" and target.id in self._kept:
                self._lose(found)
        elif isinstance(target, ast.Attribute):
            self._store_member(target, found)
        elif isinstance(target, ast.Tuple | ast.List):
            self._lose(found)
            for one in target.elts:
                self._store(one, {OTHER})
        else:
            self._lose(found | self._parts(target))

    def _store_member(self, target: ast.Attribute, found: set[str]) -> None:
        of = self._expression(target.value)
        for one in of - {OTHER, NOTHING}:
            key = ("member", self._found.root(one), target.attr)
            self._found.keys[id(target)] = key
            self._add(key, found)
        if OTHER in of:
            self._lose(found)

    def _import(self, node: ast.ImportFrom) -> None:
        if self._imported:
            self._imported[-1] |= {alias.asname or alias.name: alias.name for alias in node.names}
        for alias in node.names:
            self._lose(self._found.values.get(("global", alias.name), set()))

    def _class_body(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            if not self._found.base(node.name):
                self._lose(self._expression(base))
        self._class = node.name
        for part in node.body:
            if isinstance(part, ast.FunctionDef):
                self._defined(part)
            elif isinstance(part, ast.Assign):
                for target in part.targets:
                    key = ("member", self._found.root(node.name), ast.unparse(target))
                    self._add(key, self._expression(part.value))
        self._class = ""

    def _defined(self, node: ast.FunctionDef) -> None:
        inner = bool(self._scopes)
        if inner:
            self._add(self._key(node.name), {OTHER})
        parts = arguments(node.args)
        self._defaults(node)
        before = self._function
        self._function = str(id(node))
        self._scopes.append((self._function, self._found.names_in(node)))
        self._imported.append({})
        method = bool(self._class) and not inner
        for part in parts[1:] if method else parts:
            if inner or id(node) in self._found.handed:
                self._add((self._function, part.arg), {OTHER})
        if method and parts:
            own = {one for one in self._found.heirs(self._class) if one in self._found.made}
            self._add((self._function, parts[0].arg), own)
        self._block(node.body)
        self._imported.pop()
        self._scopes.pop()
        self._function = before

    def _defaults(self, node: ast.FunctionDef) -> None:
        args = node.args
        pairs = [
            *zip(reversed(args.args), reversed(args.defaults), strict=False),
            *zip(args.kwonlyargs, args.kw_defaults, strict=True),
        ]
        for part, value in pairs:
            if value is not None:
                self._add((str(id(node)), part.arg), self._expression(value))
