"""Finds what each name in a module stands for, and gives the globals of all modules names of their own."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tools.linker.refusals import CannotLink
from tools.linker.source import (
    BOARD_ONLY,
    Source,
    Target,
    arguments,
    bound,
    global_name,
    is_ours,
    take_import,
)

Function = ast.FunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


@dataclass
class _Scope:
    names: set[str]
    aliases: dict[str, Target] = field(default_factory=dict)
    is_class: bool = False


class Resolver(ast.NodeTransformer):
    """Gives every global of a module the name that it has among all."""

    def __init__(
        self, source: Source, sources: Mapping[str, Source], text: Mapping[str, str]
    ) -> None:
        """Begin on the first level of `source`."""
        self._source = source
        self._sources = sources
        self._text = text
        self._scopes: list[_Scope] = []

    # Scopes

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._own_name(node.name)
        node.decorator_list = [
            part if _is_compilers(part) else self.visit(part) for part in node.decorator_list
        ]
        self._visit_defaults(node.args)
        self._in_function(node, node.body)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._visit_defaults(node.args)
        self._in_function(node, [node.body])
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._own_name(node.name)
        node.bases = [self.visit(base) for base in node.bases]
        self._scopes.append(_Scope(set(bound(node.body)), is_class=True))
        node.body = [self.visit(part) for part in node.body]
        self._scopes.pop()
        return node

    def _visit_defaults(self, args: ast.arguments) -> None:
        args.defaults = [self.visit(value) for value in args.defaults]
        args.kw_defaults = [value and self.visit(value) for value in args.kw_defaults]

    def _in_function(self, node: Function, body: Sequence[ast.AST]) -> None:
        scope = _Scope({argument.arg for argument in arguments(node.args)} | set(bound(body)))
        for part in _walk_own(body):
            if isinstance(part, ast.stmt):
                take_import(part, scope.aliases)
            if isinstance(part, ast.Global):
                scope.names -= set(part.names)
        for name, target in list(scope.aliases.items()):
            if not self._is_here(target):  # stays an import, which binds a local name
                scope.names.add(name)
                del scope.aliases[name]
        self._scopes.append(scope)
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        else:
            node.body = self._visited(node.body)
        self._scopes.pop()

    def _visited(self, body: Iterable[ast.stmt]) -> list[ast.stmt]:
        visited = []
        for part in body:
            done = self.visit(part)
            visited += done if isinstance(done, list) else [done] if done else []
        return visited or [ast.Pass()]

    def _comprehension(self, node: _Comprehension) -> ast.AST:
        first, *rest = node.generators
        first.iter = self.visit(first.iter)
        targets = [generator.target for generator in node.generators]
        self._scopes.append(_Scope(set(bound(targets))))
        first.ifs = [self.visit(part) for part in first.ifs]
        for generator in rest:
            generator.iter = self.visit(generator.iter)
            generator.ifs = [self.visit(part) for part in generator.ifs]
        for name in ("elt", "key", "value"):
            if hasattr(node, name):
                setattr(node, name, self.visit(getattr(node, name)))
        self._scopes.pop()
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._comprehension(node)

    # Names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if self._is_local(node.id):
            return node
        target = self._target(node.id)
        return self._reference(target, node) if target else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and not self._is_local(node.value.id):
            target = self._target(node.value.id)
            module = self._module(target) if target else ""
            if module in self._sources:
                if not isinstance(node.ctx, ast.Load):
                    raise CannotLink(f"{self._source.name}: {ast.unparse(node)} is assigned to")
                found = self._found(module, node.attr)
                return self._reference(found, node)
        return self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> ast.AST:
        node.names = [global_name(self._source.name, name) for name in node.names]
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST:
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        """Leave out, in a function, what lies in the same text; import the rest from where it lies."""
        if not is_ours(node.module or ""):
            return node
        late = []
        for alias in node.names:
            target = self._found(node.module or "", alias.name)
            if not target.name:
                raise CannotLink(f"{self._source.name}: {ast.unparse(node)} is a module")
            if self._text[target.module] != self._text[self._source.name]:
                late.append((target, alias.asname or alias.name))
        if not late:
            return None
        texts = {self._text[target.module] for target, _ in late}
        if len(texts) > 1:
            raise CannotLink(f"{self._source.name}: {ast.unparse(node)} is in two texts")
        names = [ast.alias(global_name(target.module, target.name), name) for target, name in late]
        return ast.ImportFrom(texts.pop(), names, 0)

    def _is_local(self, name: str) -> bool:
        for depth, scope in enumerate(reversed(self._scopes)):
            if name in scope.names and (not scope.is_class or depth == 0):
                return True
        return False

    def _target(self, name: str) -> Target | None:
        for scope in reversed(self._scopes):
            if name in scope.aliases:
                return scope.aliases[name]
        if name in self._source.own:
            return Target(self._source.name, name)
        return self._source.aliases.get(name)

    def _module(self, target: Target) -> str:
        """Return the module that a target is, or nothing."""
        whole = f"{target.module}.{target.name}" if target.name else target.module
        whole = BOARD_ONLY.get(whole, whole)
        return whole if whole in self._sources or not target.name else ""

    def _found(self, module: str, name: str) -> Target:
        """Follow a name to where it is defined."""
        module = BOARD_ONLY.get(module, module)
        whole = f"{module}.{name}"
        if whole in self._sources:
            return Target(whole)
        source = self._sources.get(module)
        if source is None or name == "const":
            return Target(module, name)
        if name in source.own:
            return Target(module, name)
        if name not in source.aliases:
            raise CannotLink(f"{self._source.name}: {module} has no {name}")
        target = source.aliases[name]
        return self._found(target.module, target.name) if target.name else target

    def _is_here(self, target: Target) -> bool:
        if not is_ours(target.module):
            return False
        found = self._found(target.module, target.name)
        return self._text[found.module] == self._text[self._source.name]

    def _reference(self, target: Target, node: ast.Name | ast.Attribute) -> ast.AST:
        if target.name:
            target = self._found(target.module, target.name)
        if target.name == "const":
            return node
        if not target.name and is_ours(target.module):
            raise CannotLink(f"{self._source.name}: {ast.unparse(node)} is a module")
        name = global_name(target.module, target.name or "module")
        return ast.copy_location(ast.Name(name, node.ctx), node)

    def _own_name(self, name: str) -> str:
        return name if self._scopes else global_name(self._source.name, name)


def _is_compilers(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).startswith("micropython.")


def _walk_own(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Yield all nodes of a function but those of functions inside it."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield from _walk_own(list(ast.iter_child_nodes(node)))
