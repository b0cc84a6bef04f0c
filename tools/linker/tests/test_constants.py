"""Constants are numbers where they are used."""

from tools.linker.tests.linked import apart, linked, together


def test_a_large_constant_is_a_number_and_no_name() -> None:
    source = (
        "from micropython import const\n_PERIOD = const(1 << 30)\n"
        "def wrap(x):\n    return x & _PERIOD - 1\nprint(wrap(-1), wrap(5))\n"
    )
    assert "1073741824 - 1" in linked(main=source)
    assert together(main=source) == apart(main=source)
