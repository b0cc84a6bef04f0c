"""What the linker does not know, it refuses."""

import pytest

from tools.linker.refusals import CannotLink
from tools.linker.tests.linked import linked

REFUSED = {
    "async def run(): pass": "a coroutine",
    "def run(x):\n    return (y := x) + y": "a name that is bound in an expression",
    "def run(x):\n    return getattr(x, 'a' + x)": "getattr with a name that is put together",
    "print(__name__)": "__name__",
    "eval('1')": "eval",
    "from machine import *": "an import whose names are not known",
    "if 1 > 0:\n    import machine": "an import in a statement",
    "def run():\n    class Local: pass": "a class in a function",
    "@wrapped\ndef run(): pass": "the decorator wrapped",
    "@wrapped\nclass Run: pass": "a class with a decorator",
}


@pytest.mark.parametrize("source", REFUSED)
def test_what_is_not_known_is_refused_with_its_place(source: str) -> None:
    with pytest.raises(CannotLink, match=rf"firmware\.main, line \d+: {REFUSED[source]}"):
        linked(main=source)


def test_a_name_that_is_imported_and_assigned_to_is_refused() -> None:
    with pytest.raises(CannotLink, match="LOW is imported and assigned to"):
        linked(one="LOW = 1\n", main="from firmware.one import LOW\nLOW = 2\n")


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(CannotLink, match=r"firmware\.one has no HIGH"):
        linked(one="LOW = 1\n", main="from firmware.one import HIGH\nprint(HIGH)\n")
