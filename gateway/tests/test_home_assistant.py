"""Devices as Home Assistant discovers them, against its documented formats; what is retained of them.

The forms are those of https://www.home-assistant.io/integrations/mqtt/ (device discovery payload, discovery
topic, availability) and of binary_sensor.mqtt, sensor.mqtt and event.mqtt beside it.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace

import aiomqtt
import jinja2.sandbox
import pytest
from jsonschema import Draft202012Validator

from gateway.cases.incident import Incident, State
from gateway.config import Place
from gateway.device_facts import Shown
from gateway.ledger import Ledger
from gateway.tests.brokers import Mosquitto
from gateway.tests.builders import device
from gateway.tests.test_mqtt import config
from gateway.tests.waiting import eventually
from gateway.upstream import home_assistant, retained
from gateway.upstream.device_state import DeviceFacts, to_json
from gateway.upstream.event_documents import asyncapi
from gateway.upstream.retained import Retained

PLACE = Place("site.a", "one")
FACTS = DeviceFacts("button-07", "button", "Accueil", "RDC", "heard", "none", 2900, 72)
_ENTITY = {"unique_id": {"type": "string", "minLength": 1}, "name": {"type": "string"}}
_TOPIC = {"type": "string", "pattern": "^[^#+]+$"}
_VALUE = {"state_topic": _TOPIC, "value_template": {"type": "string"}}


def _platform(name: str, required: list[str], **more: object) -> dict[str, object]:
    return {
        "properties": {**_ENTITY, **_VALUE, "platform": {"const": name}, **more},
        "required": ["platform", "unique_id", "state_topic", *required],
        "additionalProperties": False,
    }


DOCUMENTED = {
    "type": "object",
    "required": ["device", "origin", "components"],
    "additionalProperties": False,
    "properties": {
        "device": {
            "type": "object",
            "required": ["identifiers"],
            "additionalProperties": False,
            "properties": {
                "identifiers": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                **{
                    key: {"type": "string"}
                    for key in ("name", "manufacturer", "model", "suggested_area")
                },
            },
        },
        "origin": {"type": "object", "required": ["name"]},
        "availability": {
            "type": "array",
            "items": {
                "required": ["topic"],
                "properties": {"topic": _TOPIC, "value_template": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "qos": {"enum": [0, 1, 2]},
        "components": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "oneOf": [
                    _platform(
                        "binary_sensor",
                        [],
                        device_class={"enum": ["safety", "connectivity", "problem", "battery"]},
                    ),
                    _platform(
                        "sensor",
                        ["device_class", "options"],
                        device_class={"const": "enum"},
                        options={"type": "array", "items": {"type": "string"}},
                    ),
                    _platform(
                        "sensor",
                        ["device_class", "unit_of_measurement"],
                        device_class={"enum": ["battery", "voltage"]},
                        unit_of_measurement={"enum": ["%", "mV"]},
                        state_class={"const": "measurement"},
                        entity_category={"const": "diagnostic"},
                    ),
                    _platform(
                        "event",
                        ["event_types"],
                        event_types={"type": "array", "items": {"type": "string"}, "minItems": 1},
                    ),
                ]
            },
        },
    },
}


def message(
    facts: DeviceFacts = FACTS, language: str = "en"
) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = json.loads(
        home_assistant.to_json(PLACE, facts, language)
    )
    return found


def shown(entity: Mapping[str, str], payload: bytes | str) -> str:
    """What Home Assistant makes of a message of the entity's topic."""
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment()
    return environment.from_string(entity["value_template"]).render(value_json=json.loads(payload))


@pytest.mark.parametrize("battery", [72, None])
@pytest.mark.parametrize("millivolts", [2900, None])
def test_a_discovery_message_has_the_documented_form(
    battery: int | None, millivolts: int | None
) -> None:
    facts = DeviceFacts("box", "call_box", "", "", battery=battery, battery_mv=millivolts)
    Draft202012Validator(DOCUMENTED).validate(message(facts))
    entities = message(facts)["components"]
    assert ("battery" in entities, "voltage" in entities) == (bool(battery), bool(millivolts))


def test_a_discovery_topic_has_the_letters_it_may_and_no_two_devices_the_same() -> None:
    names = ["a.b", "a_b", "a-b", "a_2eb"]
    topics = {home_assistant.topic("homeassistant", PLACE, name) for name in names}
    assert len(topics) == len(names)
    for topic in topics:
        assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", topic)


