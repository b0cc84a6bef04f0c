"""The vectors that only a gateway replays: what it looks for (SPEC 6.2.1), what it enrols (SPEC 11)."""

import json
from collections.abc import Iterator
from hashlib import sha256

from protocol.tests.independent import uplink

Case = dict[str, object]

_KEYS = tuple(sha256(bytes([n])).digest()[:16] for n in range(3))
_BODY = bytes.fromhex("100064")
_GOOD: Case = {
    "id": "button-01",
    "key": "000102030405060708090a0b0c0d0e0f",
    "role": "button",
    "label": "Dr Martin",
    "place": "Room 3",
    "heartbeat_s": 300,
    "counter": 0,
    "date": "2026-11-22",
}
_WRONG: tuple[tuple[str, object], ...] = (
    ("id", ""),
    ("id", "a b"),
    ("id", "x" * 65),
    ("key", "00" * 15),
    ("key", "g" * 32),
    ("role", "gateway"),
    ("label", 7),
    ("place", None),
    ("heartbeat_s", 9),
    ("heartbeat_s", 604_801),
    ("heartbeat_s", "300"),
    ("counter", -1),
    ("counter", 1 << 30),
    ("date", "2026-02-30"),
    ("date", "20261122"),
)


def enrolment_cases() -> Iterator[Case]:
    """Texts, and the fields that are wrong in each; "-" is the whole."""
    yield {"text": json.dumps(_GOOD), "wrong": []}
    yield {"text": json.dumps(_GOOD | {"role": "call_box", "counter": (1 << 30) - 1}), "wrong": []}
    yield {"text": json.dumps(_GOOD | {"heartbeat_s": 10, "place": "Pièce 3"}), "wrong": []}
    yield {"text": json.dumps(_GOOD | {"chemistry": "li_mno2"}), "wrong": []}
    yield {"text": json.dumps(_GOOD | {"chemistry": "lead"}), "wrong": ["chemistry"]}
    for name, value in _WRONG:
        yield {"text": json.dumps(_GOOD | {name: value}), "wrong": [name]}
    for name in _GOOD:
        rest = {other: value for other, value in _GOOD.items() if other != name}
        yield {"text": json.dumps(rest), "wrong": [name]}
    yield {"text": json.dumps(_GOOD | {"owner": "x"}), "wrong": ["owner"]}
    yield {"text": json.dumps(_GOOD | {"key": "", "date": ""}), "wrong": ["date", "key"]}
    yield {"text": "[]", "wrong": ["-"]}
    yield {"text": "{", "wrong": ["-"]}


def resolution_cases() -> Iterator[Case]:
    """Devices with the highest counter accepted of each, frames, and whose each is (or nobody's)."""
    for highest in (-1, 0, 31, 4_000, (1 << 29) + 5, (1 << 30) - 20):
        devices = [{"device_key": key.hex(), "highest": highest} for key in _KEYS[:2]]
        frames: list[Case] = []
        for offset in (-32, -1, 1, 15, 64, 96):
            counter = highest + offset
            if 0 <= counter < 1 << 30:
                number = offset % 2
                frame = uplink(_KEYS[number], counter, _BODY)
                frames.append({"frame": frame.hex(), "device": number, "counter": counter})
                forged = frame[:-1] + bytes([frame[-1] ^ 1])
                frames.append({"frame": forged.hex(), "device": None, "counter": None})
        stranger = uplink(_KEYS[2], max(highest, 0), _BODY)
        frames.append({"frame": stranger.hex(), "device": None, "counter": None})
        yield {"devices": devices, "frames": frames}
