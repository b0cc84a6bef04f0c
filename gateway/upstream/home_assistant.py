"""Devices as Home Assistant discovers them by MQTT: one message for each, with all its entities. Pure.

https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload

| entity | platform | from |
|---|---|---|
| alert | binary_sensor, safety | the retained state: on until the alert is closed |
| stage | sensor, enum | the same: none, open, acknowledged |
| heard | binary_sensor, connectivity | the same: off where supervision misses the device |
| trouble | binary_sensor, problem | the same: on while it has a fault |
| battery, voltage | sensor | the same |
| event | event | the events of its alerts; of a silent one nothing shows |
"""

import json
import re

from gateway.config import Place
from gateway.upstream.device_state import DeviceFacts
from gateway.upstream.event_types import FAMILIES
from gateway.words import say_in

Entity = dict[str, object]
_FAMILY = "tocsin.alert"
_SAFE = re.compile(r"[^A-Za-z0-9-]")  # discovery topics take no others but _


def topic(prefix: str, place: Place, device: str) -> str:
    """Return where the discovery message of a device is retained."""
    return f"{prefix}/device/{_unique(place, device)}/config"


def to_json(place: Place, facts: DeviceFacts, language: str) -> bytes:
    """Return the discovery message of a device, entities named in `language`."""
    unique = _unique(place, facts.id)
    state = f"tocsin/{place.site}/{place.gateway}/device/{facts.id}"
    entities = _entities(facts, f"tocsin/{place.site}/event")
    for name, entity in entities.items():
        entity["unique_id"] = f"{unique}_{name}"
        entity["name"] = say_in(language, f"entity.{name}")
        entity.setdefault("state_topic", state)
    status = f"tocsin/{place.site}/{place.gateway}/status"
    message = {
        "device": {
            "identifiers": [unique],
            "name": facts.label or facts.id,
            "manufacturer": "Tocsin",
            "model": facts.role,
            "suggested_area": facts.place,
        },
        "origin": {"name": "Tocsin gateway"},
        "availability": [{"topic": status, "value_template": "{{ value_json.state }}"}],
        "qos": 1,
        "components": entities,
    }
    return json.dumps(message, ensure_ascii=False).encode()


def _entities(facts: DeviceFacts, events: str) -> dict[str, Entity]:
    entities: dict[str, Entity] = {
        "alert": _binary("safety", "value_json.alert != 'none'"),
        "stage": {
            "platform": "sensor",
            "device_class": "enum",
            "options": ["none", "open", "acknowledged"],
            "value_template": "{{ value_json.alert }}",
        },
        "heard": _binary("connectivity", "value_json.presence not in ('late', 'missing')"),
        "trouble": _binary("problem", "value_json.faults | length > 0"),
        "event": {
            "platform": "event",
            "state_topic": events,
            "event_types": list(FAMILIES[_FAMILY][0]),
            "value_template": _of_device(facts.id),
        },
    }
    if facts.battery_mv is not None:  # mains-powered devices, and new ones, tell none
        entities["voltage"] = _measured("voltage", "mV", "battery_mv")
    if facts.battery is not None:
        entities["battery"] = _measured("battery", "%", "battery")
    return entities


def _binary(device_class: str, on: str) -> Entity:
    return {
        "platform": "binary_sensor",
        "device_class": device_class,
        "value_template": "{{ 'ON' if " + on + " else 'OFF' }}",
    }


def _measured(device_class: str, unit: str, field: str) -> Entity:
    return {
        "platform": "sensor",
        "device_class": device_class,
        "unit_of_measurement": unit,
        "state_class": "measurement",
        "entity_category": "diagnostic",
        "value_template": "{{ value_json." + field + " }}",
    }


def _of_device(device: str) -> str:
    """Return the template that makes events of one device out of those of the site; {} is passed over."""
    return (
        f"{{% if value_json.type.startswith('{_FAMILY}.') and not value_json.data.silent"
        f" and value_json.data.device == {json.dumps(device)} %}}"
        f"{{{{ {{'event_type': value_json.type[{len(_FAMILY) + 1}:], 'kind': value_json.data.kind,"
        " 'incident': value_json.data.incident} | tojson }}"
        "{% else %}{}{% endif %}"
    )


def _unique(place: Place, device: str) -> str:
    """Return a name that no other device has, in letters that a discovery topic takes."""
    parts = ("tocsin", place.site, place.gateway, device)
    return "__".join(_SAFE.sub(lambda found: f"_{ord(found[0]):x}", part) for part in parts)
