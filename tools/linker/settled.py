"""Takes away state that does not change: what is set once, to a constant, and what nobody reads."""

import ast
from collections import Counter
from collections.abc import Mapping

from tools.linker.evaluation import is_quiet
from tools.linker.singles import is_state


def settle(texts: Mapping[str, ast.Module]) -> None:
    """Change `texts` until all state that is left is set to several values, and read."""
    while True:
        census = _Census()
        for tree in texts.values():
            census.visit(tree)
        settler = _Settler(census.constants(), census.unread())
        for tree in texts.values():
            ast.fix_missing_locations(settler.visit(tree))
        if not settler.changed:
            return


class _Census(ast.NodeVisitor):
    """Counts what is read and set, and notes what each plain assignment sets it to."""

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self.set: Counter[str] = Counter()
        self.values: dict[str, list[ast.expr]] = {}
        self.alone: Counter[str] = Counter()  # set where the statement can go

    def visit_Name(self, node: ast.Name) -> None:
        if is_state(node.id):
            (self.read if isinstance(node.ctx, ast.Load) else self.set)[node.id] += 1

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name) and is_state(target.id):
                self.values.setdefault(target.id, []).append(node.value)
                self.alone[target.id] += 1
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.alone[node.target.id] += is_quiet(node.value)
        self.generic_visit(node)

    def constants(self) -> dict[str, ast.Constant]:
        """Return what is set to a constant in one place."""
        return {
            name: values[0]
            for name, values in self.values.items()
            if self.set[name] == 1 and isinstance(values[0], ast.Constant)
        }

    def unread(self) -> set[str]:
        """Return what is set in statements that can go, and read nowhere."""
        return {
            name for name in self.set if not self.read[name] and self.set[name] == self.alone[name]
        }


class _Settler(ast.NodeTransformer):
    def __init__(self, constants: Mapping[str, ast.Constant], unread: set[str]) -> None:
        self._constants = constants
        self._gone = unread | set(constants)
        self.changed = bool(self._gone)

    def visit(self, node: ast.AST) -> ast.AST:
        changed: ast.AST = super().visit(node)
        if getattr(changed, "body", None) == [] and not isinstance(changed, ast.Module):
            vars(changed)["body"] = [ast.Pass()]
        return changed

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._constants.get(node.id, node) if isinstance(node.ctx, ast.Load) else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        node.targets = [one for one in node.targets if not self._goes(one)]
        if node.targets:
            return node
        return [] if is_quiet(node.value) else [ast.Expr(node.value)]

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return [] if self._goes(node.target) else node

    def _goes(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._gone
