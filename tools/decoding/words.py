"""What the 24 bits of a body or content say, bit field by bit field (SPEC 4)."""

from collections.abc import Callable

from protocol import kinds
from protocol.constants import TIME_UNIT_S, TIME_UNKNOWN
from protocol.names import CAUSE_NAMES, COMMAND_NAMES, CONDITION_NAMES, KIND_NAMES, OP_NAMES
from protocol.pages import Status, battery_mv, uptime_hours
from tools.decoding.parts import Part, Value

Said = tuple[Value, str]
# name, highest bit, lowest bit, what a value means
Layout = tuple[tuple[str, int, int, Callable[[int, int], Said]], ...]

_STAGES = {kinds.NONE: "nothing yet", **OP_NAMES}
_VALUES = {
    kinds.BATTERY_LOW: "value: tenths left, 15 not known",
    kinds.CONTACT_STUCK: "value: number of the contact",
    kinds.SELF_TEST_FAILED: "value: 1 lamp + 2 siren + 4 battery + 8 radio",
    kinds.RADIO_FAILED: "value: 0 BLE, 1 LoRa",
}
_ARGUMENTS = {
    kinds.SIREN: "arg: seconds, 0 is off",
    kinds.LIGHT: "arg: seconds, 0 is off",
    kinds.WALK_TEST: "arg: minutes, 0 ends it",
}


def explain_uplink(part: Part, body: bytes, counter: int, at: int) -> None:
    """Add the fields of a body that begins at byte `at`, which verified with `counter`."""
    word = kinds.word_of(body)
    _explain(part, word, counter, at, (("kind", 23, 20, _kind), *_LAYOUTS.get(word >> 20, _OTHER)))
    _explain_extra(part, body, at)


def explain_downlink(part: Part, content: bytes, counter: int, at: int) -> None:
    """Add the fields of a downlink's content."""
    word = kinds.word_of(content)
    _explain(part, word, counter, at, _DOWNLINK if word >> 20 in OP_NAMES else _COMMAND)
    _explain_extra(part, content, at)


