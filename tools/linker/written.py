"""Writes a syntax tree as text that MicroPython compiles as it does ours.

It swaps and unpacks two or three values on its stack where the right side has no parentheses; with them, as
`ast.unparse` writes it, it makes a tuple on the heap.
"""

import ast


def written(tree: ast.Module) -> str:
    """Return the text of a module; the tree is changed on the way."""
    return ast.unparse(ast.fix_missing_locations(_Bare().visit(tree)))


class _Bare(ast.NodeTransformer):
    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        target, value = node.targets[0], node.value
        if (
            len(node.targets) > 1
            or not isinstance(target, ast.Tuple)
            or not isinstance(value, ast.Tuple)
        ):
            return node
        line = f"{_listed(target)} = {_listed(value)}"
        return ast.Expr(ast.Name(line, ast.Load()))  # a name is written as it is


def _listed(node: ast.Tuple) -> str:
    return ", ".join(map(ast.unparse, node.elts)) + ("," if len(node.elts) == 1 else "")
