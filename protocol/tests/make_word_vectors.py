"""The vectors of what words mean: conditions, pages of a heartbeat, visits (SPEC 4.1, 4.2, 7.4)."""

from collections.abc import Iterator
from zlib import crc32

from protocol.tests.independent import bits, derive, mac

Case = dict[str, object]

_KEY = bytes(range(16))
_CONDITIONS = (
    "battery_low",
    "mains_lost",
    "contact_stuck",
    "cabinet_open",
    "self_test_failed",
    "radio_failed",
    "settings_broken",
    "storage_failed",
)
_HOUR_S = 3_600
_DAY_S = 24 * _HOUR_S


def condition_cases() -> Iterator[Case]:
    for code, name in enumerate(_CONDITIONS, 1):
        for begins, value, time in ((True, code % 4, 2_047), (False, 15, code)):
            yield {
                "begins": begins,
                "code": code,
                "name": name,
                "value": value,
                "time": time,
                "body": bits((10 if begins else 11, 4), (code, 5), (value, 4), (time, 11)).hex(),
            }


def page_cases() -> Iterator[Case]:
    for millivolts in (0, 1_600, 1_619, 1_620, 3_010, 4_140, 4_200):
        data = min(max((millivolts - 1_600) // 20, 0), 127)
        case: Case = {"page": "battery", "millivolts": millivolts, "data": data}
        yield {**case, "read_mv": 1_600 + 20 * data}
    for number in range(0, 96, 5):
        cause, rest = divmod(number, 16)
        low, mains_lost, fault, defaults = (rest >> bit & 1 for bit in (3, 2, 1, 0))
        flags = {"low": low, "mains_lost": mains_lost, "fault": fault, "defaults": defaults}
        widths = ((cause, 3), (low, 1), (mains_lost, 1), (fault, 1), (defaults, 1))
        data = int("".join(f"{value:0{width}b}" for value, width in widths), 2)
        yield {"page": "status", "cause": cause, **flags, "data": data}
    for seconds in (0, 3_599, 3_600, 2 * _DAY_S - 1, 2 * _DAY_S, 3 * _DAY_S - 1, 3 * _DAY_S):
        yield _uptime(seconds)
    for days in (30, 80, 81, 82, 4_000):
        yield _uptime(days * _DAY_S)
    for text in ("", "ValueError:button.py:120", "MemoryError:lora.py:7", "OSError:main.py:33"):
        data = 1 + crc32(text.encode()) % 127
        yield {"page": "exception", "counter": 14, "text": text, "data": data}


def _uptime(seconds: int) -> Case:
    days = seconds // _DAY_S
    data = seconds // _HOUR_S if days < 2 else min(46 + days, 127)
    hours = data if days < 2 else min(days, 81) * 24
    return {"page": "uptime", "counter": 22, "seconds": seconds, "data": data, "hours": hours}


def visit_cases() -> Iterator[Case]:
    for first, minutes, duress, extended in ((32, 30, 0, ()), (16, 1_275, 1, (208, 1_008))):
        starts = [_start(counter, minutes, duress) for counter in (first, *extended)]
        for at, start in enumerate((first, *extended)):
            counter = starts[-1][0] + 9
            block = counter // 16 - start // 16
            word = bits((9, 4), (duress, 1), (0, 2), (block, 6), (1_111, 11))
            yield {
                "device_key": _KEY.hex(),
                "starts": [case for _, case in starts],
                "named": at,
                "end": {
                    "counter": counter,
                    "duress": duress,
                    "block": block,
                    "first": start,
                    "time": 1_111,
                    "body": word.hex(),
                },
                "content": {
                    "applied": bits((1, 4), (0b111_11111, 8), (0, 4), (1, 8)).hex(),
                    "not_applied": bits((1, 4), (0b110_11111, 8), (0, 4), (1, 8)).hex(),
                },
            }


def _start(counter: int, minutes: int, duress: int) -> tuple[int, Case]:
    key = derive(_KEY, "Tocsin 1 incident")
    return counter, {
        "counter": counter,
        "minutes": minutes,
        "duress": duress,
        "time": 1_000,
        "body": bits((8, 4), (duress, 1), (minutes // 5, 8), (1_000, 11)).hex(),
        "id": mac(key, counter.to_bytes(4)).hex(),
    }
