"""What is linked does what it did: small programs, run on MicroPython before and after."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.linker.tests.linked import apart, together
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
