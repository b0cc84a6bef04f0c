"""What is written compiles to what was read."""

import re

from tools.linker.tests.linked import linked


def test_two_values_are_swapped_without_a_tuple_on_the_heap() -> None:
    text = linked(main="one, two = 1, 2\none, two = two, one\n")
    assert re.fullmatch(r"(\w), (\w) = 1, 2\n\1, \2 = \2, \1", text)
