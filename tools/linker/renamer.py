"""Writes the short names where the long ones stood, scope by scope."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.linker.families import class_names
from tools.linker.refusals import CannotLink
from tools.linker.source import arguments


@dataclass(frozen=True)
class Names:
    """The short name of each attribute, global and argument given by name; those for other arguments."""

    attributes: Mapping[str, str]
    globals: Mapping[str, str]
    by_name: Mapping[str, str]
    arguments: Sequence[str]


class Renamer(ast.NodeTransformer):
    """Renames in a text."""

    def __init__(self, names: Names) -> None:
        """Begin on the first level of a text."""
        self._attributes = names.attributes
        self._globals = names.globals
        self._by_name = names.by_name
        self._arguments = names.arguments
        self._locals: list[dict[str, str]] = []
        self._in_class: list[set[str]] = [set()]

    def visit_Name(self, node: ast.Name) -> ast.AST:
        for scope in reversed(self._locals):
            if node.id in scope:
                node.id = scope[node.id]
                return node
        if node.id in self._in_class[-1]:
            node.id = self._attributes.get(node.id, node.id)
        else:
            node.id = self._globals.get(node.id, node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        node.attr = self._attributes.get(node.attr, node.attr)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        self.generic_visit(node)
        node.arg = self._by_name.get(node.arg, node.arg) if node.arg else None
        return node

    def visit_Global(self, node: ast.Global) -> ast.AST:
        node.names = [self._globals.get(name, name) for name in node.names]
        return node

    def visit_alias(self, node: ast.alias) -> ast.AST:
        node.name = self._globals.get(node.name, node.name)
        if node.asname:
            scope = self._locals[-1] if self._locals else self._globals
            node.asname = scope.get(node.asname, node.asname)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._globals.get(node.name, node.name)
        node.bases = [self.visit(base) for base in node.bases]
        self._in_class.append(set(class_names(node)))
        node.body = [self.visit(part) for part in node.body]
        self._in_class.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if self._locals:
            node.name = self._local(node.name)
        elif len(self._in_class) > 1:
            node.name = self._attributes.get(node.name, node.name)
        else:
            node.name = self._globals.get(node.name, node.name)
        node.decorator_list = [self.visit(part) for part in node.decorator_list]
        self._visit_defaults(node.args)
        scope = self._scope(node)
        for part in arguments(node.args):
            part.arg = scope[part.arg]
        self._locals.append(scope)
        self._in_class.append(set())
        node.body = [self.visit(part) for part in node.body]
        self._in_class.pop()
        self._locals.pop()
        return node

    def _scope(self, node: ast.FunctionDef) -> dict[str, str]:
        """Return the names of a function's arguments: none that a function around it has."""
        outer = {name for known in self._locals for name in known.values()}
        free = [name for name in self._arguments if name not in outer]
        parts = arguments(node.args)
        if len(parts) > len(free):
            raise CannotLink(f"{node.name} has more arguments than there are names")
        return {
            part.arg: self._by_name.get(part.arg, name)
            for part, name in zip(parts, free, strict=False)
        }

    def _visit_defaults(self, args: ast.arguments) -> None:
        args.defaults = [self.visit(part) for part in args.defaults]
        args.kw_defaults = [part and self.visit(part) for part in args.kw_defaults]

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._visit_defaults(node.args)
        self._locals.append({part.arg: part.arg for part in arguments(node.args)})
        node.body = self.visit(node.body)
        self._locals.pop()
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._local(node.name) if node.name else None
        self.generic_visit(node)
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [self._local(name) for name in node.names]
        return node

    def _local(self, name: str) -> str:
        for scope in reversed(self._locals):
            if name in scope:
                return scope[name]
        return name
