"""What functions set lies in the first part that uses it, and others reach it there."""

import ast

from tools.linker.states import place


def test_a_function_says_what_it_sets_and_another_part_goes_through_the_module() -> None:
    texts = {
        "one": ast.parse("def add():\n    state__n += 1"),
        "two": ast.parse("def tell():\n    state__n = 3\n    return state__n + state__m"),
        "late": ast.parse("print(state__m)"),
    }
    place(texts, ("one", "two"))
    assert {text: ast.unparse(tree) for text, tree in texts.items()} == {
        "one": "state__n = None\n\ndef add():\n    global state__n\n    state__n += 1",
        "two": "import one as one__text\nstate__m = None\n\ndef tell():\n"
        "    one__text.state__n = 3\n    return one__text.state__n + state__m",
        "late": "import two as two__text\nprint(two__text.state__m)",
    }


def test_a_function_in_a_function_says_for_itself_what_it_sets() -> None:
    texts = {"one": ast.parse("def outer():\n    def inner():\n        state__n = 1\n    inner()")}
    place(texts, ("one",))
    assert ast.unparse(texts["one"]) == (
        "state__n = None\n\ndef outer():\n\n    def inner():\n        global state__n\n"
        "        state__n = 1\n    inner()"
    )
