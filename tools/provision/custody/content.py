"""What the key store says: readers, gateways, devices with their keys, and what was done when.

A device has the key it works with (`held`) and, while it is being provisioned, the one that was issued
for that (`pending`). An issued key is never issued again: its counters begin with it.
"""

import json
from dataclasses import asdict, dataclass, field, replace

from tools.provision.custody.errors import CustodyRefused

VERSION = 1
READER = "reader"
GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Party:
    """Who can decrypt something: a reader of this store, or a gateway."""

    kind: str
    name: str
    recipient: str
    since: str  # UTC, ISO 8601
    until: str | None = None  # revoked then

    @property
    def active(self) -> bool:
        """Say whether it counts today."""
        return self.until is None


@dataclass(frozen=True, slots=True)
class Key:
    """A device key."""

    value: str = field(repr=False)  # hexadecimal
    issued: str
    board: str = ""  # what carries it, as its MAC names it
    gateways: tuple[str, ...] = ()  # an enrolment was written for


@dataclass(frozen=True, slots=True)
class Held:
    """A device with a key, as it was provisioned."""

    id: str
    role: str  # as an enrolment names it
    label: str
    place: str
    heartbeat_s: int
    chemistry: str
    held: Key | None = None
    pending: Key | None = None
    due: str = ""  # why it needs a new key


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done."""

    at: str
    by: str
    what: str
    subject: str


@dataclass(frozen=True, slots=True)
class Content:
    """All of it. Every change returns another one."""

    organisation: str
    signing: str = field(repr=False)  # Ed25519, hexadecimal
    signing_since: str
    parties: tuple[Party, ...] = ()
    devices: tuple[Held, ...] = ()
    past_signing: tuple[str, ...] = ()  # public halves, for records signed before
    history: tuple[Entry, ...] = ()

    @property
    def recipients(self) -> list[str]:
        """Those the store is encrypted to."""
        return [party.recipient for party in self.active(READER)]

    def active(self, kind: str) -> list[Party]:
        """Return the readers or gateways that count today."""
        return [party for party in self.parties if party.kind == kind and party.active]

    def party(self, name: str) -> Party:
        """Return the reader or gateway that counts under `name`; raise `CustodyRefused`."""
        for party in self.parties:
            if party.name == name and party.active:
                return party
        raise CustodyRefused("unknown_party", name=name)

    def name_of(self, recipient: str) -> str:
        """Return the reader with this recipient; raise `CustodyRefused`."""
        for party in self.active(READER):
            if party.recipient == recipient:
                return party.name
        raise CustodyRefused("not_a_reader")

    def device(self, name: str) -> Held | None:
        """Return a device, or None."""
        return next((device for device in self.devices if device.id == name), None)

    def with_party(self, party: Party) -> "Content":
        """Add a reader or gateway; raise `CustodyRefused` where the name or the key is taken."""
        for other in self.parties:
            if other.active and other.name == party.name:
                raise CustodyRefused("name_taken", name=party.name)
            if other.recipient == party.recipient:
                raise CustodyRefused("recipient_taken", name=other.name)
        return replace(self, parties=(*self.parties, party))

    def without_party(self, name: str, at: str) -> "Content":
        """Let a reader or gateway count no more; the last reader stays, or nobody could read."""
        gone = self.party(name)
        if gone.kind == READER and len(self.active(READER)) == 1:
            raise CustodyRefused("last_reader", name=name)
        parties = tuple(
            replace(party, until=at) if party is gone else party for party in self.parties
        )
        return replace(self, parties=parties)

    def with_device(self, device: Held) -> "Content":
        """Put a device in its place, or at the end."""
        if self.device(device.id) is None:
            return replace(self, devices=(*self.devices, device))
        devices = tuple(device if each.id == device.id else each for each in self.devices)
        return replace(self, devices=devices)

    def without_device(self, name: str) -> "Content":
        """Drop a device and its keys."""
        return replace(self, devices=tuple(each for each in self.devices if each.id != name))

    def due(self, names: set[str], why: str) -> "Content":
        """Note that some devices need a key issued after this; what was due stays due."""
        devices = tuple(
            replace(each, due=each.due or why, pending=None) if each.id in names else each
            for each in self.devices
        )
        return replace(self, devices=devices)

    def told(self, entry: Entry) -> "Content":
        """Add to the history."""
        return replace(self, history=(*self.history, entry))


def pack(content: Content) -> bytes:
    """Return the bytes that are encrypted."""
    return json.dumps({"version": VERSION, **asdict(content)}, ensure_ascii=False).encode()


def unpack(data: bytes) -> Content:
    """Return the content of decrypted bytes; raise `CustodyRefused`."""
    try:
        table = json.loads(data)
        version = table.pop("version")
        if version != VERSION:
            raise CustodyRefused("newer_store", version=version)
        return Content(
            **table
            | {
                "parties": tuple(Party(**each) for each in table["parties"]),
                "devices": tuple(_held(each) for each in table["devices"]),
                "past_signing": tuple(table["past_signing"]),
                "history": tuple(Entry(**each) for each in table["history"]),
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CustodyRefused("not_a_store") from error


def _held(table: dict[str, object]) -> Held:
    keys = {name: _key(table[name]) for name in ("held", "pending")}
    return Held(**table | keys)  # type: ignore[arg-type]  # TypeError where it is another shape


def _key(table: object) -> Key | None:
    if not isinstance(table, dict):
        return None
    return Key(**table | {"gateways": tuple(table["gateways"])})
