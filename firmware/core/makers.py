"""What only the making of a program needs: let go of, once that is done."""


def forget() -> None:
    """Do nothing. On a board it deletes what nobody calls any more: `tools.linker.once` writes that."""
