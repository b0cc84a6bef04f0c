"""Two digits that tell an id that was misread or mistyped from the right one (ISO 7064, MOD 97-10).

Each character counts as a two-digit number, 32 less than its code. So any one wrong character, and any
two neighbours that changed places, give other digits.
"""

_MODULUS = 97
_FIRST = 32  # the code of a space


def check_digits(text: str) -> str:
    """Return the two digits of an id; raise ValueError where it has other than ASCII characters."""
    total = 0
    for character in text:
        code = ord(character) - _FIRST
        if not 0 <= code < 95:
            raise ValueError("an id has printable ASCII characters")
        total = (total * 100 + code) % _MODULUS
    return f"{(_MODULUS + 1 - total * 100 % _MODULUS) % _MODULUS:02}"


def fits(text: str, digits: str) -> bool:
    """Say whether `digits` are those of `text`."""
    return digits == check_digits(text)
