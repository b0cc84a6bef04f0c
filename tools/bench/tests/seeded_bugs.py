"""Drives a fuzz target with a bug put into the code under test: seeded_bugs.py BUG TARGET ..."""

import json
import sys
from collections.abc import Callable
from typing import Any
from unittest import mock

from tools.bench.fuzzing import drive


def replace(where: object, name: str, wrong: Callable[..., Any]) -> None:
    """Put a bug in for as long as this process lives."""
    mock.patch.object(where, name, wrong).start()


def index_error_behind_the_tag() -> None:
    """A field of a longer visit_start is read where there is none: only authentic frames get there."""
    from gateway.frames import authenticate
    from protocol.kinds import VISIT_START
    from protocol.messages import parse_uplink

    def wrong(body: bytes) -> Any:
        if body[0] >> 4 == VISIT_START and len(body) > 3:
            return body[11]
        return parse_uplink(body)

    replace(authenticate, "parse_uplink", wrong)


def state_before_the_tag() -> None:
    """A device counts as heard as soon as its hint was."""
    from gateway.frames import authenticate

    right = authenticate.authenticate

    def wrong(received: Any, lookahead: Any, state_of: Any) -> Any:
        for chunk in lookahead.find(received.frame):
            state_of(chunk.device).heard_at = received.at
        return right(received, lookahead, state_of)

    replace(authenticate, "authenticate", wrong)


def content_of_a_wrong_tag() -> None:
    """What a wrong tag covered is left for somebody to read."""
    from protocol.protect import Downlink

    right = Downlink.unprotect_into

    def wrong(self: Downlink, counter: int, frame: bytes, content: bytearray) -> bool:
        verified = right(self, counter, frame, content)
        if not verified and content:
            content[0] = frame[4]
        return verified

    replace(Downlink, "unprotect_into", wrong)


def advert_past_its_end() -> None:
    """A length is believed."""
    from protocol import advert

    def wrong(payload: bytes) -> bytes:
        at = 0
        while payload[at + 1] != 0xFF:
            at += 1 + payload[at]
        return payload[at + 4 : at + 1 + payload[at]]

    replace(advert, "from_advert", wrong)


def line_without_crc() -> None:
    """A packet is taken whatever its CRC."""
    from protocol import cobs, link_messages, serial_link

    def wrong(packet: bytes) -> link_messages.LinkMessage:
        return link_messages.parse(cobs.decode(packet)[:-4])

    replace(serial_link, "parse_packet", wrong)


def enrolment_without_a_field() -> None:
    """A missing field is looked up."""
    from gateway.disk.enrolment import parse as right
    from tools.bench.fuzzing import enrolments

    def wrong(plain: bytes) -> Any:
        if plain.startswith(b'{"') and plain.endswith(b"}") and b'"date"' not in plain:
            return json.loads(plain)["date"]
        return right(plain)

    replace(enrolments, "parse", wrong)


BUGS: dict[str, tuple[str, Callable[[], None]]] = {
    "index_error_behind_the_tag": ("uplink", index_error_behind_the_tag),
    "state_before_the_tag": ("uplink", state_before_the_tag),
    "content_of_a_wrong_tag": ("downlink", content_of_a_wrong_tag),
    "advert_past_its_end": ("advert", advert_past_its_end),
    "line_without_crc": ("serial_link", line_without_crc),
    "enrolment_without_a_field": ("enrolment", enrolment_without_a_field),
}

if __name__ == "__main__":
    drive.main(BUGS[sys.argv.pop(1)][1])
