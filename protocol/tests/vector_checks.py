"""One check for each file of vectors; portable, run by pytest and by run_micropython.py.

A check takes one case of its file and raises AssertionError where we do something else.
"""

import json

from firmware.core.alert import Alert
from firmware.core.button import Button
from firmware.core.button_speech import ButtonSpeech
from firmware.core.codec import Codec
from firmware.core.counter import Counter
from firmware.core.heartbeat import Pages
from firmware.core.query import Query
from protocol import kinds, link_messages
from protocol.advert import frame_span, from_advert, to_advert
from protocol.aes import Aes
from protocol.bulk import hint_blocks, unprotect_padded, uplink_pads
from protocol.causes import exception_digest
from protocol.cmac import cmac
from protocol.constants import DOWN, UP
from protocol.errors import BadTag, Malformed, ProtocolError
from protocol.hint import Hinter
from protocol.identity import first_counter, incident_id, next_first
from protocol.keys import Keys, derive
from protocol.messages import Message, parse_downlink, parse_uplink
from protocol.names import CONDITION_NAMES
from protocol.pages import Status, battery_mv, uptime_hours
from protocol.protect import Downlink, Uplink
from protocol.replay import NEW, SEEN, TOO_OLD, Window
from protocol.serial_link import SerialLink, to_wire
from protocol.whole_ccm import seal, unseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Case = dict[str, Any]

_FOLDER = __file__.rsplit("/", 1)[0] + "/vectors/"


def load(name: str) -> "list[Case]":
    """Return the cases of a file of vectors."""
    with open(_FOLDER + name + ".json") as file:
        cases: "list[Case]" = json.load(file)
    return cases


