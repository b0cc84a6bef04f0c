"""Classes of which there is one object are gone, and nothing that a program does tells the difference."""

import pytest

from tools.linker.tests.linked import classes_left, in_parts, started

# What each class of a program is for is in its name: `Only` can go, what begins with `Kept` cannot.
GONE = {
    "members, methods and defaults": """
class Only:
    def __init__(self, size, more=2):
        self.size = size
        self._more = more
        self.left, self.right = size, more
    def grow(self, by=1):
        self.size += by
        return self.size
    def both(self):
        return self.grow(by=3) + self._more + self.left - self.right
def run():
    only = Only(5)
    forget()
    only.size += 1
    print(only.both(), only.size)
""",
    "an object in another, and passed on": """
class Only:
    def __init__(self, start):
        self.count = start
    def take(self):
        self.count += 1
        return self.count
class OnlyHolder:
    def __init__(self, only, word):
        self._only = only
        self._word = word
    def tell(self, other, times):
        for _ in range(times):
            print(self._word, self._only.take(), other.count)
def run():
    only = Only(3)
    holder = OnlyHolder(only, "it")
    forget()
    holder.tell(only, 2)
""",
    "one that may be missing": """
class Only:
    def __init__(self):
        self.level = 4
class OnlyOwner:
    def __init__(self, fitted):
        self.late = None
        self.there = Only() if fitted else None
        if not fitted:
            self.late = OnlyLate(fitted)
    def show(self):
        if self.there is not None and self.there.level > 3:
            print("there", self.there.level)
        print(self.late is None, "yes" if self.there else "no")
class OnlyLate:
    def __init__(self, fitted):
        self.fitted = fitted
def run():
    owner = OnlyOwner(len("x") == 1)
    forget()
    owner.show()
""",
    "classes above and below": """
class OnlyAbove:
    def __init__(self, size):
        self.size = size
        self.reset()
    def reset(self):
        self.size -= 1
    def tell(self):
        return "above", self.size
class OnlyBelow(OnlyAbove):
    def __init__(self):
        super().__init__(8)
        self.extra = 1
    def reset(self):
        self.size += 10
    def tell(self):
        return "below", super().tell(), self.extra
def run():
    only = OnlyBelow()
    forget()
    print(only.tell())
    only.reset()
    print(only.tell())
""",
    "a method that is handed on": """
class Only:
    def __init__(self):
        self.seen = []
    def note(self, value):
        self.seen.append(value)
        return len(self.seen)
def run():
    only = Only()
    forget()
    print(list(map(only.note, (4, 5))), [one for one in only.seen], sorted((2, 1), key=only.note))
""",
    "what is made at the import, and in the arguments of another": """
class Only:
    def __init__(self, inner):
        self._inner = inner
    def level(self):
        return self._inner.level * 2
class OnlyInner:
    def __init__(self):
        print("made")
        self.level = 21
ONLY = Only(OnlyInner())
def level():
    return ONLY.level()
def run():
    forget()
    print(level(), ONLY.level())
""",
}
KEPT = {
    "two objects": """
class KeptTwo:
    def __init__(self, n):
        self.n = n
    def tell(self):
        print(self.n)
def run():
    one = KeptTwo(1)
    two = KeptTwo(2)
    forget()
    one.tell()
    two.tell()
""",
    "made in a loop, in a function in a function, and after the start": """
class KeptLoop:
    def __init__(self, n):
        self.n = n
class KeptInner:
    def __init__(self, n):
        self.n = n
class KeptLater:
    def __init__(self, n):
        self.n = n
def run():
    many = [KeptLoop(n).n for n in range(3)]
    def make(n):
        return KeptInner(n)
    forget()
    print(many, make(1).n + make(2).n, KeptLater(4).n)
""",
    "objects in a list, compared, and asked for by name": """
class KeptListed:
    def __init__(self):
        self.name = "listed"
class KeptCompared:
    def __init__(self):
        self.name = "compared"
class KeptAsked:
    def __init__(self):
        self.name = "asked"
def run():
    listed = KeptListed()
    compared = KeptCompared()
    asked = KeptAsked()
    many = [listed]
    other = compared
    forget()
    print(many[0].name, other is compared, getattr(asked, "name"), compared.name)
""",
    "one of two classes": """
class KeptLeft:
    def __init__(self):
        self.name = "left"
    def tell(self):
        return self.name
class KeptRight:
    def __init__(self):
        self.name = "right"
    def tell(self):
        return self.name + "!"
def shown(one):
    return one.tell(), one.name
def run():
    left = KeptLeft()
    right = KeptRight()
    forget()
    for one in (left, right):
        print(one.tell(), shown(one))
""",
    "what a property, a generator or a lambda hands out": """
class KeptInner:
    def __init__(self):
        self.level = 3
class KeptOuter:
    def __init__(self, inner):
        self._inner = inner
    @property
    def inner(self):
        return self._inner
class KeptYielded:
    def __init__(self):
        self.level = 4
def each(one):
    yield one
    return one
def run():
    outer = KeptOuter(KeptInner())
    yielded = KeptYielded()
    forget()
    print(outer.inner.level, [one.level for one in each(yielded)], (lambda: outer.inner)().level)
""",
    "what an exception carries": """
class KeptCause:
    def __init__(self):
        self.code = 7
class KeptError(Exception):
    def __init__(self, cause):
        self.cause = cause
def fail(cause):
    raise KeptError(cause)
def run():
    cause = KeptCause()
    forget()
    try:
        fail(cause)
    except KeptError as error:
        print(error.cause.code, cause.code)
""",
    "a member with the name of a method, and a class that is a value": """
class KeptNamed:
    def __init__(self):
        self.step = self.step_one
    def step_one(self):
        return 1
    def step(self):
        return 2
class KeptValue:
    def __init__(self):
        self.level = 1
def run():
    named = KeptNamed()
    value = KeptValue()
    forget()
    print(named.step(), isinstance(value, KeptValue), [KeptValue][0]().level)
""",
}


@pytest.mark.parametrize("what", GONE)
def test_a_class_of_one_object_is_gone(what: str) -> None:
    program = GONE[what]
    assert in_parts(program) == started(program)
    assert classes_left(program) == 0


@pytest.mark.parametrize("what", KEPT)
def test_a_class_that_is_needed_stays(what: str) -> None:
    program = KEPT[what]
    assert in_parts(program) == started(program)
    assert classes_left(program) == program.count("class ")
