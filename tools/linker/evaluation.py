"""In which order an expression is evaluated, as far as that is certain."""

import ast
from collections.abc import Iterator, Sequence

# Functions and what else runs at another time than where it stands.
ELSEWHERE = (
    ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
# Their parts are evaluated from left to right, and all of them.
_PLAIN = (
    ast.Attribute, ast.BinOp, ast.List, ast.Slice, ast.Starred, ast.Subscript, ast.Tuple,
    ast.UnaryOp,
)  # fmt: skip


def evaluated(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of an expression, then itself, in order; leave out what may not be evaluated."""
    for part in _parts(node):
        yield from evaluated(part)
    yield node


def _parts(node: ast.expr) -> Sequence[ast.expr]:
    if isinstance(node, ast.BoolOp):
        return node.values[:1]
    if isinstance(node, ast.IfExp):
        return [node.test]
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators[:1]]
    if isinstance(node, ast.Call):
        function = node.func  # a method is not another one meanwhile
        first = function.value if isinstance(function, ast.Attribute) else function
        return [first, *node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node, _PLAIN):
        return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    return []


def expressions(node: ast.stmt) -> list[ast.expr]:
    """Return the expressions of a statement in the order of evaluation; none where that is not certain."""
    if isinstance(node, ast.Assign):
        return [node.value]
    if isinstance(node, ast.AugAssign):
        return [node.target, node.value]
    if isinstance(node, ast.If | ast.For):
        return [node.test if isinstance(node, ast.If) else node.iter]
    if isinstance(node, ast.Return | ast.Expr | ast.Raise):
        value = node.exc if isinstance(node, ast.Raise) else node.value
        return [value] if value else []
    return []


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run where `node` does, once."""
    yield node
    if not isinstance(node, ELSEWHERE):
        for part in ast.iter_child_nodes(node):
            yield from own_nodes(part)


def is_quiet(node: ast.expr) -> bool:
    """Say whether it calls nothing, so that it changes nothing."""
    loud = (ast.Call, ast.Yield, ast.YieldFrom, ast.NamedExpr, *ELSEWHERE)
    return not any(isinstance(part, loud) for part in ast.walk(node))
