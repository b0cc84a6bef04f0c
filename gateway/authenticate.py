"""Bytes to `Uplink` or `Duplicate`: parse, resolve, compare, unprotect, classify. Changes nothing."""

from collections.abc import Callable

from gateway.device_state import DeviceState
from gateway.events import Duplicate, Received, Uplink, Verdict
from gateway.lookahead import Chunk, LookAhead
from protocol.constants import HINT_LEN
from protocol.errors import BadTag, TooOld, UnknownDevice
from protocol.frame import check_length
from protocol.messages import parse_uplink
from protocol.replay import NEW


def authenticate(
    received: Received, lookahead: LookAhead, state_of: Callable[[str], DeviceState]
) -> Uplink | Duplicate:
    """Return what `received` is; raise the `ProtocolError` that says why it is nothing.

    `state_of` gives what is remembered of a device. The caller records an accepted frame.
    """
    frame = received.frame
    check_length(frame)
    hint = frame[:HINT_LEN]
    chunk = lookahead.first(hint)
    if chunk is None:
        raise UnknownDevice
    try:
        return _judge(received, chunk, state_of(chunk.device))
    except BadTag:
        for other in lookahead.others(hint):  # hints collide: another may have the right tag
            try:
                return _judge(received, other, state_of(other.device))
            except BadTag:
                continue
        raise


def _judge(received: Received, chunk: Chunk, state: DeviceState) -> Uplink | Duplicate:
    frame = received.frame
    # Before any AES: a button's advertisement is heard dozens of times.
    if frame in state.recent:
        return Duplicate(chunk.device, received)
    counter = chunk.counter_of(frame[:HINT_LEN])
    return _classify(received, chunk, counter, chunk.unprotect(counter, frame), state)


def _classify(
    received: Received, chunk: Chunk, counter: int, body: bytes, state: DeviceState
) -> Uplink:
    in_order = counter > state.window.highest
    verdict = Verdict.FRESH
    if not in_order and state.window.judge(counter) != NEW:
        # Only against a frame that is still remembered can a repeat be told from a reuse.
        if counter not in state.recent.values():
            raise TooOld
        verdict = Verdict.REUSED
    return Uplink(chunk.device, counter, parse_uplink(body), verdict, in_order, received)
