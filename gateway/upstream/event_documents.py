"""JSON Schema (2020-12) and AsyncAPI (3.0.0) of what the gateway tells, written from the code. Pure."""

from gateway.events import SHARED_TYPE
from gateway.upstream.command import BY_MAX, ETA_MAX_MINUTES
from gateway.upstream.event_types import FAMILIES, INCIDENT, TEXT, Form, data_schema
from gateway.upstream.signature import ATTRIBUTE

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTES: Form = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "minLength": 1, "description": "the same at every attempt"},
    "source": {"type": "string", "pattern": "^/tocsin/[^/]+/[^/]+$"},
    "subject": TEXT,
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"const": "application/json"},
    ATTRIBUTE: {
        "type": "string",
        "pattern": r"^[\w-]+\.\.[\w-]+$",
        "description": "JWS, payload detached: RFC 8785 of the event without this attribute",
    },
}


_STATUS: Form = {
    "type": "object",
    "required": ["state", "at"],
    "properties": {
        "state": {"enum": ["online", "offline"]},
        "at": {"type": ["number", "null"], "description": "null: the broker says so, by the will"},
    },
}


def event_schema() -> Form:
    """Return the schema of every event."""
    return {"$schema": _DIALECT, "title": "Tocsin event", "oneOf": list(map(_family, FAMILIES))}


def command_schema() -> Form:
    """Return the schema of what a person may command."""
    common: Form = {"incident": INCIDENT, "by": {**TEXT, "minLength": 1, "maxLength": BY_MAX}}
    eta = {"type": ["integer", "null"], "minimum": 0, "maximum": ETA_MAX_MINUTES}
    return {
        "type": "object",
        "required": ["command", "incident", "by"],
        "properties": {
            "command": {"enum": ["acknowledge", "close"]},
            **common,
            "eta_minutes": eta,
        },
        "additionalProperties": False,
    }


def asyncapi(version: str) -> Form:
    """Return the document of the MQTT topics; `version` is that of the gateway."""
    shared = SHARED_TYPE.rpartition(".")[0]
    site: Form = {"site": {"description": "gateway.site of gateway.toml"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Tocsin gateway", "version": version},
        "defaultContentType": "application/json",
        "channels": {
            "event": _channel("tocsin/{site}/event", site, _names_but(shared)),
            "command": _channel("tocsin/{site}/command", site, ["command"]),
            "shared": _channel(
                "tocsin/{site}/incident/{incident}",
                site | {"incident": {"description": "its id"}},
                [_message_name(shared)],
            ),
            "status": _channel(
                "tocsin/{site}/{gateway}/status",
                site | {"gateway": {"description": "gateway.name of gateway.toml"}},
                ["status"],
            ),
        },
        "operations": {
            "tell": {"action": "send", "channel": {"$ref": "#/channels/event"}},
            "obey": {"action": "receive", "channel": {"$ref": "#/channels/command"}},
            "share": {"action": "send", "channel": {"$ref": "#/channels/shared"}},
            "learn": {"action": "receive", "channel": {"$ref": "#/channels/shared"}},
            "announce": {"action": "send", "channel": {"$ref": "#/channels/status"}},
        },
        "components": {
            "messages": {
                **{_message_name(family): _message(family) for family in FAMILIES},
                "command": {"name": "command", "payload": command_schema()},
                "status": {"name": "status", "payload": _STATUS},
            }
        },
    }


def _family(family: str) -> Form:
    names, _, _ = FAMILIES[family]
    kind = {"enum": [f"{family}.{name}" for name in names]}
    return {
        "type": "object",
        "title": family,
        "required": ["type", "data", *(name for name in _ATTRIBUTES if name != ATTRIBUTE)],
        "properties": {**_ATTRIBUTES, "type": kind, "data": data_schema(family)},
    }


def _message(family: str) -> Form:
    return {
        "name": family,
        "contentType": "application/cloudevents+json",
        "payload": _family(family),
    }


def _message_name(family: str) -> str:
    return family.rpartition(".")[2]


def _names_but(shared: str) -> list[str]:
    return [_message_name(family) for family in FAMILIES if family != shared]


def _channel(address: str, parameters: Form, messages: list[str]) -> Form:
    named = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return {"address": address, "parameters": parameters, "messages": named}
