"""What a gateway is told of its devices (SPEC 11): a file each, encrypted to that gateway alone."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tools.provision.custody import sealed_file
from tools.provision.custody.content import GATEWAY, Content, Held, Key
from tools.provision.custody.errors import CustodyRefused
from tools.provision.custody.reader import seal
from tools.provision.custody.store import Custody


def write(
    custody: Custody, gateway: str, folder: Path, names: Sequence[str] | None = None
) -> list[Path]:
    """Write a file for each device with a key, or for some of them; note who has what."""
    with custody.turn() as turn:
        party = turn.content.party(gateway)
        if party.kind != GATEWAY:
            raise CustodyRefused("no_gateway", name=gateway)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CustodyRefused("unwritable", path=folder, why=error.strerror) from error
        written = []
        for device, key in _chosen(turn.content, names):
            path = folder / f"{device.id}.age"
            sealed_file.replace(path, seal(_plain(device, key, turn.at[:10]), [party.recipient]))
            turn.content = turn.content.with_device(_known(device, key, gateway))
            written.append(path)
        turn.note("enrol", f"{gateway}: {len(written)}")
    return written


def _chosen(content: Content, names: Sequence[str] | None) -> list[tuple[Held, Key]]:
    """Return the devices and their keys; raise `CustodyRefused` where one that is asked for has none."""
    found = {device.id: (device, device.held) for device in content.devices if device.held}
    lacking = [name for name in names or () if name not in found]
    if lacking:
        raise CustodyRefused("unknown_device", device=", ".join(lacking))
    return [found[name] for name in (found if names is None else names)]


def _known(device: Held, key: Key, gateway: str) -> Held:
    gateways = tuple(dict.fromkeys((*key.gateways, gateway)))
    return replace(device, held=replace(key, gateways=gateways))


def _plain(device: Held, key: Key, day: str) -> bytes:
    fields = {
        "id": device.id,
        "key": key.value,
        "role": device.role,
        "label": device.label,
        "place": device.place,
        "heartbeat_s": device.heartbeat_s,
        "counter": 0,
        "date": day,
        "chemistry": device.chemistry,
    }
    return json.dumps(fields, ensure_ascii=False).encode()
