"""What we publish of our events: judged by a library by others, and by events the rules really make."""

import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from gateway import notices
from gateway.cases import incidents
from gateway.cases.incident import Outcome
from gateway.disk.outbox_rows import Row
from gateway.drafts import Notice
from gateway.events import SHARED_TYPE, Acknowledge, Close, Fault, Restore
from gateway.tests.builders import DEVICE, ledger
from gateway.tests.test_incidents import ID, opened, say
from gateway.upstream import letter
from gateway.upstream.cloudevent import to_json
from gateway.upstream.command import BadCommand, parse
from gateway.upstream.event_documents import asyncapi, command_schema, event_schema
from gateway.upstream.event_types import FAMILIES
from gateway.upstream.signature import Signer
from protocol.kinds import CANCEL, TEST

SIGNER = Signer(bytes(32))
SCHEMA = Draft202012Validator(event_schema())


def told(notice: Notice) -> dict[str, object]:
    row = Row(1, notice.id, notice.subject, notice.type, notice.at, notice.incident, 1, notice.data)
    event = json.loads(to_json(row, "/tocsin/site/gateway", SIGNER))
    assert isinstance(event, dict)
    return event


def _outcomes() -> Iterator[Outcome]:
    yield incidents.raise_incident(ID, 16, say(counter=16), None)
    yield incidents.raise_incident(ID, 16, say(TEST, 16), "other")
    yield incidents.hear(opened(), say(CANCEL))
    yield incidents.acknowledge(opened(), Acknowledge(ID, "Jo", 5, 20.0))
    yield incidents.acknowledge(opened(), Acknowledge(ID, "Jo", None, 20.0))
    yield incidents.close(opened(), Close(ID, "Jo", 20.0))


def _notices() -> Iterator[Notice]:
    device = ledger().devices[DEVICE]
    for outcome in _outcomes():
        for change in outcome.changes:
            if change.number is not None:
                yield notices.of_incident(outcome.incident, change, change.number, device)
    yield notices.of_device(device, "late", 1.0, 7, {})
    yield notices.of_gateway(Fault("radio.head", "link_down", 1.0, "gone"), "fault")
    yield notices.of_gateway(Restore("radio.head", "link_down", 1.0), "restore")


@pytest.mark.parametrize("notice", list(_notices()), ids=lambda notice: notice.type)
def test_what_the_rules_tell_is_what_the_schema_says(notice: Notice) -> None:
    SCHEMA.validate(told(notice))


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "tocsin.alert.nonsense"},
        {"specversion": "0.3"},
        {"source": "gateway"},
        {"signature": "a.b.c"},
        {"data": {}},
    ],
)
def test_what_is_no_event_of_ours_is_none(wrong: dict[str, object]) -> None:
    good = told(next(_notices()))
    assert SCHEMA.is_valid(good)
    assert not SCHEMA.is_valid(good | wrong)


def test_the_schema_is_one_and_each_type_is_of_one_family() -> None:
    Draft202012Validator.check_schema(event_schema())
    families = json.loads(json.dumps(event_schema()))["oneOf"]
    types = [name for family in families for name in family["properties"]["type"]["enum"]]
    assert sorted(types) == sorted(set(types))
    assert {SHARED_TYPE, *letter._SENTENCES, *(one.type for one in _notices())} <= set(types)


@pytest.mark.parametrize("notice", list(_notices()), ids=lambda notice: notice.type)
def test_an_event_without_one_of_its_fields_is_none_of_ours(notice: Notice) -> None:
    event = told(notice)
    data = event["data"]
    assert isinstance(data, dict)
    for missing in _always(notice.type) & data.keys():
        less = {name: value for name, value in data.items() if name != missing}
        assert not SCHEMA.is_valid(event | {"data": less}), missing


def _always(kind: str) -> set[str]:
    return set(FAMILIES[kind.rpartition(".")[0]][1])


@pytest.mark.parametrize(
    "command",
    [
        {"command": "acknowledge", "incident": ID, "by": "Jo", "eta_minutes": 5},
        {"command": "acknowledge", "incident": ID, "by": "Jo", "eta_minutes": 1441},
        {"command": "close", "incident": ID, "by": "Jo"},
        {"command": "close", "incident": ID, "by": ""},
        {"command": "close", "incident": "x", "by": "Jo"},
        {"command": "open", "incident": ID, "by": "Jo"},
        {"command": "close", "incident": ID, "by": "Jo", "more": 1},
        {"command": "close", "event": f"{ID}.7", "by": "Jo"},
        {"command": "close", "event": f"{ID}.7", "incident": ID, "by": "Jo"},
        {"command": "close", "event": ID, "by": "Jo"},
        {"command": "close", "by": "Jo"},
    ],
)
def test_the_schema_of_commands_takes_what_the_gateway_takes(command: dict[str, object]) -> None:
    try:
        parse(json.dumps(command).encode(), 1.0)
    except BadCommand:
        taken = False
    else:
        taken = True
    assert Draft202012Validator(command_schema()).is_valid(command) == taken


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi("1.0")
    references = [part.split('"')[0] for part in json.dumps(document).split('"$ref": "#/')[1:]]
    assert len(references) >= len(FAMILIES)
    for reference in references:
        found: object = document
        for part in reference.split("/"):
            assert isinstance(found, dict)
            found = found[part]
        assert found
