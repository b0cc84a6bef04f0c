"""A text is cut where no part needs a later one."""

import ast

import pytest

from tools.linker.parts import split
from tools.linker.refusals import CannotLink

NAMES = ("one", "two", "three")


def _split(text: str) -> list[str]:
    return [ast.unparse(part) for part in split(ast.parse(text), NAMES).values()]


def test_parts_are_of_one_size_and_in_order() -> None:
    lines = [f"def f{number}():\n    return {number}" for number in range(6)]
    assert _split("\n".join(lines)) == ["\n\n".join(lines[at : at + 2]) for at in (0, 2, 4)]


def test_what_names_something_further_on_is_in_its_part() -> None:
    before = "def f():\n    return g() + h()\n\ndef g():\n    return 1\n\ndef h():\n    return 2"
    assert _split(before + "\nprint(f())") == [before, "print(f())", ""]


def test_a_part_imports_what_it_uses_of_micropython() -> None:
    lines = [
        "import gc as a",
        "import os as b",
        "def f():\n    a.collect()",
        "def g():\n    b.urandom(1)",
    ]
    assert _split("\n".join(lines)) == [
        "import gc as a\n\ndef f():\n    a.collect()",
        "import os as b\n\ndef g():\n    b.urandom(1)",
        "",
    ]


def test_a_global_that_changes_is_not_read_in_another_part() -> None:
    text = "n = 0\ndef add():\n    global n\n    n += 1\ndef f():\n    return 1 + 2 + 3\nprint(f(), n, f())"
    with pytest.raises(CannotLink, match="n is of one"):
        _split(text)
