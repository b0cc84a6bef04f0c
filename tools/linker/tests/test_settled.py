"""State that does not change is no state."""

import ast

import pytest

from tools.linker.settled import settle

SETTLED = {
    "set once, to a constant": ("state__a = 5\nprint(state__a + 1)", "print(5 + 1)"),
    "set twice": (
        "state__a = 5\nif x:\n    state__a = 6\nprint(state__a)",
        "state__a = 5\nif x:\n    state__a = 6\nprint(state__a)",
    ),
    "read by nobody": (
        "state__a = x.y\nstate__a = state__b = 7\nprint(state__b)\nstate__b = x",
        "state__b = 7\nprint(state__b)\nstate__b = x",
    ),
    "read by nobody, what it is set to does something": ("state__a = f(3)", "f(3)"),
    "counted by nobody": ("state__a = 0\nif x:\n    state__a += 1", "if x:\n    pass"),
    "counted by what does something": (
        "state__a = 0\nstate__a += f()",
        "state__a = 0\nstate__a += f()",
    ),
    "read by what nobody reads": ("state__a = x\nstate__a = 2\nstate__b = state__a", ""),
    "part of a tuple": ("state__a, b = 1, x\nprint(b)", "state__a, b = (1, x)\nprint(b)"),
    "no state": ("a = 5\nprint(a)", "a = 5\nprint(a)"),
}


@pytest.mark.parametrize("what", SETTLED)
def test_only_what_changes_and_is_read_stays(what: str) -> None:
    before, after = SETTLED[what]
    tree = ast.parse(before)
    settle({"text": tree})
    assert ast.unparse(tree) == after
