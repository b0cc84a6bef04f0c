"""Keys of devices from a file that only its owner can read; they are never shown again.

The file is an enrolment (a JSON object with `id` and `key`, or a list of them), or lines of

    id key-in-32-hexadecimal-digits        # and comments
"""

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from protocol.bulk import hint_blocks
from protocol.constants import COUNTER_LIMIT, DOWN, HINT_LEN, UP
from protocol.keys import Keys

SEARCHED = 1 << 20  # counters from 0 on, unless one is named
_BATCH = 4_096
_KEY = re.compile(r"[0-9a-fA-F]{32}")
DIRECTIONS = {UP: "uplink", DOWN: "downlink"}


class KeysRefused(Exception):
    """The file cannot be used: says why and what to do, never what is in it."""


@dataclass(frozen=True)
class Owner:
    """A device and its keys."""

    id: str
    keys: Keys = field(repr=False)


@dataclass(frozen=True)
class Candidate:
    """Who may have sent a frame, or who it may be for: hints collide, the tag decides."""

    owner: Owner
    direction: int
    counter: int


def read(path: Path) -> list[Owner]:
    """Return the devices of a file; raise `KeysRefused`."""
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise KeysRefused(f"{path} cannot be read: {type(error).__name__}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeysRefused(f"others may read the keys in {path}; run: chmod 600 {path}")
    pairs = _from_json(path, text) if text.lstrip()[:1] in ("{", "[") else _from_lines(path, text)
    owners = [Owner(name, Keys(bytes.fromhex(key))) for name, key in pairs]
    if not owners:
        raise KeysRefused(f"there is no key in {path}")
    return owners


def _from_lines(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words and (len(words) != 2 or not _KEY.fullmatch(words[1])):
            raise KeysRefused(f"{path}, line {number}: not `id key`, 32 hexadecimal digits")
        if words:
            yield words[0], words[1]


def _from_json(path: Path, text: str) -> Iterator[tuple[str, str]]:
    try:
        content = json.loads(text)
    except ValueError:
        raise KeysRefused(f"{path} begins like JSON, but is not") from None
    for enrolment in content if isinstance(content, list) else [content]:
        name, key = (
            (enrolment.get("id"), enrolment.get("key"))
            if isinstance(enrolment, dict)
            else (None, None)
        )
        if not isinstance(name, str) or not isinstance(key, str) or not _KEY.fullmatch(key):
            raise KeysRefused(f"{path}: an enrolment has `id` and `key`, 32 hexadecimal digits")
        yield name, key


def candidates(owners: list[Owner], frame: bytes, counter: int | None) -> Iterator[Candidate]:
    """Yield whom the hint of `frame` may stand for, lower counters first; or for `counter` alone."""
    first, last = (0, SEARCHED) if counter is None else (counter, counter + 1)
    for begin in range(first, last, _BATCH):
        count = min(_BATCH, last - begin, COUNTER_LIMIT - begin)
        for owner in owners:
            for direction, aes in ((UP, owner.keys.up_hint), (DOWN, owner.keys.down_hint)):
                blocks = hint_blocks(aes, direction, begin, count)
                for at in _found(blocks, frame[:HINT_LEN]):
                    yield Candidate(owner, direction, begin + at)


def _found(blocks: bytes, hint: bytes) -> Iterator[int]:
    at = blocks.find(hint)
    while at >= 0:
        if at % 16 == 0:
            yield at // 16
        at = blocks.find(hint, at + 1)
