"""What may be done to the keys of an organisation: allow, enrol, rotate, revoke. Each is one turn.

    who is lost      what it could read                    what becomes due
    a reader         the whole store                       every device, and another signing key at once
    a gateway        the keys it has an enrolment of       those devices
    a device         its own key                           nothing: it is dropped

What was read cannot be unread: a key that is due works until its device is provisioned anew, and its
gateways are enrolled with the new one.
"""

import re
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tools.provision.custody.content import GATEWAY, READER, Content
from tools.provision.custody.errors import CustodyRefused
from tools.provision.custody.store import Custody, Turn, new_signing, party_of

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def allow(custody: Custody, kind: str, name: str, recipient: str) -> None:
    """Let somebody read the store, or a gateway be enrolled at."""
    if not _NAME.fullmatch(name):
        raise CustodyRefused("bad_name", name=name)
    with custody.turn() as turn:
        turn.content = turn.content.with_party(party_of(kind, name, recipient, turn.at))
        turn.note(f"allow_{kind}", name)


def revoke(custody: Custody, name: str) -> set[str]:
    """Revoke a reader, a gateway or a device; return the devices that need a new key now."""
    with custody.turn() as turn:
        if turn.content.device(name) is not None:
            turn.content = turn.content.without_device(name)
            turn.note("revoke_device", name)
            return set()
        party = turn.content.party(name)
        if party.name == turn.by:
            raise CustodyRefused("oneself", name=name)
        turn.content = turn.content.without_party(name, turn.at)
        known = _known_to(turn.content, party.kind, name)
        turn.content = turn.content.due(known, f"revoke_{party.kind} {name}")
        turn.content = _not_enrolled(turn.content, name)  # another may get its name
        turn.note(f"revoke_{party.kind}", name)
        if party.kind == READER:
            _renew_signing(turn)
        return known


def replace_party(custody: Custody, name: str, recipient: str) -> None:
    """Give a reader or gateway another age key: nothing was lost, so no device key becomes due."""
    with custody.turn() as turn:
        old = turn.content.party(name)
        if old.name == turn.by:
            raise CustodyRefused("oneself", name=name)
        content = turn.content.with_party(party_of(old.kind, f"{name}.new", recipient, turn.at))
        content = content.without_party(name, turn.at)
        parties = tuple(
            replace(party, name=name) if party.name == f"{name}.new" and party.active else party
            for party in content.parties
        )
        turn.content = replace(content, parties=parties)
        if old.kind == GATEWAY:
            turn.content = _not_enrolled(turn.content, name)
        turn.note(f"rotate_{old.kind}", name)


def rotate_devices(custody: Custody, names: set[str] | None) -> set[str]:
    """Let devices be due for a new key, None: all; return them."""
    with custody.turn() as turn:
        known = {device.id for device in turn.content.devices}
        chosen = known if names is None else names
        if chosen - known:
            raise CustodyRefused("unknown_device", device=", ".join(sorted(chosen - known)))
        turn.content = turn.content.due(chosen, "rotate")
        for name in sorted(chosen):
            turn.note("rotate_device", name)
        return chosen


def rotate_signing(custody: Custody) -> None:
    """Sign with another key from now on; what was signed stays verifiable."""
    with custody.turn() as turn:
        _renew_signing(turn)


def _renew_signing(turn: Turn) -> None:
    past = public_half(turn.content.signing)
    turn.content = replace(
        turn.content,
        signing=new_signing(),
        signing_since=turn.at,
        past_signing=(*turn.content.past_signing, past),
    )
    turn.note("rotate_signing", past)


def public_half(signing: str) -> str:
    """Return the public key of the organisation's signing key, hexadecimal."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(signing))
    return key.public_key().public_bytes_raw().hex()


def _known_to(content: Content, kind: str, name: str) -> set[str]:
    if kind == READER:
        return {device.id for device in content.devices}
    return {device.id for device in content.devices if device.held and name in device.held.gateways}


def _not_enrolled(content: Content, gateway: str) -> Content:
    devices = tuple(
        replace(
            device,
            held=replace(
                device.held, gateways=tuple(g for g in device.held.gateways if g != gateway)
            ),
        )
        if device.held
        else device
        for device in content.devices
    )
    return replace(content, devices=devices)
