"""Bytes to `Uplink` or `Duplicate`: parse, resolve, compare, unprotect, classify. Changes nothing."""

from collections.abc import Callable, Sequence
from typing import Protocol

from gateway.events import Duplicate, Received, Uplink, Verdict
from gateway.frames.device_state import DeviceState
from gateway.frames.lookahead import Chunk
from protocol.constants import HINT_LEN
from protocol.errors import BadTag, TooOld, UnknownDevice
from protocol.frame import check_length
from protocol.messages import parse_uplink
from protocol.replay import NEW


class Expected(Protocol):
    """Where a hint is looked up: what is ahead of every device, or what a search has come upon."""

    def first(self, hint: bytes, /) -> Chunk | None:
        """Return a chunk that `hint` may belong to."""

    def others(self, hint: bytes, /) -> Sequence[Chunk]:
        """Return what else it may belong to."""


def authenticate(
    received: Received, expected: Expected, state_of: Callable[[str], DeviceState]
) -> Uplink | Duplicate:
    """Return what `received` is; raise the `ProtocolError` that says why it is nothing.

    `state_of` gives what is remembered of a device. The caller records an accepted frame.
    """
    frame = received.frame
    check_length(frame)
    hint = frame[:HINT_LEN]
    chunk = expected.first(hint)
    if chunk is None:
        raise UnknownDevice
    state = state_of(chunk.device)
    # Before any AES: a button's advertisement is heard dozens of times.
    if frame in state.recent:
        return Duplicate(chunk.device, received)
    try:
        return _open(received, chunk, state)
    except BadTag:
        return _open_other(received, expected.others(hint), state_of)


def reconsider(uplink: Uplink, state: DeviceState) -> Uplink | Duplicate:
    """Return what `uplink` is now that `state` may hold what came before it; raise `TooOld`."""
    if uplink.received.frame in state.recent:
        return Duplicate(uplink.device, uplink.received)
    verdict, in_order = _classify(uplink.counter, uplink.received.frame, state)
    if verdict is uplink.verdict and in_order == uplink.in_order:
        return uplink
    return uplink._replace(verdict=verdict, in_order=in_order)


def _open_other(
    received: Received, chunks: Sequence[Chunk], state_of: Callable[[str], DeviceState]
) -> Uplink | Duplicate:
    """Try the other devices that a hint may stand for: hints collide, the tag decides."""
    for chunk in chunks:
        state = state_of(chunk.device)
        if received.frame in state.recent:
            return Duplicate(chunk.device, received)
        try:
            return _open(received, chunk, state)
        except BadTag:
            continue
    raise BadTag


def _open(received: Received, chunk: Chunk, state: DeviceState) -> Uplink:
    frame = received.frame
    counter = chunk.counter_of(frame[:HINT_LEN])
    body = chunk.unprotect(counter, frame)
    verdict, in_order = _classify(counter, frame, state)
    return Uplink(chunk.device, counter, parse_uplink(body), verdict, in_order, received)


def _classify(counter: int, frame: bytes, state: DeviceState) -> tuple[Verdict, bool]:
    """Return how an authentic frame relates to those before, and whether it is the newest (SPEC 6.2)."""
    if counter > state.window.highest:
        return Verdict.FRESH, True
    if state.window.judge(counter) == NEW:
        return Verdict.FRESH, False
    if state.reused(counter, frame):
        return Verdict.REUSED, False
    raise TooOld
