"""`tocsin decode`: explains a frame, an advertisement or a capture of the serial line."""

import json
import re
import sys
from functools import partial
from pathlib import Path

from protocol.advert import frame_span
from protocol.constants import COUNTER_LIMIT, FRAME_MAX, FRAME_MIN
from tools.decoding import rim
from tools.decoding.frames import explain_frame
from tools.decoding.keyring import KeysRefused, Owner, read
from tools.decoding.parts import Part, as_json, as_text

KINDS = ("frame", "advert", "serial")
EXPLAINED, NOT_EXPLAINED, BAD_USAGE = 0, 1, 2


class Usage(Exception):
    """An argument cannot be used: says which and why."""


def to_bytes(text: str) -> bytes:
    """Return the bytes of hexadecimal digits, spaces, colons, dashes and 0x between them."""
    digits = re.sub(r"0[xX]|[\s:,-]", "", text)
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise Usage(
            f"not an even number of hexadecimal digits ({len(digits)} characters)"
        ) from None


def kind_of(data: bytes) -> str:
    """Return which of `KINDS` the bytes look like; of what is sealed only the length can tell."""
    if frame_span(data) >= 0 or data[:3] == b"\x02\x01\x06":  # Flags, as everybody sends them
        return "advert"
    if rim.holds_a_message(data):
        return "serial"
    if FRAME_MIN <= len(data) <= FRAME_MAX and not rim.structured(data):
        return "frame"
    if rim.structured(data):
        return "advert"
    return "serial" if data[-1:] == b"\0" else "frame"


def explain(
    data: bytes, kind: str | None, owners: list[Owner] | None, counter: int | None = None
) -> Part:
    """Explain `data` as one of `KINDS`, or as what it looks like."""
    frames = partial(explain_frame, owners=owners, counter=counter)
    kind = kind or kind_of(data)
    if kind == "frame":
        return frames(data, 0)
    return (rim.explain_advert if kind == "advert" else rim.explain_line)(data, frames)


def decode(
    text: str,
    *,
    keys: Path | None = None,
    kind: str | None = None,
    counter: int | None = None,
    as_json_text: bool = False,
) -> int:
    """Print what `text` says; return the exit status: `NOT_EXPLAINED` where a part is wrong."""
    try:
        _check(kind, counter)
        data = to_bytes(text)
        owners = None if keys is None else read(keys)
    except (Usage, KeysRefused) as error:
        print(f"decode: {error}", file=sys.stderr)
        return BAD_USAGE
    explained = explain(data, kind, owners, counter)
    print(json.dumps(as_json(explained), indent=1) if as_json_text else as_text(explained))
    return EXPLAINED if explained.is_whole else NOT_EXPLAINED


def _check(kind: str | None, counter: int | None) -> None:
    if kind is not None and kind not in KINDS:
        raise Usage(f"--as is one of {', '.join(KINDS)}")
    if counter is not None and not 0 <= counter < COUNTER_LIMIT:
        raise Usage(f"--counter is 0 to {COUNTER_LIMIT - 1}")
