"""Names are short, and what nobody uses has none."""

import re

from tools.linker.tests.linked import linked


def test_what_nobody_uses_is_gone_and_names_are_short() -> None:
    text = linked(
        main="UNUSED = (1, 2)\ndef never(): pass\nLONG_NAME = [3]\nprint(LONG_NAME, LONG_NAME)\n"
    )
    assert re.fullmatch(r"(\w) = \[3\]\nprint\(\1, \1\)", text)