def _explain(part: Part, word: int, counter: int, at: int, layout: Layout) -> None:
    for name, high, low, say in layout:
        value, meaning = say(word >> low & (1 << high - low + 1) - 1, counter)
        bits = f"{high}..{low}" if high > low else f"{high}"
        part.add(name, (at + (23 - high) // 8, at + (23 - low) // 8 + 1), value, meaning, bits)


def _explain_extra(part: Part, body: bytes, at: int) -> None:
    if body[3:]:
        part.add("extra", (at + 3, at + len(body)), body[3:].hex(), "reserved in this edition")


def _kind(value: int, _: int) -> Said:
    return value, KIND_NAMES.get(value, "reserved: committed, reported as a fault")


def _op(value: int, _: int) -> Said:
    return value, OP_NAMES.get(value) or _command_name(value)


def _command(value: int, _: int) -> Said:
    return value, _command_name(value)


def _command_name(value: int) -> str:
    if value not in COMMAND_NAMES:
        return "reserved for commands" if value > kinds.WALK_TEST else "reserved: ignored"
    argument = _ARGUMENTS.get(value)
    return COMMAND_NAMES[value] + (f"; {argument}" if argument else "")


def _condition(value: int, _: int) -> Said:
    if value not in CONDITION_NAMES:
        return value, "reserved: kept and shown by its number"
    said = _VALUES.get(value)
    return value, CONDITION_NAMES[value] + (f"; {said}" if said else "")


def _flag(said: str) -> Callable[[int, int], Said]:
    return lambda value, _: (value, said if value else "no")


def _plain(value: int, _: int) -> Said:
    return value, ""


def _reserved(value: int, _: int) -> Said:
    return value, "reserved, ignored"


def _felt(value: int, _: int) -> Said:
    return value, _STAGES[value]


def _block(value: int, counter: int) -> Said:
    first = ((counter >> 4) - value) << 4
    return value, f"the incident began with counter {first}" if first >= 0 else "before counter 0"


def _minutes(value: int, _: int) -> Said:
    return value * 5, f"{value * 5} minutes of visit"


def _time(value: int, _: int) -> Said:
    if value == TIME_UNKNOWN:
        return value, "not known, or not to be told so near the end of the reserve"
    return value, f"{value * TIME_UNIT_S} s of the device's clock, modulo 32,752 s"


def _page(value: int, counter: int) -> Said:
    page = counter % kinds.PAGES
    if page % 2:
        marks = [str(bit + 1) for bit in range(kinds.MARK_MAX) if value >> bit & 1]
        said = f"answered by the gateways marked {', '.join(marks) or 'none'}"
    elif page == kinds.PAGE_BATTERY:
        said = f"battery {battery_mv(value)} mV"
    elif page == kinds.PAGE_BUILD:
        said = "lowest 7 bits of the build"
    elif page == kinds.PAGE_STATUS:
        said = _status(Status(value))
    elif kinds.tells_exception(counter):
        said = f"digest {value} of the last exception" if value else "no exception"
    else:
        said = f"up for {uptime_hours(value)} hours"
    return value, f"page {page}: {said}"


def _status(status: Status) -> str:
    flags = {
        "battery low": status.low,
        "mains lost": status.mains_lost,
        "a fault stands": status.fault,
        "settings are defaults": status.defaults,
    }
    wrong = [said for said, holds in flags.items() if holds]
    cause = CAUSE_NAMES.get(status.cause, f"reserved {status.cause}")
    return f"last reset {cause}; {', '.join(wrong) or 'nothing wrong'}"


def _mark(value: int, _: int) -> Said:
    known = 1 <= value <= kinds.MARK_MAX
    return value, f"of the gateway marked {value}" if known else "of a gateway without a mark"


def _estimate(value: int, _: int) -> Said:
    unknown = value == kinds.ESTIMATE_UNKNOWN
    return value, "time of arrival unknown" if unknown else f"help within {value} minutes"


_TIME: Layout = (("time", 10, 0, _time),)
_INCIDENT: Layout = (
    ("duress", 19, 19, _flag("entered under threat")),
    ("felt", 18, 17, _felt),
    ("block", 16, 11, _block),
    *_TIME,
)
_CONDITION: Layout = (("code", 19, 15, _condition), ("value", 14, 11, _plain), *_TIME)
_OTHER: Layout = (("bits", 19, 0, _reserved),)
_LAYOUTS: dict[int, Layout] = {
    **dict.fromkeys((*kinds.ALERT_KINDS, kinds.CANCEL, kinds.VISIT_END), _INCIDENT),
    kinds.VISIT_START: (
        ("duress", 19, 19, _flag("entered under threat")),
        ("minutes", 18, 11, _minutes),
        *_TIME,
    ),
    kinds.FAULT: _CONDITION,
    kinds.RESTORE: _CONDITION,
    kinds.QUERY: (("reserved", 19, 11, _reserved), *_TIME),
    kinds.REPORT: (
        ("op", 19, 16, _command),
        ("seq", 15, 12, _plain),
        ("ok", 11, 11, _flag("done")),
        *_TIME,
    ),
    kinds.HEARTBEAT: (
        ("listening", 19, 19, _flag("a downlink window follows")),
        ("heard", 18, 18, _flag("the frame just before was answered at once")),
        ("data", 17, 11, _page),
        *_TIME,
    ),
}
_DOWNLINK: Layout = (
    ("op", 23, 20, _op),
    ("store", 19, 19, _flag("healthy")),
    ("upstream", 18, 18, _flag("healthy")),
    ("plan", 17, 17, _flag("healthy")),
    ("estimate", 16, 12, _estimate),
    ("seq", 11, 8, _plain),
    ("mark", 7, 0, _mark),
)
_COMMAND: Layout = (
    ("op", 23, 20, _op),
    ("arg", 19, 12, _plain),
    ("seq", 11, 8, _plain),
    ("mark", 7, 0, _reserved),
)


def incident_first(part: Part, counter: int) -> int | None:
    """Return the first counter of the incident that an explained uplink belongs to, if any."""
    said = {each.name: each.value for each in part.fields}
    if said.get("kind") == kinds.VISIT_START:
        return counter
    block = said.get("block")
    if not isinstance(block, int):
        return None
    first = ((counter >> 4) - block) << 4
    return first if first >= 0 else None