def test_every_entity_has_an_id_of_its_own_and_a_name_in_either_language() -> None:
    english, french = (message(language=one)["components"] for one in ("en", "fr"))
    ids = [entity["unique_id"] for entity in english.values()]
    assert len(set(ids)) == len(ids)
    assert (english["alert"]["name"], french["alert"]["name"]) == ("Alert", "Alerte")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {"alert": "OFF", "stage": "none", "heard": "ON", "trouble": "OFF", "battery": "72"}),
        ({"alert": "open"}, {"alert": "ON", "stage": "open"}),
        ({"alert": "acknowledged"}, {"alert": "ON", "stage": "acknowledged"}),
        ({"presence": "missing"}, {"heard": "OFF"}),
        ({"faults": ["battery_soon"]}, {"trouble": "ON"}),
    ],
)
def test_templates_read_the_retained_state(
    changed: dict[str, object], expected: dict[str, str]
) -> None:
    state = json.dumps(json.loads(to_json(FACTS)) | changed)
    entities = message()["components"]
    assert {name: shown(entities[name], state) for name in expected} == expected


@pytest.mark.parametrize(
    ("kind", "data", "found"),
    [
        ("tocsin.alert.raised", {}, "raised"),
        ("tocsin.alert.raised", {"silent": True}, None),
        ("tocsin.alert.raised", {"device": "button-08"}, None),
        ("tocsin.test.raised", {}, None),
        ("tocsin.gateway.fault", {"device": None}, None),
    ],
)
def test_an_event_is_of_its_device_and_a_silent_one_of_nobody(
    kind: str, data: dict[str, object], found: str | None
) -> None:
    known = {"device": "button-07", "silent": False, "kind": "panic", "incident": "ab" * 16}
    entity = message()["components"]["event"]
    event = json.loads(shown(entity, json.dumps({"type": kind, "data": known | data})))
    if found is None:
        assert event == {}  # which Home Assistant passes over
    else:
        assert event == {"event_type": found, "kind": "panic", "incident": "ab" * 16}
        assert found in entity["event_types"]


def test_the_state_has_the_form_that_asyncapi_tells() -> None:
    document = json.loads(json.dumps(asyncapi("1")))
    form = document["components"]["messages"]["device_state"]["payload"]
    Draft202012Validator(form).validate(json.loads(to_json(FACTS)))


@pytest.mark.parametrize(
    ("kinds", "alert"),
    [
        ([], "none"),
        ([("panic", State.ACKNOWLEDGED)], "acknowledged"),
        ([("panic", State.ACKNOWLEDGED), ("medical", State.OPEN)], "open"),
        ([("hold_up", State.OPEN)], "none"),
        ([("test", State.OPEN)], "none"),
        ([("panic", State.CLOSED)], "none"),
    ],
)
def test_the_worst_alert_that_people_may_see_is_shown(
    kinds: list[tuple[str, State]], alert: str
) -> None:
    known = device()
    incidents = {
        str(n): Incident(str(n), known.id, n, n, kind, 0.0, 0.0, state=state)
        for n, (kind, state) in enumerate(kinds)
    }
    ledger = Ledger(devices={known.id: known}, incidents=incidents)
    (facts,) = Shown(lambda: ledger).all()
    assert (facts.id, facts.label, facts.alert) == (known.id, known.label, alert)
    assert facts.battery is None


class Few:
    """One device, as it is set."""

    def __init__(self) -> None:
        self.revision = 0
        self.facts: DeviceFacts | None = FACTS

    def set(self, facts: DeviceFacts | None) -> None:
        self.revision += 1
        self.facts = facts

    def all(self) -> list[DeviceFacts]:
        return [self.facts] if self.facts else []

    def changed(self, since: int) -> list[tuple[str, DeviceFacts | None]]:
        assert since == self.revision - 1
        return [(FACTS.id, self.facts)]


async def test_what_stands_is_retained_renewed_and_cleared(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retained, "LOOK_EVERY_S", 0.02)
    devices = Few()
    heard: dict[str, list[bytes]] = {}

    async def listen(client: aiomqtt.Client) -> None:
        async for one in client.messages:
            heard.setdefault(str(one.topic), []).append(bytes(one.payload))

    keeper = Retained(config(broker.port, home_assistant="homeassistant"), PLACE, devices)
    state, found = "tocsin/site.a/one/device/button-07", "homeassistant/device/"
    async with aiomqtt.Client("127.0.0.1", broker.port) as sender:
        sending = asyncio.create_task(keeper.run(sender))
        await asyncio.sleep(0.1)
        async with aiomqtt.Client("127.0.0.1", broker.port) as reader:
            await reader.subscribe("#", qos=1)  # behind it all: what comes is retained
            listening = asyncio.create_task(listen(reader))
            await eventually(lambda: state in heard and any(found in topic for topic in heard))
            devices.set(replace(FACTS, alert="open"))
            await eventually(lambda: json.loads(heard[state][-1] or "{}").get("alert") == "open")
            assert [len(said) for topic, said in heard.items() if found in topic] == [1]
            devices.set(None)
            await eventually(lambda: all(said[-1] == b"" for said in heard.values()))
            assert len(heard) == 2
            for task in (listening, sending):
                task.cancel()
            await asyncio.gather(listening, sending, return_exceptions=True)