def unhex(case: "Case", *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def same(ours: object, theirs: object) -> None:
    if ours != theirs:
        raise AssertionError(repr(ours) + " is not " + repr(theirs))


def refuses(expected: type[Exception], call: "Callable[..., object]", *args: object) -> None:
    try:
        call(*args)
    except expected:
        return
    raise AssertionError(expected.__name__ + " was not raised")


def check_rfc3610(case: "Case") -> None:
    key, nonce, ad, payload, sealed = unhex(case, "key", "nonce", "ad", "payload", "sealed")
    aes = Aes(key)
    same(seal(aes, nonce, payload, ad, case["tag_len"]), sealed)
    same(unseal(aes, nonce, sealed, ad, case["tag_len"]), payload)
    damaged = bytes([sealed[0] ^ 1]) + sealed[1:]
    refuses(BadTag, unseal, aes, nonce, damaged, ad, case["tag_len"])


def check_rfc4493(case: "Case") -> None:
    key, message, mac = unhex(case, "key", "message", "mac")
    same(cmac(Aes(key), message), mac)


def check_keys(case: "Case") -> None:
    device_key, key, e_zeros = unhex(case, "device_key", "key", "e_zeros")
    same(derive(Aes(device_key), case["label"].encode()), key)
    same(Aes(key).encrypt(bytes(16)), e_zeros)
    name = case["label"][len("Tocsin 1 ") :].replace(" ", "_")
    same(getattr(Keys(device_key), name).encrypt(bytes(16)), e_zeros)


def check_hints(case: "Case") -> None:
    device_key, hint = unhex(case, "device_key", "hint")
    keys = Keys(device_key)
    aes, direction = (keys.up_hint, UP) if case["direction"] == "up" else (keys.down_hint, DOWN)
    out = bytearray(6)
    Hinter(aes, direction).put(case["counter"], out)
    same(bytes(out), hint + bytes(2))
    blocks = hint_blocks(aes, direction, max(case["counter"] - 2, 0), 3)
    same(blocks[min(case["counter"], 2) * 16 :][:4], hint)


def check_uplinks(case: "Case") -> None:
    device_key, body, frame = unhex(case, "device_key", "body", "frame")
    keys = Keys(device_key)
    counter = case["counter"]
    uplink = Uplink(keys)
    ours = bytearray(len(frame))
    uplink.protect(counter, body, ours)
    same(bytes(ours), frame)
    same(uplink.unprotect(counter, frame), body)
    pads = uplink_pads(keys.up_enc, len(body), counter, 1)
    same(unprotect_padded(keys.up_enc, pads, 0, frame), body)
    message = parse_uplink(body)
    _same_fields(message, case["fields"])
    same(message.word() >> 20, case["fields"]["kind"])
    same(parse_uplink(message.to_bytes()), message)


def check_downlinks(case: "Case") -> None:
    device_key, content, frame = unhex(case, "device_key", "content", "frame")
    downlink = Downlink(Keys(device_key))
    ours = bytearray(len(frame))
    downlink.protect(case["counter"], content, ours)
    same(bytes(ours), frame)
    found = bytearray(len(content))
    same(downlink.unprotect_into(case["counter"], frame, found), True)
    same(bytes(found), content)
    downlink.hint(case["counter"], ours)
    same(bytes(ours[:4]), frame[:4])
    answer = parse_downlink(content)
    _same_fields(answer, case["fields"])
    same(answer.to_bytes(), content)


def check_refused(case: "Case") -> None:
    keys = Keys(bytes(range(16)))
    (frame,) = unhex(case, "frame")
    expected = {"bad_tag": BadTag, "malformed": Malformed}[case["reason"]]
    same(expected.reason, case["reason"])
    if case["direction"] == "up":
        refuses(expected, Uplink(keys).unprotect, case["counter"], frame)
        return
    content = bytearray(b"\xff" * max(len(frame) - 12, 0))
    downlink = Downlink(keys)
    if expected is Malformed:
        refuses(expected, downlink.unprotect_into, case["counter"], frame, content)
        return
    same(downlink.unprotect_into(case["counter"], frame, content), False)
    same(bytes(content), bytes(len(content)))


def check_incidents(case: "Case") -> None:
    (device_key,) = unhex(case, "device_key")
    if "reason" in case:
        refuses(Malformed, first_counter, case["counter"], case["block"])
        return
    first = case["first"]
    same(first_counter(case["counter"], case["block"]), first)
    same(incident_id(Keys(device_key), first).hex(), case["id"])
    same([next_first(first), next_first(first + 1)], [first, first + 16])


def check_windows(case: "Case") -> None:
    window = Window()
    verdicts = {"new": NEW, "seen": SEEN, "too_old": TOO_OLD}
    for counter, verdict in case["steps"]:
        same(window.judge(counter), verdicts[verdict])
        if verdict == "new":
            window.accept(counter)
    same(window.to_bytes().hex(), case["stored"])
    (stored,) = unhex(case, "stored")
    restored = Window.from_bytes(stored)
    same(restored.to_bytes(), stored)
    for counter, _ in case["steps"]:
        same(restored.judge(counter), window.judge(counter))


def check_adverts(case: "Case") -> None:
    (payload,) = unhex(case, "payload")
    if case["frame"] is None:
        same(frame_span(payload), -1)
        refuses(ProtocolError, from_advert, payload)
        return
    (frame,) = unhex(case, "frame")
    same(from_advert(payload), frame)
    same(frame_span(memoryview(payload)) & 0xFF, len(frame))
    if case["to_send"]:
        same(bytes(to_advert(frame)), payload)


def check_serial_link(case: "Case") -> None:
    (wire,) = unhex(case, "wire")
    link = SerialLink()
    link.feed(wire)
    for shown in case["messages"]:
        message = link.take()
        if message is None:
            raise AssertionError("a message is missing")
        name = "".join([part[0].upper() + part[1:] for part in shown["type"].split("_")])
        same(type(message), getattr(link_messages, name))
        _same_fields(message, shown)
        if case["to_send"]:
            same(to_wire(message), wire)
    same(link.take(), None)
    same(sum(link.errors.values()), case["malformed"])


def check_heartbeats(case: "Case") -> None:
    """Let a button send the frame before, hear what it hears, and say that it lives."""
    counter = case["counter"]
    codec = Codec(bytes(16), Counter(counter + 1_000, counter - 1))
    button = Button(codec, Alert(900_000), Query(1_000))
    pages = Pages(case["build"])
    speech = ButtonSpeech(button, codec, pages)
    button.heartbeat_due = True
    codec.send(speech.next_word(0, 0))
    for answered, mark, after_ms in case["acks"]:
        codec.heard_counter = answered
        button.heard(kinds.downlink_word(kinds.STORED, 0xE0, 0, mark), after_ms)
    codec.counter.reserve(counter + 1 + case["reserve_behind"])
    button.poll(60_000, 60)
    button.heartbeat_due = True
    for name in ("battery_mv", "status", "uptime_s", "digest"):
        setattr(pages, name, case[name])
    word = speech.next_word(case["time"], 60_000)
    (body,) = unhex(case, "body")
    mask = 0xFFFFFF ^ (1 << 19 if case["may_be_deaf"] else 0)
    same(word & mask, kinds.word_of(body) & mask)


def check_conditions(case: "Case") -> None:
    code, value = case["code"], case["value"]
    same(CONDITION_NAMES[code], case["name"])
    kind = kinds.FAULT if case["begins"] else kinds.RESTORE
    word = kinds.condition_word(kind, code, value, case["time"])
    same(word.to_bytes(3, "big").hex(), case["body"])


def check_pages(case: "Case") -> None:
    data = case["data"]
    if case["page"] == "status":
        fields = ("cause", "low", "mains_lost", "fault", "defaults")
        same(kinds.status_page(*[case[name] for name in fields]), data)
        status = Status(data)
        same([getattr(status, name) for name in fields], [case[name] for name in fields])
    elif case["page"] == "uptime":
        same(kinds.uptime_page(case["seconds"]), data)
        same(uptime_hours(data), case["hours"])
        same(kinds.tells_exception(case["counter"]), False)
    elif case["page"] == "exception":
        same(exception_digest(case["text"].encode()), data)
        same(kinds.tells_exception(case["counter"]), True)
    else:
        same(kinds.battery_page(case["millivolts"]), data)
        same(battery_mv(data), case["read_mv"])


def check_visits(case: "Case") -> None:
    keys = Keys(bytes.fromhex(case["device_key"]))
    for start in case["starts"]:
        word = kinds.visit_start_word(start["duress"], start["minutes"], start["time"])
        same(word.to_bytes(3, "big").hex(), start["body"])
        same(incident_id(keys, start["counter"]).hex(), start["id"])
    end = case["end"]
    word = kinds.incident_word(kinds.VISIT_END, end["duress"], 0, end["block"], end["time"])
    same(word.to_bytes(3, "big").hex(), end["body"])
    same(first_counter(end["counter"], end["block"]), end["first"])
    for applied, content in case["content"].items():
        answer = parse_downlink(bytes.fromhex(content))
        same(answer.op, kinds.STORED)
        same(answer.arg & kinds.COVERED == kinds.COVERED, applied == "applied")


def check_example(case: "Case") -> None:
    device_key, body, content = unhex(case, "device_key", "body", "content")
    keys = Keys(device_key)
    counter = int(case["counter"], 16)
    frame = bytearray(15)
    Uplink(keys).protect(counter, body, frame)
    same(frame.hex(), case["uplink"])
    same(to_advert(frame).hex(), case["advert"])
    Downlink(keys).protect(counter, content, frame)
    same(frame.hex(), case["downlink"])
    same(incident_id(keys, counter).hex(), case["incident_id"])


def _same_fields(message: Message | link_messages.LinkMessage, fields: "Case") -> None:
    for name, theirs in fields.items():
        if name == "type" or (name == "kind" and not hasattr(message, "kind")):
            continue
        ours = getattr(message, name)
        same(ours, bytes.fromhex(theirs) if isinstance(ours, bytes) else theirs)


CHECKS = {
    "rfc3610": check_rfc3610,
    "rfc4493": check_rfc4493,
    "keys": check_keys,
    "hints": check_hints,
    "uplinks": check_uplinks,
    "downlinks": check_downlinks,
    "refused": check_refused,
    "conditions": check_conditions,
    "pages": check_pages,
    "visits": check_visits,
    "heartbeats": check_heartbeats,
    "incidents": check_incidents,
    "windows": check_windows,
    "adverts": check_adverts,
    "serial_link": check_serial_link,
    "example": check_example,
}
# Judged by a gateway alone: replayed in gateway/tests.
OF_THE_GATEWAY = ("enrolment", "freshness", "resolution")
