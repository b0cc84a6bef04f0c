"""[[upstream]] of type "sia": an alarm receiving centre, its receivers, and the numbers it knows us by."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from gateway.fields import Fields
from gateway.words import say

_HEX = re.compile(r"[0-9A-F]{3,16}")
_PREFIX = re.compile(r"[0-9A-F]{1,6}")


@dataclass(frozen=True, slots=True)
class SiaConfig:
    """An alarm receiving centre that speaks SIA DC-09.

    `receivers` are host and port, the preferred one first. `areas` are by place and `zones` by device;
    0 stands for what has no number. `supervision_s` 0: the link is not supervised.
    """

    name: str
    receivers: tuple[tuple[str, int], ...]
    transport: str
    form: str
    account: str
    receiver: str
    line: str
    key_file: Path | None
    supervision_s: int
    areas: dict[str, int] = field(default_factory=dict)
    zones: dict[str, int] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Return the host of the preferred receiver."""
        return self.receivers[0][0]

    @property
    def port(self) -> int:
        """Return its port."""
        return self.receivers[0][1]

    @property
    def secrets(self) -> tuple[Path, ...]:
        """Return the files that nobody else may read."""
        return (self.key_file,) if self.key_file else ()


def read_sia(fields: Fields) -> SiaConfig:
    """Return the centre that an [[upstream]] names; its `type` is taken already."""
    key_file = fields.optional("key_file", "/etc/tocsin/sia.key")
    return SiaConfig(
        name=fields.name("name", "centre", "centre"),
        receivers=_receivers(fields),
        transport=fields.choice("transport", ("tcp", "udp"), "tcp"),
        form=fields.choice("format", ("SIA-DCS", "ADM-CID"), "SIA-DCS"),
        account=_digits(fields, "account", "1234", None, _HEX),
        receiver=_digits(fields, "receiver", "0", "0", _PREFIX),
        line=_digits(fields, "line", "0", "0", _PREFIX),
        key_file=Path(key_file) if key_file else None,
        supervision_s=fields.number("supervision_s", 0, 86_400, 60),
        areas=_numbered(fields, "area", "place", 99),
        zones=_numbered(fields, "zone", "device", 999),
    )


def _receivers(fields: Fields) -> tuple[tuple[str, int], ...]:
    first = fields.text("host", "arc.example.org"), fields.number("port", 1, 65_535)
    second = fields.optional("second_host", "arc2.example.org")
    port = fields.number("second_port", 1, 65_535, first[1])
    return (first,) if second is None else (first, (second, port))


def _digits(
    fields: Fields, key: str, example: str, default: str | None, form: re.Pattern[str]
) -> str:
    value = fields.text(key, example, default).upper()
    if not form.fullmatch(value):
        fields.bad_form(key, "form.hex", example)
    return value


def _numbered(fields: Fields, key: str, whose: str, highest: int) -> dict[str, int]:
    """Return the numbers of the tables `key`; what is named twice has the last one, and is a problem."""
    numbers: dict[str, int] = {}
    for item in fields.tables(key):
        name = item.text(whose, "reception")
        if name in numbers:
            item.problem(whose, say("taken_name", name=name))
        numbers[name] = item.number("number", 1, highest)
        item.finish()
    return numbers
