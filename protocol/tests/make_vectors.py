"""Write the vectors of SPEC.md from the independent implementation, which uses nothing of ours.

python -m protocol.tests.make_vectors        rewrites protocol/tests/vectors/
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from protocol.tests.independent import bits, block, derive, downlink, hint, mac, uplink
from protocol.tests.make_gateway_vectors import enrolment_cases, resolution_cases
from protocol.tests.make_rim_vectors import advert_cases, link_cases
from protocol.tests.make_word_vectors import condition_cases, page_cases, visit_cases

FOLDER = Path(__file__).parent / "vectors"
Case = dict[str, object]

DEVICE_KEYS = (
    bytes(range(16)),
    bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"),
    sha256(b"Tocsin vectors").digest()[:16],
)
COUNTERS = (0, 1, 16, 255, 256, 65_536, (1 << 24) + 1, (1 << 29), (1 << 30) - 1)


# SPEC 4: name and width of the fields behind the kind, before the time
LAYOUTS: dict[int, tuple[tuple[str, int], ...]] = {
    **dict.fromkeys((1, 2, 3, 4, 5, 6, 7, 9), (("duress", 1), ("felt", 2), ("block", 6))),
    8: (("duress", 1), ("minutes", 8)),
    10: (("code", 5), ("value", 4)),
    11: (("code", 5), ("value", 4)),
    12: (("reserved", 9),),
    13: (("op", 4), ("seq", 4), ("ok", 1)),
    14: (("listening", 1), ("heard", 1), ("data", 7)),
}


def body_of(kind: int, salt: int) -> tuple[bytes, Case]:
    """Return a body of `kind` and its fields, chosen by `salt`."""
    digest = sha256(bytes([kind, salt])).digest()
    if kind not in LAYOUTS:
        word = bytes([kind << 4 | digest[0] & 15]) + digest[1:3]
        return word, {"kind": kind, "bits": int.from_bytes(word)}
    fields: Case = {"kind": kind}
    packed = [(kind, 4)]
    for at, (name, width) in enumerate(LAYOUTS[kind]):
        value = (0, (1 << width) - 1, digest[at] % (1 << width))[min(salt, 2)]
        packed.append((value, width))
        if name != "reserved":
            fields[name] = value * 5 if name == "minutes" else value
    time = (0, 2047, int.from_bytes(digest[8:10]) % 2047)[min(salt, 2)]
    return bits(*packed, (time, 11)), {**fields, "time": time}


def key_cases() -> Iterator[Case]:
    for key in DEVICE_KEYS:
        for name in ("up enc", "up hint", "down enc", "down hint", "incident"):
            label = f"Tocsin 1 {name}"
            derived = derive(key, label)
            yield {
                "device_key": key.hex(),
                "label": label,
                "key": derived.hex(),
                "e_zeros": block(derived, bytes(16)).hex(),
            }


def hint_cases() -> Iterator[Case]:
    for key in DEVICE_KEYS[:2]:
        for direction in ("up", "down"):
            for counter in COUNTERS:
                yield {
                    "device_key": key.hex(),
                    "direction": direction,
                    "counter": counter,
                    "hint": hint(key, direction, counter).hex(),
                }


def uplink_cases() -> Iterator[Case]:
    for kind in range(16):
        for salt, extra in enumerate((b"", b"", b"", bytes(range(0xF8, 0x100)), b"\x00")):
            word, fields = body_of(kind, salt)
            key = DEVICE_KEYS[(kind + salt) % 3]
            counter = COUNTERS[(kind * 5 + salt) % 9]
            body = word + extra
            yield {
                "device_key": key.hex(),
                "counter": counter,
                "body": body.hex(),
                "fields": {**fields, "extra": extra.hex()},
                "frame": uplink(key, counter, body).hex(),
            }


def downlink_cases() -> Iterator[Case]:
    for op in range(16):
        for salt, extra in enumerate((b"", bytes(range(0xF0, 0xF4)), b"\x00", b"")):
            arg = (0xE5, 0, 0xFF, 0x1F)[salt] ^ op
            mark = (0, 1, 7, 0xA5)[salt] if op < 5 else 0xA5 if salt == 3 else 0
            seq = 0 if op < 5 else (op + salt) % 16
            content = bits((op, 4), (arg, 8), (seq, 4), (mark, 8)) + extra
            key = DEVICE_KEYS[(op + salt) % 3]
            counter = COUNTERS[(op * 3 + salt) % 9]
            yield {
                "device_key": key.hex(),
                "counter": counter,
                "content": content.hex(),
                "fields": {"op": op, "arg": arg, "seq": seq, "mark": mark, "extra": extra.hex()},
                "frame": downlink(key, counter, content).hex(),
            }


def refused_cases() -> Iterator[Case]:
    """Frames that look almost right."""
    key = DEVICE_KEYS[0]
    up = uplink(key, 32, b"\x10\x00\x05")
    down = downlink(key, 32, b"\x10\xe0\x00")
    for at in range(4, 15):  # the hint is not covered by the tag: it selects the key
        flipped = bytes([*up[:at], up[at] ^ 1 << at % 8, *up[at + 1 :]])
        yield {"direction": "up", "counter": 32, "frame": flipped.hex(), "reason": "bad_tag"}
        flipped = bytes([*down[:at], down[at] ^ 1 << at % 8, *down[at + 1 :]])
        yield {"direction": "down", "counter": 32, "frame": flipped.hex(), "reason": "bad_tag"}
    for direction, frame in (("up", up), ("down", down)):
        other = {"up": down, "down": up}[direction]
        yield {"direction": direction, "counter": 33, "frame": frame.hex(), "reason": "bad_tag"}
        yield {"direction": direction, "counter": 32, "frame": other.hex(), "reason": "bad_tag"}
        longer = frame + b"\0"
        yield {"direction": direction, "counter": 32, "frame": longer.hex(), "reason": "bad_tag"}
        for length in (0, 1, 12, 14, 20 if direction == "down" else 24):
            cut = frame.ljust(length, b"\0")[:length]
            yield {"direction": direction, "counter": 32, "frame": cut.hex(), "reason": "malformed"}


def incident_cases() -> Iterator[Case]:
    for counter, number in ((0, 0), (16, 0), (31, 0), (32, 1), (1023, 63), ((1 << 30) - 1, 63)):
        first = (counter // 16 - number) * 16
        key = derive(DEVICE_KEYS[1], "Tocsin 1 incident")
        yield {
            "device_key": DEVICE_KEYS[1].hex(),
            "counter": counter,
            "block": number,
            "first": first,
            "id": mac(key, first.to_bytes(4)).hex(),
        }
    yield {"device_key": DEVICE_KEYS[1].hex(), "counter": 31, "block": 2, "reason": "malformed"}


def window_cases() -> Iterator[Case]:
    pseudo_random = [
        int.from_bytes(sha256(b"window %d" % n).digest()[:2]) % 1_500 + n * 8 for n in range(120)
    ]
    sequences = {
        "in order, then each again": [0, 1, 2, 0, 1, 2, 3],
        "the first is not 0": [100, 99, 0, 100, 0, 101],
        "edge of the window": [5, 1_028, 5, 6, 4, 1_029, 5, 6, 7],
        "a jump forgets all": [7, 1_000_000, 7, 999_999, 998_977, 998_976, 1_000_000],
        "the highest counter": [(1 << 30) - 1, (1 << 30) - 2, (1 << 30) - 1, (1 << 30) - 1_025],
        "shuffled": pseudo_random,
    }
    for name, counters in sequences.items():
        accepted: set[int] = set()
        highest = -1
        steps: list[tuple[int, str]] = []
        for counter in counters:
            verdict = "seen" if counter in accepted else "new"
            if counter <= highest - 1_024:
                verdict = "too_old"
            if verdict == "new":
                accepted.add(counter)
                highest = max(highest, counter)
            steps.append((counter, verdict))
        bitmap = sum(1 << i for i in range(1_024) if highest - i in accepted)
        stored = (highest + 1).to_bytes(4) + bitmap.to_bytes(128)
        yield {"name": name, "steps": steps, "stored": stored.hex()}
    yield from map(reuse_case, REUSES)


# Names of the steps of SPEC 6.2 by (counter, which of its frames).
REUSES: dict[str, list[tuple[int, int]]] = {
    "reuse and replay among the last 16": [(5, 0), (5, 0), (5, 1), (5, 0), (5, 1), (5, 2)],
    "replay and reuse of what was longer ago": [*((n, 0) for n in range(20)), (2, 0), (2, 1)],
    "once two frames had a counter none raises": [
        *((n, 0) for n in range(20)),
        *((2, 1), (2, 0), (2, 2), (3, 1)),
        *((n, 0) for n in range(20, 36)),
        *((2, 1), (2, 0), (3, 0), (3, 1), (4, 1)),
    ],
    "at the end of the window": [(0, 0), (1, 0), *((n, 0) for n in range(1_009, 1_025)), (1, 0)]
    + [(0, 0), (0, 1), (1, 1), (1_025, 0), (1, 2), (2, 0), (2, 1), (2, 0)],
    "a place that another counter had": [
        *((n, 0) for n in range(18)),
        *((n, 0) for n in range(1_024, 1_044)),
        *((1_024, 0), (1_024, 1), (20, 0), (20, 1), (0, 1)),
    ],
    "a jump leaves nothing to compare with": [(7, 0), (5_000, 0), (7, 0), (7, 1), (5_000, 1)],
}


def reuse_case(name: str) -> Case:
    """Class the frames of a device by knowing every one of them, which a gateway does not."""
    accepted: list[tuple[int, int]] = []
    steps: list[tuple[int, str]] = []
    classes: list[str] = []
    for step in REUSES[name]:
        counter = step[0]
        highest = max((known for known, _ in accepted), default=-1)
        of_counter = {known for known in accepted if known[0] == counter}
        within = counter > highest - 1_024
        steps.append((counter, ("seen" if of_counter else "new") if within else "too_old"))
        if step in accepted[-16:]:
            classes.append("duplicate")
        elif not within or len(of_counter) > 1 or step in of_counter:
            classes.append("too_old")
        else:
            classes.append("counter_reuse" if of_counter else "fresh")
            accepted.append(step)
    highest = max(counter for counter, _ in accepted)
    held = {counter for counter, _ in accepted}
    bitmap = sum(1 << i for i in range(1_024) if highest - i in held)
    stored = (highest + 1).to_bytes(4) + bitmap.to_bytes(128)
    frames = [sha256(b"frame %d %d" % step).digest()[:15].hex() for step in REUSES[name]]
    return {
        "name": name,
        "steps": steps,
        "stored": stored.hex(),
        "frames": frames,
        "classes": classes,
    }


def heartbeat_cases() -> Iterator[Case]:
    """SPEC 5.3: acks are (counter answered, mark, ms after the frame before was built)."""
    heard = {
        "nothing": [],
        "one": [(-1, 1, 300)],
        "all": [(-1, mark, 100 * mark) for mark in range(1, 8)],
        "no mark": [(-1, 0, 300)],
        "no such mark": [(-1, 8, 300), (-1, 255, 400)],
        "too late for one": [(-1, 2, 8_000), (-1, 3, 8_001)],
        "too late": [(-1, 2, 8_001)],
        "older": [(-2, 1, 300), (-4, 2, 300)],
        "older, and a right one": [(-2, 1, 300), (-1, 7, 900)],
    }
    for name, acks in heard.items():
        for counter in range(640, 656):
            behind = (31, 32, 48)[counter % 3]
            in_time = [mark for back, mark, ms in acks if back == -1 and ms <= 8_000]
            pages = {
                0: (3_010 - 1_600) // 20,
                2: 300 % 128,
                4: 0b010_1_0_1_0,  # the watchdog; battery low, a fault
                6: 46 + 100 // 24 if counter % 16 == 6 else 77,
                **dict.fromkeys((1, 3, 5, 7), sum(1 << m - 1 for m in in_time if 1 <= m <= 7)),
            }
            time = 77 if behind >= 32 else 2_047
            flags = ((1, 1), (bool(in_time), 1), (pages.get(counter % 8, 0), 7))
            yield {
                "name": name,
                "counter": counter,
                "acks": [(counter + back, mark, ms) for back, mark, ms in acks],
                "reserve_behind": behind,
                "time": 77,
                "battery_mv": 3_010,
                "build": 300,
                "status": 0b010_1_0_1_0,
                "uptime_s": 100 * 3_600,
                "digest": 77,
                "may_be_deaf": counter % 2 == 1,
                "body": bits((14, 4), *flags, (time, 11)).hex(),
            }


def example() -> Iterator[Case]:
    """SPEC 14: one press and its ack, with every value on the way."""
    key = DEVICE_KEYS[0]
    names = ("up enc", "up hint", "down enc", "down hint", "incident")
    keys = {name: derive(key, f"Tocsin 1 {name}") for name in names}
    body = bits((1, 4), (0, 1), (0, 2), (0, 6), (100, 11))
    content = bits((1, 4), (0b111_11111, 8), (0, 4), (0, 8))
    nonce = b"\x01" + (32).to_bytes(4) + bytes(8)
    b0 = b"\x19" + nonce + len(body).to_bytes(2)
    a0, a1 = (b"\x01" + nonce + i.to_bytes(2) for i in (0, 1))
    e_b0, s0, s1 = (block(keys["up enc"], x) for x in (b0, a0, a1))
    x = block(
        keys["up enc"], bytes(p ^ q for p, q in zip(e_b0, body.ljust(16, b"\0"), strict=True))
    )
    down_nonce = b"\x02" + (32).to_bytes(4) + b"\x03" + content + bytes(4)
    down = downlink(key, 32, content)
    mask_block = b"\x03" + (32).to_bytes(4) + down[-8:] + bytes(3)
    steps = {
        "device_key": key,
        **{"K_" + name.replace(" ", "_"): value for name, value in keys.items()},
        "counter": (32).to_bytes(4),
        "body": body,
        "hint": hint(key, "up", 32),
        "B_0": b0,
        "E_B_0": e_b0,
        "X": x,
        "S_0": s0,
        "S_1": s1,
        "uplink": uplink(key, 32, body),
        "advert": bytes.fromhex("02010612ffffff") + uplink(key, 32, body),
        "incident_id": mac(keys["incident"], (32).to_bytes(4)),
        "content": content,
        "down_hint": hint(key, "down", 32),
        "down_nonce": down_nonce,
        "down_tag": down[-8:],
        "E_mask": block(keys["down hint"], mask_block),
        "downlink": down,
    }
    yield {name: value.hex() for name, value in steps.items()}


def files() -> dict[str, str]:
    """Return the text of every file made here, by name."""
    made = {
        "keys": key_cases(),
        "hints": hint_cases(),
        "uplinks": uplink_cases(),
        "downlinks": downlink_cases(),
        "refused": refused_cases(),
        "conditions": condition_cases(),
        "pages": page_cases(),
        "visits": visit_cases(),
        "heartbeats": heartbeat_cases(),
        "incidents": incident_cases(),
        "windows": window_cases(),
        "adverts": advert_cases(),
        "serial_link": link_cases(),
        "example": example(),
        "resolution": resolution_cases(),
        "enrolment": enrolment_cases(),
    }
    return {
        f"{name}.json": "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n"
        for name, cases in made.items()
    }


def main() -> None:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
