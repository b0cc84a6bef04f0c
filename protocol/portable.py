"""The one seam to what only MicroPython has: `const` and machine code, or plain stand-ins."""

__all__ = ("const", "copy", "put_counter", "spread", "xor")

TYPE_CHECKING = False


def const(value: int) -> int:
    """Return `value`; on MicroPython the compiler folds such a name into the code."""
    return value


if TYPE_CHECKING:  # the stand-ins are the types of both
    from protocol.loops import copy, put_counter, spread, xor

if not TYPE_CHECKING:
    try:
        from micropython import const

        from protocol.compiled import copy, put_counter, spread, xor
    except (ImportError, SyntaxError):  # CPython; a MicroPython that has no compiler for its CPU
        from protocol.loops import copy, put_counter, spread, xor
