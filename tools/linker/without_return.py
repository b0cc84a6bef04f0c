"""Lets statements that end in `return` go on behind instead, with the value in the hands of the caller."""

import ast
from collections.abc import Callable, Sequence

# What the caller makes of a returned value; None is a `return` without one.
Then = Callable[[ast.expr | None], list[ast.stmt]]


class Entangled(Exception):
    """A `return` lies in a loop, a `try` or a `with`: nothing else leads out of these."""


def without_return(body: list[ast.stmt], then: Then) -> list[ast.stmt]:
    """Return statements that do what `body` does, and `then(value)` where it returns."""
    out: list[ast.stmt] = []
    for place, node in enumerate(body):
        if isinstance(node, ast.Return):
            return out + then(node.value)
        if not _returns(node):
            out.append(node)
            continue
        if not isinstance(node, ast.If):
            raise Entangled
        return [*out, _branches(node, body[place + 1 :], then)]
    return out if ends(body) else out + then(None)


def ends(body: Sequence[ast.stmt]) -> bool:
    """Say whether nothing goes on behind these statements."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return ends(last.body) and ends(last.orelse)
    return isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break)


def _branches(node: ast.If, rest: list[ast.stmt], then: Then) -> ast.If:
    """Return an `if` that returns in a branch: what stood behind it goes into the branch that goes on."""
    if ends(node.body):
        first, second = node.body, node.orelse + rest
    elif ends(node.orelse):
        first, second = node.body + rest, node.orelse
    elif not rest:
        first, second = node.body, node.orelse
    else:
        raise Entangled
    node.body = without_return(first, then)
    node.orelse = without_return(second, then)
    if not node.body and node.orelse:
        node.test = ast.UnaryOp(ast.Not(), node.test)
        node.body, node.orelse = node.orelse, []
    node.body = node.body or [ast.Pass()]
    return node


def _returns(node: ast.stmt) -> bool:
    return any(isinstance(part, ast.Return) for part in ast.walk(node))
