"""The one seam to what only MicroPython has: `const`, or its plain stand-in."""

__all__ = ("const",)

TYPE_CHECKING = False


def const(value: int) -> int:
    """Return `value`; on MicroPython the compiler folds such a name into the code."""
    return value


if not TYPE_CHECKING:  # the stand-in above is the type of both
    try:
        from micropython import const
    except ImportError:
        pass
