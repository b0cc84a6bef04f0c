"""From answers to gateway.toml and the secrets beside it. Pure.

A file of answers, as `setup --answers FILE` takes it; the questions ask for the same:

    site = "health-centre"
    name = "gateway"                    # absent: gateway
    mark = 1                            # absent: 1
    ports = ["/dev/tocsin-head-1"]      # of radio heads; absent: those that are found
    adapters = ["hci0"]                 # Bluetooth; absent: those that are found
    [mqtt]                              # one of mqtt, webhook, mail at least
    host = "broker.example.org"         # and where need be port, username, password
    [webhook]
    url = "https://alerts.example.org/tocsin"
    [mail]
    host = "mail.example.org"           # and where need be security, username, password
    sender = "tocsin@example.org"
    recipients = ["reception@example.org"]

What is needed to write the file is looked at here. The configuration's own reader judges the rest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.fields import Fields, Problem
from gateway.first_start.hardware import Found
from gateway.words import say

_WAYS = {"mqtt": "broker", "webhook": "webhook", "mail": "mail"}
_HEAD = """\
# Written by tocsin-gateway setup. Everything else that may stand here is explained in the example:
# /usr/share/tocsin-gateway/gateway.toml. After a change: tocsin-gateway check, then
#   systemctl restart tocsin-gateway
"""
Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written: the text of gateway.toml, and secrets by the name of their file."""

    text: str
    secrets: Mapping[str, str] = field(repr=False)


def plan(table: Values, found: Found, folder: Path, problems: list[Problem]) -> Plan:
    """Return what `table` asks for; secrets will lie in `folder`. What is wrong goes to `problems`."""
    root = Fields(table, "", problems)
    lines = ["[gateway]", *_gateway(root)]
    radios = _radios(root, found)
    if not radios:
        root.problem("ports", say("setup.no_radio"))
    ways, secrets = _ways(root, table, folder)
    if not ways:
        root.problem("mqtt", say("setup.no_way_out"))
    root.finish()
    text = "\n".join([_HEAD, *lines, *radios, *ways]) + "\n"
    return Plan(text, secrets)


def _gateway(root: Fields) -> list[str]:
    values: dict[str, object] = {
        "site": root.name("site", "health-centre"),
        "name": root.name("name", "gateway", "gateway"),
        "mark": root.number("mark", 1, 7, 1),
    }
    for key in ("state_dir", "runtime_dir"):
        told = root.optional(key, "/var/lib/tocsin")
        if told is not None:
            values[key] = told
    return _lines(values)


def _radios(root: Fields, found: Found) -> list[str]:
    ports = root.texts("ports", "/dev/tocsin-head-1")
    adapters = root.texts("adapters", "hci0")
    lines = []
    for number, port in enumerate(found.ports if ports is None else ports, 1):
        name = "head" if number == 1 else f"head-{number}"
        lines += _table("radio", {"type": "radio_head", "name": name, "port": port})
    for adapter in found.adapters if adapters is None else adapters:
        name = f"bluetooth-{adapter.lower().replace(':', '')}"
        lines += _table("radio", {"type": "bluez", "name": name, "adapter": adapter})
    return lines


def _ways(root: Fields, table: Values, folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the tables of the ways out, and the passwords that go into files of their own."""
    lines: list[str] = []
    secrets: dict[str, str] = {}
    for kind, name in _WAYS.items():
        root.table(kind)  # known, and a table
        given = table.get(kind)
        if isinstance(given, Mapping) and given:
            values, password = apart(kind, given, folder)
            if password is not None:
                secrets[f"{kind}.password"] = password
            lines += _table("upstream", {"type": kind, "name": name} | values)
    return lines, secrets


def apart(kind: str, given: Values, folder: Path) -> tuple[dict[str, object], str | None]:
    """Return what [[upstream]] says of a way out, and the password, which lies beside it in `folder`."""
    values = dict(given)
    password = values.pop("password", None)
    if password is None:
        return values, None
    return values | {"password_file": str(folder / f"{kind}.password")}, str(password)


def _table(name: str, values: Values) -> list[str]:
    return ["", f"[[{name}]]", *_lines(values)]


def _lines(values: Values) -> list[str]:
    # What JSON writes of texts, numbers, truth and lists of these is TOML, too.
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
