"""What is linked does what it did: small programs, run on MicroPython before and after."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.linker.refusals import CannotLink
from tools.linker.tests.linked import apart, linked, together
from tools.linker.tests.programs import Program
from tools.properties import at_most

CASES = {
    "a name of an argument is that of a function elsewhere": """
def show(value):
    print(value)
def twice(show_it):
    return [show_it(one) for one in (1, 2)]
twice(show)
twice(lambda show, add=3: print(show + add))
""",
    "a function in a function keeps what is around it": """
def outer(first, second):
    def inner(first):
        nonlocal second
        second += first
        return second
    return inner(10) + inner(20) + first
print(outer(1, 2))
""",
    "a default of a lambda is of the function around it": """
def outer(value, more):
    return (lambda *more, value=value: (value, more))(1, 2), more
print(outer(5, 6))
""",
    "arguments by name and defaults": """
def area(width, height=3, *, scale=1):
    return width * height * scale
def call():
    return area(height=2, width=5), area(4, scale=2), area(*(1, 2))
print(call(), sorted([3, 1], key=lambda one: -one), end=";\\n")
""",
    "a global that is set in a function": """
COUNT = 0
FIXED = 10
def count():
    global COUNT
    COUNT += FIXED
    return COUNT
def both(add):
    return COUNT + add
def run():
    print(both(count()))
    print(COUNT - count())
run()
""",
    "an exception keeps its name apart from an argument": """
def attempt(error):
    try:
        return 1 // error
    except ZeroDivisionError as error:
        return repr(error)
print(attempt(0), attempt(1))
""",
    "a method of a class above and one below": """
class Above:
    def __init__(self, size):
        self._size = size
    def size(self):
        return self._size
class Below(Above):
    def __init__(self, size, more):
        super().__init__(size)
        self._more = more
    def size(self):
        return super().size() + self._more
class Apart:
    _size = 5
    def show(self):
        return self._size
print(Above(1).size(), Below(1, 2).size(), Apart().show())
""",
    "what is read before a call is read before it": """
class Store:
    def __init__(self):
        self.level = 1
    def fill(self):
        self.level = 100
        return 1
    def run(self):
        self.level += self.fill()
        return self.level, self.level - self.drain()
    def drain(self):
        self.level = 0
        return 5
print(Store().run())
""",
    "a function that returns in the middle": """
def sign(number):
    if number < 0:
        print("below")
        return -1
    elif number == 0:
        return 0
    print("above")
    return 1
def tell(number):
    found = sign(number)
    print(found)
for number in (-2, 0, 2):
    tell(number)
""",
    "a return in a loop": """
def first(numbers, least):
    for number in numbers:
        if number >= least:
            return number
    return None
def tell():
    number = first((1, 5, 9), 4)
    print(number, number or 3)
tell()
""",
    "a call that may not be made": """
def loud(number):
    print("loud", number)
    number += 1
    return number
def quiet(number):
    return number > 3 and loud(number) > 5
print(quiet(1), quiet(5))
""",
    "a call in a loop that goes on": """
def step(number):
    global LEFT
    LEFT -= number
    return LEFT > 0
LEFT = 5
def run():
    while step(2):
        print(LEFT)
run()
""",
    "a negative constant": """
LOW = -2
def square(number):
    return LOW ** 2 + number - LOW
print(square(1))
""",
    "strings that name members": """
class Record:
    fields = ("next", "first")
    def __init__(self):
        for name in self.fields:
            setattr(self, name, len(name))
        self.next += 1
    def shown(self):
        return [getattr(self, name) for name in self.fields]
print(Record().shown(), hasattr(Record(), "first"))
""",
    "swapped values": """
def swap(one, two, three):
    one, two = two, one
    one, two, three = three, one, two
    (one, two), three = (two, three), one
    (single,) = [one]
    return one, two, three, single
print(swap(1, 2, 3))
""",
    "generators and loops with else": """
def numbers(most):
    for number in range(most):
        yield number
    else:
        yield -1
def run(most):
    return list(numbers(most)), {one: two for one, two in zip("ab", numbers(2))}
print(run(3))
""",
}


@pytest.mark.parametrize("what", CASES)
def test_it_prints_the_same(what: str) -> None:
    program = CASES[what]
    assert together(main=program) == apart(main=program)


@at_most(6)
@given(st.integers(0, 1 << 40))
def test_random_programs_print_the_same(seed: int) -> None:
    program = Program(seed).text
    assert together(main=program) == apart(main=program), program


@pytest.mark.slow
@at_most(60)
@given(st.integers(0, 1 << 40))
def test_many_random_programs_print_the_same(seed: int) -> None:
    program = Program(seed, functions=10).text
    assert together(main=program) == apart(main=program), program


def test_modules_share_what_they_import() -> None:
    modules = {
        "numbers": "from micropython import const\n_LOW = const(3)\ndef low(): return _LOW\n",
        "words": "def _low(): return 'low'\ndef low(): return _low() + '!'\n",
        "main": "from firmware import numbers, words\nfrom firmware.words import low as said\n"
        "import sys as system\nprint(numbers.low(), words.low(), said(), system.maxsize > 0)\n",
    }
    assert together(**modules) == apart(**modules) == "3 low! low! True\n"


def test_what_nobody_uses_is_gone_and_names_are_short() -> None:
    text = linked(
        main="UNUSED = (1, 2)\ndef never(): pass\nLONG_NAME = [3]\nprint(LONG_NAME, LONG_NAME)\n"
    )
    assert re.fullmatch(r"(\w) = \[3\]\nprint\(\1, \1\)", text)


def test_a_function_that_is_called_once_is_where_it_was_called() -> None:
    source = (
        "def tell(what):\n    print(what)\n    print(what)\n"
        "def run(x):\n    tell(x + 1)\nrun(1)\nrun(2)\n"
    )
    assert linked(main=source).count("def ") == 1


def test_two_values_are_swapped_without_a_tuple_on_the_heap() -> None:
    text = linked(main="one, two = 1, 2\none, two = two, one\n")
    assert re.fullmatch(r"(\w), (\w) = 1, 2\n\1, \2 = \2, \1", text)


def test_a_large_constant_is_a_number_and_no_name() -> None:
    source = (
        "from micropython import const\n_PERIOD = const(1 << 30)\n"
        "def wrap(x):\n    return x & _PERIOD - 1\nprint(wrap(-1), wrap(5))\n"
    )
    assert "1073741824 - 1" in linked(main=source)
    assert together(main=source) == apart(main=source)


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
