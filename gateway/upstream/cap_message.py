"""An event of an incident as a CAP 1.2 message (OASIS, July 2010). Pure.

| event | msgType | references |
|---|---|---|
| the first this receiver hears of the incident | Alert | none |
| each further one, the wearer's cancel too: it ends nothing | Update | all since the last Alert |
| `closed`: a person has ended it | Cancel | the same |
| one after that | Alert | none |

A test has status Test, also that of `test-alert`. News of devices and of the gateway have no CAP message.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from gateway.disk.outbox_rows import Row
from gateway.upstream.cap_config import CapConfig
from gateway.words import known, say_in

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
EXPIRES_AFTER = timedelta(hours=24)
_REFERENCES_MAX = 50
_TEST = "tocsin.test."
_CATEGORY = {"medical": "Health", "tamper": "Security", "visit": "Safety", "emergency": "Rescue"}
_CERTAINTY = {"fresh": "Observed", "unverified": "Possible", "delayed": "Possible"}
_ACCESS = ("address", "floor", "entrances", "contact", "phone", "notes")
Block = list[tuple[str, "str | Block"]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What this receiver was told before of the same incident; `at` is Unix seconds."""

    event: str
    type: str
    at: float


def speaks_of(row: Row) -> bool:
    """Say whether there is a CAP message for the event."""
    return row.type.startswith(("tocsin.alert.", _TEST))


def to_xml(row: Row, before: Iterable[Sent], config: CapConfig) -> bytes:
    """Return the message; `before` in the order of the events."""
    root = ET.Element("alert", {"xmlns": NAMESPACE})
    _fill(root, _alert(row, _in_force(before), config))
    content: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return content


def _alert(row: Row, referenced: list[Sent], config: CapConfig) -> Block:
    """Return the blocks in the order of section 3.2."""
    references = " ".join(f"{config.sender},{one.event},{sent(one.at)}" for one in referenced)
    return [
        ("identifier", row.event),
        ("sender", config.sender),
        ("sent", sent(row.at)),
        ("status", "Test" if row.type.startswith(_TEST) else "Actual"),
        ("msgType", _message_type(row, referenced)),
        ("scope", "Private"),
        ("addresses", " ".join(map(_group, config.addresses))),
        *_some("references", references),
        *_some("incidents", row.incident or ""),
        ("info", _info(row, config)),
    ]


def _info(row: Row, config: CapConfig) -> Block:
    data = row.data
    words = _Words(config.language)
    kind = str(data.get("kind", "test"))
    place = str(data.get("place") or data.get("label") or "")
    access = data.get("access")
    access = access if isinstance(access, Mapping) else {}
    begins = datetime.fromtimestamp(row.at, UTC)
    return [
        ("language", words.tag),
        ("category", _CATEGORY.get(kind, "Security")),
        ("event", words.kind(kind)),
        ("responseType", "None" if _ended(row) else "Assess"),
        ("urgency", "Past" if _ended(row) else "Immediate"),
        ("severity", _severity(row)),
        ("certainty", _CERTAINTY.get(str(data.get("freshness")), "Unknown")),
        ("effective", sent(row.at)),
        ("expires", sent((begins + EXPIRES_AFTER).timestamp())),
        ("senderName", config.sender_name),
        ("headline", words.headline(row, kind, place)),
        *_some("description", words.description(data)),
        *_some("instruction", _sheet(access, ("entrances", "notes"))),
        *_some("contact", _sheet(access, ("contact", "phone"))),
        *[("parameter", one) for one in _parameters(row)],
        ("area", [("areaDesc", _where(place, access) or config.sender_name)]),
    ]


def _parameters(row: Row) -> Iterable[Block]:
    """Yield what a program at the other end may want, under our own names."""
    for name in ("device", "state", "freshness", "silent", "duress", "by", "eta_minutes"):
        value = row.data.get(name)
        if value not in (None, ""):
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            yield [("valueName", f"tocsin.{name}"), ("value", shown)]


def _message_type(row: Row, referenced: list[Sent]) -> str:
    if not referenced:
        return "Alert"
    return "Cancel" if _ended(row) else "Update"


def _in_force(before: Iterable[Sent]) -> list[Sent]:
    """Return what is still in force: all since the last Cancel."""
    kept: list[Sent] = []
    for one in before:
        kept = [] if one.type.endswith(".closed") and kept else [*kept, one]
    return kept[-_REFERENCES_MAX:]


def _ended(row: Row) -> bool:
    return row.type.endswith(".closed")


def _severity(row: Row) -> str:
    if row.type.startswith(_TEST):
        return "Minor"
    return "Unknown" if row.data.get("kind") in ("cancel", "tamper") else "Severe"


def _where(place: str, access: Mapping[str, object]) -> str:
    return ", ".join(part for part in (place, _sheet(access, ("floor", "address"))) if part)


def _sheet(access: Mapping[str, object], names: tuple[str, ...]) -> str:
    return ", ".join(str(access[name]) for name in names if access.get(name))


def sent(at: float) -> str:
    """Return a time of section 3.3.2: whole seconds, and UTC as -00:00, never as Z."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _group(address: str) -> str:
    """Return an address as a list delimited by spaces holds it (section 3.2.1)."""
    return f'"{address}"' if " " in address else address


def _some(name: str, text: str) -> Block:
    return [(name, text)] if text else []


def _fill(parent: ET.Element, block: Block) -> None:
    for name, value in block:
        element = ET.SubElement(parent, name)
        if isinstance(value, str):
            element.text = value
        else:
            _fill(element, value)


class _Words:
    """The sentences of a message, in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.tag = "fr-FR" if language == "fr" else "en-GB"

    def kind(self, kind: str) -> str:
        sentence = f"cap.kind.{kind}"
        return self._say(sentence if known(sentence) else "cap.kind.other")

    def headline(self, row: Row, kind: str, place: str) -> str:
        sentence = f"cap.news.{row.type.rpartition('.')[2]}"
        news = self._say(sentence if known(sentence) else "cap.news.updated")
        return self._say("cap.headline", news=news, kind=self.kind(kind), place=place)

    def description(self, data: Mapping[str, object]) -> str:
        said = [
            self._say(f"cap.{name}")
            for name in ("duress", "silent", "cancelled", "cancel_unverified")
            if data.get(name)
        ]
        label = self._say("cap.device", label=data.get("label", ""), device=data.get("device", ""))
        return " ".join(part for part in (label, *said) if part)

    def _say(self, sentence: str, /, **values: object) -> str:
        return say_in(self._language, sentence, **values)
