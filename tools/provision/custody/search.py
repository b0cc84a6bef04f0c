"""Finds secrets where none may be: files and folders are searched for them in every usual spelling."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.provision.custody.content import Content

_BLOCK = 3  # bytes that base64 writes as four letters
_LETTER_BITS = 6


def secrets_of(content: Content) -> list[bytes]:
    """Return every secret that the store holds: keys of devices, and the one that signs."""
    keys = [
        bytes.fromhex(key.value)
        for device in content.devices
        for key in (device.held, device.pending)
        if key is not None
    ]
    return [*keys, bytes.fromhex(content.signing)]


def spellings(secret: bytes) -> set[bytes]:
    """Return how `secret` may stand in a file: raw, in hexadecimal, in base64, as programs print it."""
    pairs = [f"{byte:02x}" for byte in secret]
    texts = ["".join(pairs), ":".join(pairs), " ".join(pairs), repr(secret)[2:-1]]
    texts += [mark.join(f"0x{pair}" for pair in pairs) for mark in (", ", ",")]
    texts += [mark.join(map(str, secret)) for mark in (", ", ",", " ")]
    found = {secret} | {text.encode() for text in texts} | {text.upper().encode() for text in texts}
    return found | set(_base64(secret))


def _base64(secret: bytes) -> Iterator[bytes]:
    """Yield the letters that do not depend on the neighbours, for each place within a block of three."""
    for before in range(_BLOCK):
        whole = base64.b64encode(bytes(before) + secret)
        first = -(-before * 8 // _LETTER_BITS)
        inner = whole[first : (before + len(secret)) * 8 // _LETTER_BITS]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def leaks(places: Iterable[Path], secrets: Iterable[bytes]) -> Iterator[Path]:
    """Yield each file, named or below a folder, with a secret in clear; raise OSError."""
    spelled = [spelling for secret in secrets for spelling in spellings(secret)]
    for place in places:
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in files:
            if path.is_file() and _has(path.read_bytes(), spelled):
                yield path


def _has(content: bytes, spelled: list[bytes]) -> bool:
    return any(spelling in content for spelling in spelled)
