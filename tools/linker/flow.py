"""Where values go: the scopes of names, and what functions are given and return."""

import ast

from tools.linker.kinds import NOTHING, OTHER, Key, Kinds
from tools.linker.outside import known_outside

Words = dict[str | None, set[str]]


class Flow:
    """What is known so far; `changed` where something was added."""

    def __init__(self, found: Kinds) -> None:
        """Go on with what was found."""
        self._found = found
        self.changed = False
        self._scopes: list[tuple[str, set[str]]] = []
        self._imported: list[dict[str, str]] = []
        self._function = ""
        self._class = ""

    def _add(self, key: Key, more: set[str]) -> None:
        known = self._found.values.setdefault(key, set())
        if not more <= known:
            known |= more
            self.changed = True

    def _make(self, name: str) -> None:
        self.changed = self.changed or name not in self._found.made
        self._found.made.add(name)

    def _lose(self, what: set[str]) -> None:
        lost = what - {OTHER, NOTHING} - self._found.loose
        self._found.loose |= lost
        self.changed = self.changed or bool(lost)

    def _hand(self, function: ast.FunctionDef) -> None:
        """Somebody else may call it, with anything, and do anything with what it returns."""
        self.changed = self.changed or id(function) not in self._found.handed
        self._found.handed.add(id(function))

    def _key(self, name: str) -> Key:
        for scope, names in reversed(self._scopes):
            if name in names:
                return (scope, name)
        return ("global", name)

    def _resolved(self, name: str) -> tuple[str, Key]:
        """Return a name and what it is; an import in a function has the name of what it imports."""
        for known in reversed(self._imported):
            if name in known:
                return known[name], ("global", known[name])
        return name, self._key(name)

    # Calls

    def _call_base(
        self,
        node: ast.Call,
        member: str,
        given: list[set[str]],
        words: Words,
    ) -> set[str]:
        base = self._found.base(self._class) if self._class else ""
        method = self._found.method(base, member) if base else None
        if method is None:
            return self._unknown(node, given, words)
        own = {one for one in self._found.heirs(self._class) if one in self._found.made}
        return self._apply(node, method[1], [own, *given], words)

    def _call_any(
        self,
        node: ast.Call,
        member: str,
        given: list[set[str]],
        words: Words,
    ) -> set[str]:
        """Call whatever has a member of this name: the value may be of any loose class."""
        found: set[str] = {OTHER}
        known = [
            method[1]
            for one in sorted(self._found.loose)
            if (method := self._found.method(one, member)) is not None
        ]
        for function in known:
            found |= self._apply(node, function, [set(), *given], words)
        self._found.unsure.add(id(node))
        if not known or member in known_outside():
            self._unknown(node, given, words)
        return found

    def _unknown(self, node: ast.Call, given: list[set[str]], words: Words) -> set[str]:
        self._found.unsure.add(id(node))
        self._lose(set().union(*given, *words.values()))
        return {OTHER}

    def _apply(
        self,
        node: ast.Call,
        function: ast.FunctionDef,
        given: list[set[str]],
        words: Words,
    ) -> set[str]:
        """Give a function of ours its arguments; return what it may return."""
        if not self._found.is_plain(function):
            self._hand(function)
            return self._unknown(node, given, words)
        self._found.calls.setdefault(id(node), set()).add(id(function))
        names = [part.arg for part in function.args.args]
        starred = any(isinstance(value, ast.Starred) for value in node.args) or None in words
        if starred or len(given) > len(names):
            self._unknown(node, given, words)
            self._hand(function)
        for name, found in zip(names, given, strict=False):
            self._add((str(id(function)), name), found)
        for word, found in words.items():
            if word is not None:
                self._add((str(id(function)), word), found)
        returned = self._found.values.get(("returned", str(id(function))), set())
        return {NOTHING} | returned  # it may end without a return
