"""Enrolment files, decrypted: read whole or refused with every problem, and never repeated."""

import json
from random import Random

from gateway.disk.enrolment import EnrolmentError, parse
from protocol.constants import COUNTER_LIMIT, KEY_LEN
from tools.bench.fuzzing.target import changed, insist

_GOOD: dict[str, object] = {
    "id": "button-01",
    "key": "000102030405060708090a0b0c0d0e0f",
    "role": "button",
    "label": "Dr Martin",
    "place": "Room 3",
    "heartbeat_s": 300,
    "counter": 0,
    "date": "2026-11-22",
}
_ODD: tuple[object, ...] = (
    None, True, -1, 0, 1 << 30, 1 << 64, 1.5, "", "x" * 300, "\ud800", "\0", "é", [], {}, [1], {"a": 1},
    "2026-02-30", "00" * 16, "0" * 31, "G" * 32, "call_box", "../x", "a b",
)  # fmt: skip


class Enrolments:
    """What `tocsin-gateway enrol` reads once age has decrypted it."""

    longest = 600

    def seeds(self) -> list[bytes]:
        """Return good enrolments, and some that are no JSON."""
        box = {**_GOOD, "role": "call_box", "counter": COUNTER_LIMIT - 1}
        texts = [json.dumps(_GOOD), json.dumps(box), "[]", "{}", "null", '{"id": {"id": {}}}']
        return [text.encode() for text in texts]

    def mutate(self, data: bytes, chance: Random) -> bytes:
        """Return an enrolment with one field odd, missing or too many, or one byte changed."""
        table = dict(_GOOD)
        name = chance.choice(list(table))
        match chance.randrange(4):
            case 0:
                del table[name]
            case 1:
                table[chance.choice(("keys", "Id", ""))] = chance.choice(_ODD)
            case 2:
                table[name] = chance.choice(_ODD)
            case 3:
                return changed(data, chance)
        return json.dumps(table).encode()

    def one(self, data: bytes) -> None:
        """Read it."""
        try:
            enrolment = parse(data)
        except EnrolmentError as refusal:
            insist(refusal.problems, "refused without a reason")
            insist(str(_GOOD["key"]) not in str(refusal), "a refusal shows the key")
            return
        insist(len(enrolment.key) == KEY_LEN, "a key of another length")
        insist(0 <= enrolment.counter < COUNTER_LIMIT, "a counter no device can have")
        insist(enrolment.key.hex() not in repr(enrolment), "the key is shown")
        # What is stored and shown has to be text that can be.
        (enrolment.id + enrolment.label + enrolment.place).encode()
