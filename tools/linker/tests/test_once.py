"""What only the start needs is found, and what may be called later is not."""

import ast

import pytest

from tools.linker.once import find, made_once

START = """
def run():
    {start}
    forget()
    {later}
"""
CASES = {
    "called by the start": ("def f(): pass", "f()", "pass", {"f"}),
    "called by what the start calls": ("def g(): pass\ndef f(): g()", "f()", "pass", {"f", "g"}),
    "called later as well": ("def f(): pass", "f()", "f()", set()),
    "called by what is called later": ("def f(): pass\ndef g(): f()", "f()", "g()", set()),
    "a value": ("def f(): pass", "x = f", "x()", set()),
    "called in a lambda": ("def f(): pass", "x = lambda: f()", "x()", set()),
    "called in a generator": ("def f(): pass", "x = (f() for _ in y)", "list(x)", set()),
    "a method of the name of one that is called later": (
        "class A:\n    def f(self): pass\nclass B:\n    def f(self): pass", "A().f()", "x.f()", set(),
    ),
    "named in a string": ("def f(): pass", "f()", "getattr(x, 'f')()", set()),
    "called where the start fails": (
        "def f(): pass", "f()\n    try:\n        g()\n    except E:\n        f()", "pass", set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_only_what_nobody_calls_later_is_let_go(what: str) -> None:
    defined, start, later, expected = CASES[what]
    tree = ast.parse(defined + START.format(start=start, later=later))
    assert find({"text": tree}, "forget", frozenset({"run"}), final=False) == expected


MADE = {
    "by the start": ("A()", "pass", {"A"}),
    "twice": ("A()\n    A()", "pass", set()),
    "in a loop": ("for _ in x: A()", "pass", set()),
    "in a list": ("y = [A() for _ in x]", "pass", set()),
    "later": ("pass", "A()", set()),
    "by a function that the start calls once": ("make()", "pass", {"A"}),
    "by a function that the start calls twice": ("make()\n    make()", "pass", set()),
}


@pytest.mark.parametrize("what", MADE)
def test_a_class_is_made_once(what: str) -> None:
    start, later, expected = MADE[what]
    text = "class A:\n    def __init__(self): self.a = 1\n" + START.format(start=start, later=later)
    if "make" in start:
        text = "def make(): return A()\n" + text
    assert made_once({"text": ast.parse(text)}, "forget", frozenset({"run"})) == expected
