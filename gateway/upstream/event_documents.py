"""JSON Schema (2020-12) and AsyncAPI (3.0.0) of what the gateway tells, written from the code. Pure."""

from gateway.events import SHARED_TYPE
from gateway.upstream.command import BY_MAX, ETA_MAX_MINUTES
from gateway.upstream.event_types import (
    FAMILIES,
    INCIDENT,
    MAYBE_TEXT,
    TEXT,
    TIME,
    Form,
    data_schema,
)
from gateway.upstream.signature import ATTRIBUTE
from gateway.upstream.signed_command import LIFE_MAX_S

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


_DEVICE_STATE: Form = {
    "type": "object",
    "required": ["device", "role", "label", "place", "presence", "alert", "faults"],
    "properties": {
        **dict.fromkeys(("device", "role", "label", "place"), TEXT),
        "presence": {"enum": ["expected", "heard", "late", "missing", "off_duty"]},
        "alert": {
            "enum": ["none", "open", "acknowledged"],
            "description": "of its alerts that are neither silent nor tests",
        },
        "battery_mv": {"type": ["integer", "null"]},
        "battery": {"type": ["integer", "null"], "description": "per cent"},
        "faults": {"type": "array", "items": TEXT},
    },
}
_ANSWER: Form = {
    "command": {"enum": ["acknowledge", "close"]},
    "event": {
        "type": "string",
        "pattern": "^([0-9a-f]{32}\\.[0-9]{1,12}|trial\\.[0-9a-f]{16})$",
        "description": "the id of the event that is answered",
    },
    "by": {**TEXT, "minLength": 1, "maxLength": BY_MAX},
    "eta_minutes": {"type": ["integer", "null"], "minimum": 0, "maximum": ETA_MAX_MINUTES},
}
_RESULT: Form = {
    "type": "object",
    "required": ["id", "incident", "result", "at", ATTRIBUTE],
    "properties": {
        "id": {**TEXT, "description": "jti of the command, empty where it could not be read"},
        "incident": MAYBE_TEXT,
        "result": {**TEXT, "description": "done, or why not"},
        "at": TIME,
        ATTRIBUTE: _ATTRIBUTES[ATTRIBUTE],
    },
}


def event_schema() -> Form:
    """Return the schema of every event."""
    return {"$schema": _DIALECT, "title": "Tocsin event", "oneOf": list(map(_family, FAMILIES))}


def command_schema() -> Form:
    """Return the schema of a command that nobody has signed: `event` may stand for `incident`."""
    return {
        "type": "object",
        "required": ["command", "by"],
        "anyOf": [{"required": ["incident"]}, {"required": ["event"]}],
        "properties": {**_ANSWER, "incident": INCIDENT},
        "additionalProperties": False,
    }


def signed_schema() -> Form:
    """Return the schema of what an operator signs."""
    return {
        "type": "object",
        "required": ["aud", "jti", "iat", "exp", "command", "event"],
        "properties": {
            "aud": {"type": "string", "pattern": "^tocsin/[^/]+/command$"},
            "jti": {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"},
            "iat": {"type": "number", "description": "Unix seconds"},
            "exp": {"type": "number", "description": f"at most {LIFE_MAX_S} s later"},
            **_ANSWER,
        },
        "additionalProperties": False,
    }


def asyncapi(version: str) -> Form:
    """Return the document of the MQTT topics; `version` is that of the gateway."""
    shared = SHARED_TYPE.rpartition(".")[0]
    site: Form = {"site": {"description": "gateway.site of gateway.toml"}}
    gateway = {**site, "gateway": {"description": "gateway.name of gateway.toml"}}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Tocsin gateway", "version": version},
        "defaultContentType": "application/json",
        "channels": {
            "event": _channel("tocsin/{site}/event", site, _names_but(shared)),
            "command": _channel("tocsin/{site}/command", site, ["signed", "command"]),
            "result": _channel("tocsin/{site}/{gateway}/result", gateway, ["result"]),
            "shared": _channel(
                "tocsin/{site}/incident/{incident}",
                site | {"incident": {"description": "its id"}},
                [_message_name(shared)],
            ),
            "device": _channel(
                "tocsin/{site}/{gateway}/device/{device}",
                gateway | {"device": {"description": "its id; retained"}},
                ["device_state"],
            ),
            "status": _channel(
                "tocsin/{site}/{gateway}/status",
                site | {"gateway": {"description": "gateway.name of gateway.toml"}},
                ["status"],
            ),
        },
        "operations": {
            "show": {"action": "send", "channel": {"$ref": "#/channels/device"}},
            "tell": {"action": "send", "channel": {"$ref": "#/channels/event"}},
            "obey": {"action": "receive", "channel": {"$ref": "#/channels/command"}},
            "answer": {"action": "send", "channel": {"$ref": "#/channels/result"}},
            "share": {"action": "send", "channel": {"$ref": "#/channels/shared"}},
            "learn": {"action": "receive", "channel": {"$ref": "#/channels/shared"}},
            "announce": {"action": "send", "channel": {"$ref": "#/channels/status"}},
        },
        "components": {
            "messages": {
                **{_message_name(family): _message(family) for family in FAMILIES},
                "signed": {
                    "name": "signed",
                    "title": "A compact JWS (EdDSA) of an [[operator]]",
                    "contentType": "application/jose",
                    "payload": signed_schema(),
                },
                "command": {
                    "name": "command",
                    "title": "Not signed: obeyed where unsigned_commands is set",
                    "payload": command_schema(),
                },
                "result": {"name": "result", "payload": _RESULT},
                "status": {"name": "status", "payload": _STATUS},
                "device_state": {"name": "device_state", "payload": _DEVICE_STATE},
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
