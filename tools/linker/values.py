"""What an expression may be."""

import ast
from collections.abc import Callable

from tools.linker.flow import Flow, Words
from tools.linker.kinds import NOTHING, OTHER
from tools.linker.source import arguments, bound

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


class Values(Flow):
    """Goes through expressions, and notes what each is."""

    def _expression(self, node: ast.expr | None) -> set[str]:
        if node is None:
            return {NOTHING}
        found = self._value(node)
        self._found.of[id(node)] = found
        return found

    def _value(self, node: ast.expr) -> set[str]:
        follow: dict[type, Callable[..., set[str]]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._member,
            ast.Call: self._call,
            ast.IfExp: self._either,
            ast.BoolOp: self._any_of,
            ast.Compare: self._compare,
            ast.UnaryOp: self._unary,
            ast.Lambda: self._lambda,
            **dict.fromkeys(_COMPREHENSIONS, self._comprehension),
        }
        return follow.get(type(node), self._lost)(node)

    def _lost(self, node: ast.expr) -> set[str]:
        self._lose(self._parts(node))
        return {OTHER}

    def _constant(self, node: ast.Constant) -> set[str]:
        return {NOTHING} if node.value is None else {OTHER}

    def _either(self, node: ast.IfExp) -> set[str]:
        self._expression(node.test)
        return self._expression(node.body) | self._expression(node.orelse)

    def _any_of(self, node: ast.BoolOp) -> set[str]:
        return set().union(*map(self._expression, node.values))

    def _unary(self, node: ast.UnaryOp) -> set[str]:
        found = self._expression(node.operand)
        if not isinstance(node.op, ast.Not):
            self._lose(found)
        return {OTHER}

    def _parts(self, node: ast.AST) -> set[str]:
        found: set[str] = set()
        for part in ast.iter_child_nodes(node):
            found |= self._expression(part) if isinstance(part, ast.expr) else self._parts(part)
        return found

    def _name(self, node: ast.Name) -> set[str]:
        name, key = self._resolved(node.id)
        if key[0] == "global":
            if name in self._found.functions:
                self._hand(self._found.functions[name])
                return {OTHER}
            if name in self._found.classes:
                self._lose({name})
                return {OTHER}
            if key not in self._found.values:
                return {OTHER}
        self._found.keys[id(node)] = key
        return set(self._found.values.get(key, ()))

    def _member(self, node: ast.Attribute) -> set[str]:
        of = self._expression(node.value)
        found: set[str] = set()
        for one in of - {OTHER, NOTHING}:
            method = self._found.method(one, node.attr)
            if method:
                self._hand(method[1])
                found.add(OTHER)
            else:
                key = ("member", self._found.root(one), node.attr)
                self._found.keys[id(node)] = key
                found |= self._found.values.get(key, set())
        if OTHER in of:
            found.add(OTHER)
            for one in self._found.loose:
                found |= self._found.values.get(("member", self._found.root(one), node.attr), set())
                if method := self._found.method(one, node.attr):
                    self._hand(method[1])
        return found

    def _compare(self, node: ast.Compare) -> set[str]:
        sides = [node.left, *node.comparators]
        found = set().union(*map(self._expression, sides))
        with_none = isinstance(node.ops[0], ast.Is | ast.IsNot) and any(
            isinstance(side, ast.Constant) and side.value is None for side in sides
        )
        if not with_none:
            self._lose(found)
        return {OTHER}

    def _store(self, target: ast.expr, found: set[str]) -> None:
        raise NotImplementedError

    def _items(self, node: ast.expr) -> set[str]:
        """Return what one item of an expression may be: those of a tuple written there are known."""
        if isinstance(node, ast.Tuple | ast.List):
            return set().union(*map(self._expression, node.elts))
        self._lose(self._expression(node))
        return {OTHER}

    def _lambda(self, node: ast.Lambda) -> set[str]:
        for value in node.args.defaults:
            self._lose(self._expression(value))
        self._scopes.append((str(id(node)), {part.arg for part in arguments(node.args)}))
        for part in arguments(node.args):
            self._add((str(id(node)), part.arg), {OTHER})
        self._lose(self._expression(node.body))
        self._scopes.pop()
        return {OTHER}

    def _comprehension(self, node: _Comprehension) -> set[str]:
        targets = {name for one in node.generators for name in bound([one.target])}
        self._scopes.append((str(id(node)), targets))
        for one in node.generators:
            self._store(one.target, self._items(one.iter))
            for test in one.ifs:
                self._expression(test)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for part in parts:
            self._lose(self._expression(part))
        self._scopes.pop()
        return {OTHER}

    def _call(self, node: ast.Call) -> set[str]:
        given = [self._expression(value) for value in node.args]
        words = {word.arg: self._expression(word.value) for word in node.keywords}
        if isinstance(node.func, ast.Attribute):
            return self._call_member(node, node.func, given, words)
        if isinstance(node.func, ast.Name):
            return self._call_name(node, node.func, given, words)
        self._lose(self._expression(node.func))
        return self._unknown(node, given, words)

    def _call_name(
        self,
        node: ast.Call,
        function: ast.Name,
        given: list[set[str]],
        words: Words,
    ) -> set[str]:
        name, key = self._resolved(function.id)
        if key[0] == "global" and name in self._found.classes:
            self._make(name)
            maker = self._found.method(name, "__init__")
            if maker:
                self._apply(node, maker[1], [{name}, *given], words)
            elif given or words:
                self._unknown(node, given, words)
            return {name}
        if key[0] == "global" and name in self._found.functions:
            return self._apply(node, self._found.functions[name], given, words)
        if key[0] == "global" and name == "isinstance":
            return {OTHER}
        self._expression(function)
        return self._unknown(node, given, words)

    def _call_member(
        self,
        node: ast.Call,
        function: ast.Attribute,
        given: list[set[str]],
        words: Words,
    ) -> set[str]:
        value = function.value
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "super":
            return self._call_base(node, function.attr, given, words)
        of = self._expression(value)
        found: set[str] = set()
        for one in of - {OTHER, NOTHING}:
            method = self._found.method(one, function.attr)
            if method:
                found |= self._apply(node, method[1], [{one}, *given], words)
            else:
                found |= self._expression(function) | self._unknown(node, given, words)
        if OTHER in of:
            found |= self._call_any(node, function.attr, given, words)
        return found
