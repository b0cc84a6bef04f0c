"""Values are followed to where they are used; where that fails, their class is loose."""

import ast

import pytest

from tools.linker.follow import follow

CLASSES = """
class A:
    def __init__(self, it=None):
        self.it = it
    def get(self):
        return self.it
class B(A):
    pass
"""
FOUND = {
    "a name": ("a = A()\nshown = a", {"A"}),
    "a member": ("a = A(B())\nshown = a.it", {"B", "None"}),
    "what a method returns": ("a = A(B())\nshown = a.get()", {"B", "None"}),
    "one of two": ("shown = A() if x else B()", {"A", "B"}),
    "one or none": ("shown = None\nif x: shown = A()", {"A", "None"}),
    "an argument": ("def f(it, other): return other\nshown = f(1, other=A())", {"A", "None"}),
    "an item of a tuple": ("for shown in (A(), B()): pass", {"A", "B"}),
    "a part of a tuple": ("shown, other = A(), 1", {"A"}),
    "what is outside": ("shown = x.y(A())", {"?"}),
    "a local of the same name": ("def f():\n    shown = A()\nf()\nshown = 1", {"?"}),
}


@pytest.mark.parametrize("what", FOUND)
def test_a_name_may_be_what_it_is_set_to(what: str) -> None:
    text, expected = FOUND[what]
    found = follow({"text": ast.parse(CLASSES + text)}, frozenset())
    assert found.values["global", "shown"] == expected


LOOSE = {
    "in a list": "x = [A()]",
    "given to a function that is not ours": "print(A())",
    "set on a thing that is not ours": "x.y = A()",
    "raised": "raise A",
    "compared": "a = A()\nx = a == 1",
    "an operand": "a = A()\nx = -a",
    "a class that is a value": "x = A",
    "returned by a function that is a value": "def f(): return A()\nx = f",
    "returned by a property": "class C:\n    @property\n    def p(self): return A()\nx = C().p",
    "returned by a generator": "def f():\n    yield 1\n    return A()\nx = f()",
    "unpacked": "x, y = A()",
    "an item of what is not written there": "a = A()\nfor x in a: pass",
    "given with a star": "def f(*it): pass\nf(A())",
    "kept": "kept = A()",
}


@pytest.mark.parametrize("what", LOOSE)
def test_what_cannot_be_followed_makes_its_class_loose(what: str) -> None:
    found = follow({"text": ast.parse(CLASSES + LOOSE[what])}, frozenset({"kept"}))
    assert "A" in found.loose


def test_what_can_be_followed_is_not_loose() -> None:
    text = "a = A(B())\nif a.it is not None and a.it:\n    isinstance(a, bytes)\n    a.get().it = 1"
    found = follow({"text": ast.parse(CLASSES + text)}, frozenset())
    assert not found.loose
    assert found.made == {"A", "B"}
