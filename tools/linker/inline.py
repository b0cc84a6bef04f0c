"""Puts functions and methods that are called in one place into that place.

A function has a price of its own. On 32 bits that is 16 bytes for the object, 8 in a dictionary, 32 while
the text is loaded, and what rounding takes. What is called is known where only one thing in the program
has that name.

    F(a)  return F(a)  x = F(a)  if F(a): ...     the statements of F come before, or instead
    anywhere in an expression                     where F is one `return`

Arguments are evaluated once and in their order, and nothing that a call could change is read earlier or
later than it was; where that is not certain, the function stays. So does one that is called from another
text: that may be loaded when its own is not.
"""

import ast
import copy
from collections.abc import Iterator, Mapping

from tools.linker.calls import Caller
from tools.linker.candidates import Candidate, Census, called, candidates, census
from tools.linker.put import Stays


def inline(texts: Mapping[str, ast.Module], kept: frozenset[str]) -> int:
    """Change `texts` until nothing is left to do; return how many functions are gone."""
    gone = 0
    stay = kept
    while True:
        counted = census(texts)
        found = candidates(texts, counted, stay)
        ready = {name for name, one in found.items() if not _calls_in(one.node, found)}
        if not ready:
            return gone
        done = _round(texts, {name: found[name] for name in ready}, counted)
        gone += len(done)
        stay |= ready - done


def _round(
    texts: Mapping[str, ast.Module], ready: Mapping[str, Candidate], counted: Census
) -> set[str]:
    """Replace the calls of functions that call no other of them; return which are gone."""
    done: set[str] = set()
    for text, tree in texts.items():
        for function in _functions(tree):
            for name in _calls_in(function, ready):
                if ready[name].text == text and _replaced(function, ready[name], counted):
                    done.add(name)
    return done


def _replaced(function: ast.FunctionDef, one: Candidate, counted: Census) -> bool:
    """Replace the call in a function, or leave it as it was."""
    before = copy.deepcopy(function.body)
    try:
        Caller(function, one, counted).replace()
    except Stays:
        function.body[:] = before
        return False
    one.leave()
    return True


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield what calls may be replaced in, a function in a function before the one around it."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in reversed(found):
        if not any("micropython" in ast.unparse(part) for part in node.decorator_list):
            yield node  # machine code takes its names for numbers


def _calls_in(function: ast.FunctionDef, found: Mapping[str, Candidate]) -> list[str]:
    return [
        called(node)
        for statement in function.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and called(node) in found
    ]
