"""A frame: what its length says, and with keys whose it is and what it says."""

from protocol.constants import BODY_MIN, CONTENT_MAX, FRAME_MAX, FRAME_MIN, OVERHEAD, TAG_LEN, UP
from protocol.errors import BadTag
from protocol.identity import incident_id
from protocol.protect import Downlink, Uplink
from tools.decoding import words
from tools.decoding.keyring import DIRECTIONS, SEARCHED, Candidate, Owner, candidates
from tools.decoding.parts import Part

_DOWNLINK_MAX = CONTENT_MAX + OVERHEAD


def explain_frame(
    frame: bytes, at: int, owners: list[Owner] | None, counter: int | None = None
) -> Part:
    """Explain `frame`, which begins at byte `at` of the input; without `owners` all is sealed."""
    part = Part("frame")
    if not FRAME_MIN <= len(frame) <= FRAME_MAX:
        return part.refuse(
            "malformed", f"{len(frame)} bytes; a frame has {FRAME_MIN} to {FRAME_MAX}"
        )
    sealed = len(frame) - OVERHEAD
    end = at + 4 + sealed
    part.add("hint", (at, at + 4), frame[:4].hex(), "stands for device and counter, for one frame")
    said = "3 to 11 up, 3 to 7 down" if sealed <= CONTENT_MAX else "so long only in an uplink"
    part.add("sealed", (at + 4, end), frame[4:-TAG_LEN].hex(), f"{sealed} bytes, encrypted; {said}")
    part.add("tag", (end, end + TAG_LEN), frame[-TAG_LEN:].hex(), "AES-CCM")
    if owners is None:
        part.add("direction", (at, at), None, "device, counter and content need --keys")
        return part
    return _with_keys(part, frame, at, owners, counter)


def _with_keys(part: Part, frame: bytes, at: int, owners: list[Owner], counter: int | None) -> Part:
    wrong: list[Candidate] = []
    for candidate in candidates(owners, frame, counter):
        clear = unseal(candidate, frame)
        if clear is not None:
            _explain(part, candidate, clear, at)
            return part
        wrong.append(candidate)
    if wrong and all(each.direction != UP for each in wrong) and len(frame) > _DOWNLINK_MAX:
        return part.refuse(
            "malformed", f"the hint is that of a downlink; those have {FRAME_MIN} to 19 bytes"
        )
    if wrong:
        named = ", ".join(
            f"{DIRECTIONS[each.direction]} {each.counter} of {each.owner.id}" for each in wrong
        )
        return part.refuse("bad_tag", f"the hint is that of {named}; the tag is not")
    where = f"from 0 to {SEARCHED - 1}" if counter is None else f"{counter}"
    return part.refuse(
        "unknown_device",
        f"no device of {len(owners)} has this hint with a counter {where}, up or down",
    )


def unseal(candidate: Candidate, frame: bytes) -> bytes | None:
    """Return body or content of `frame`, or None where its tag is not that of `candidate`."""
    keys, counter = candidate.owner.keys, candidate.counter
    length = len(frame) - OVERHEAD
    if candidate.direction == UP:
        try:
            return Uplink(keys).unprotect(counter, frame)
        except BadTag:
            return None
    if not BODY_MIN <= length <= CONTENT_MAX:
        return None
    content = bytearray(length)
    right = Downlink(keys).unprotect_into(counter, frame, content)
    return bytes(content) if right else None


def _explain(part: Part, candidate: Candidate, clear: bytes, at: int) -> None:
    counter, keys = candidate.counter, candidate.owner.keys
    part.add("direction", (at, at), DIRECTIONS[candidate.direction], "the tag is right")
    part.add("device", (at, at), candidate.owner.id)
    up = candidate.direction == UP
    part.add("counter", (at, at), counter, "" if up else "of the uplink it answers")
    inner = Part("body" if up else "content")
    part.parts.append(inner)
    if not up:
        words.explain_downlink(inner, clear, counter, at + 4)
        return
    words.explain_uplink(inner, clear, counter, at + 4)
    first = words.incident_first(inner, counter)
    if first is not None:
        inner.add("first_counter", (at, at), first, "of the incident")
        inner.add("incident", (at, at), incident_id(keys, first).hex(), "its id at every gateway")
    elif any(each.name == "block" for each in inner.fields):
        inner.refuse("malformed", "the incident would have begun before counter 0")
