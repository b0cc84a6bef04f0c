"""A function that is called in one place is in that place."""

from tools.linker.tests.linked import linked


def test_a_function_that_is_called_once_is_where_it_was_called() -> None:
    source = (
        "def tell(what):\n    print(what)\n    print(what)\n"
        "def run(x):\n    tell(x + 1)\nrun(1)\nrun(2)\n"
    )
    assert linked(main=source).count("def ") == 1
