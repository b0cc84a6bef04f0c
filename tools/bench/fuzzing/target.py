"""What a target is, what it raises, and changes of which one is enough to make good bytes bad."""

import json
from pathlib import Path
from random import Random
from typing import Any, Protocol

_VECTORS = Path(__file__).resolve().parents[3] / "protocol" / "tests" / "vectors"


class InvariantBroken(Exception):
    """Bytes did what no bytes may do."""


class Target(Protocol):
    """Something that takes bytes from outside."""

    longest: int  # bytes that are worth trying

    def seeds(self) -> list[bytes]:
        """Return good bytes to begin with."""

    def mutate(self, data: bytes, chance: Random) -> bytes:
        """Return bytes that keep the structure of good ones but for a change."""

    def one(self, data: bytes) -> None:
        """Take `data`; raise `InvariantBroken`, or whatever the code under test lets out."""


def insist(truth: object, what: str) -> None:
    """Raise `InvariantBroken` unless `truth`."""
    if not truth:
        raise InvariantBroken(what)


def vectors(name: str) -> list[dict[str, Any]]:
    """Return the cases of a file of the protocol's vectors."""
    cases: list[dict[str, Any]] = json.loads((_VECTORS / f"{name}.json").read_text())
    return cases


def changed(data: bytes, chance: Random) -> bytes:
    """Return `data` with a single change: a bit, a byte, a length, or two places swapped."""
    out = bytearray(data)
    at = chance.randrange(len(out)) if out else 0
    match chance.randrange(7 if out else 1):
        case 0:
            out.insert(at, chance.randrange(256))
        case 1:
            out[at] ^= 1 << chance.randrange(8)
        case 2:
            out[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        case 3:
            del out[at]
        case 4:
            del out[at:]
        case 5:
            out[at:at] = out[: chance.randrange(1, len(out) + 1)]
        case 6:
            other = chance.randrange(len(out))
            out[at], out[other] = out[other], out[at]
    return bytes(out)


def records(data: bytes) -> list[bytes]:
    """Split what a fuzzer makes into pieces: length 1 (modulo 32) | bytes, again and again."""
    pieces = []
    at = 0
    while at < len(data):
        end = at + 1 + data[at] % 32
        pieces.append(data[at + 1 : end])
        at = end
    return pieces


def joined(pieces: list[bytes]) -> bytes:
    """Return what `records` splits into `pieces`."""
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)
