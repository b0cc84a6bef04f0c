"""What must be right before somebody may rely on this gateway; each finding says what to do.

ok        as it should be
warning   it runs, but not as well as it could
fault     an alert may not come through
"""

import glob
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.config import Config
from gateway.disk import signing_key
from gateway.disk.gateway_key import GatewayKey, KeyFault, place
from gateway.radio.radio_config import HeadConfig
from gateway.upstream import secret
from gateway.words import say

Weight = Literal["ok", "warning", "fault"]
_FREE_MB = 200
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of `topic`, and where it is not well what to do."""

    topic: str
    text: str
    weight: Weight = "ok"

    @property
    def is_fault(self) -> bool:
        """Say whether an alert may not come through."""
        return self.weight == "fault"

    def shown(self) -> dict[str, str]:
        """Return it for a program."""
        return {"topic": self.topic, "weight": self.weight, "text": self.text}


def of_folders(config: Config) -> Iterator[Finding]:
    """Look whether the gateway can write where it keeps things, and whether there is room."""
    for topic, folder in (("state", config.state_dir), ("runtime", config.runtime_dir)):
        there = _nearest(folder)
        if not os.access(there, os.W_OK | os.X_OK):
            yield Finding(topic, say("check.not_writable", path=there), "fault")
            continue
        free_mb = shutil.disk_usage(there).free // 1_000_000
        if topic == "state" and free_mb < _FREE_MB:
            yield Finding(topic, say("check.little_room", path=there, mb=free_mb), "warning")
        else:
            yield Finding(topic, say("check.writable", path=folder, mb=free_mb))


def of_key(config: Config) -> Iterator[Finding]:
    """Look for the gateway's key and the passwords of upstreams, and who else may read them."""
    try:
        key = GatewayKey.load(config.state_dir)
    except KeyFault as error:
        code, *where = error.args
        yield Finding("key", say(code, path=where[0] if where else ""), "fault")
        return
    yield _private("key", place(config.state_dir)) or Finding("key", key.recipient)
    yield from _exposed("key", [signing_key.place(config.state_dir)])
    for target in config.upstreams:
        yield from _exposed("upstream", map(secret.place, target.secrets))


def _exposed(topic: str, files: Iterable[Path]) -> Iterator[Finding]:
    for file in files:
        exposed = _private(topic, file) if file.is_file() else None
        if exposed is not None:
            yield exposed


def of_database(config: Config, path: Path) -> Iterator[Finding]:
    """Look at the database and the devices in it, writing nothing; none is none yet."""
    if not path.exists():
        yield Finding("database", say("check.no_database"))
        yield Finding("devices", say("check.no_devices"), "warning")
        return
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            sealed = connection.execute("SELECT id, sealed_key FROM device").fetchall()
    except sqlite3.Error as error:
        yield Finding("database", say("check.damaged", path=path, why=error), "fault")
        return
    if not os.access(path, os.W_OK):
        yield Finding("database", say("check.not_writable", path=path), "fault")
    elif problem != "ok":
        yield Finding("database", say("check.damaged", path=path, why=problem), "fault")
    else:
        yield _private("database", path) or Finding("database", say("check.sound", path=path))
    yield from _devices(config, dict(sealed))


def of_radios(config: Config) -> Iterator[Finding]:
    """Look whether each radio head is plugged in, and may be opened."""
    for radio in config.radios:
        if not isinstance(radio, HeadConfig):
            continue
        found = sorted(glob.glob(radio.port))  # noqa: PTH207 - a pattern from the root on
        values = {"name": radio.name, "port": radio.port}
        if not found:
            yield Finding("radio", say("check.no_port", **values), "fault")
        elif not os.access(found[0], os.R_OK | os.W_OK):
            yield Finding("radio", say("check.port_closed", **values), "fault")
        elif len(found) > 1:
            yield Finding("radio", say("check.ports", **values, first=found[0]), "warning")
        else:
            yield Finding("radio", say("check.port", name=radio.name, port=found[0]))


def of_clock(config: Config, *, follows: bool) -> Iterator[Finding]:
    """Say whether the wall clock is believed; `follows`: it is set by a source of time."""
    if follows:
        yield Finding("clock", say("check.clock"))
    elif config.clock == "believed":
        yield Finding("clock", say("check.clock_believed"))
    else:
        yield Finding("clock", say("check.clock_alone"), "warning")


def _devices(config: Config, sealed: dict[str, bytes]) -> Iterator[Finding]:
    try:
        key = GatewayKey.load(config.state_dir)
    except KeyFault:
        return  # told already
    strange = [device for device, secret in sealed.items() if not _opens(key, secret)]
    if strange:
        yield Finding("devices", say("check.strange", devices=", ".join(strange)), "fault")
    elif not sealed:
        yield Finding("devices", say("check.no_devices"), "warning")
    else:
        yield Finding("devices", say("check.devices", count=len(sealed)))


def _opens(key: GatewayKey, secret: bytes) -> bool:
    try:
        key.unseal(secret)
    except KeyFault:
        return False
    return True


def _private(topic: str, path: Path) -> Finding | None:
    """Return what is wrong where others than its owner may read `path`."""
    if path.stat().st_mode & _OTHERS:
        return Finding(topic, say("check.readable", path=path), "warning")
    return None


def _nearest(folder: Path) -> Path:
    """Return `folder`, or of what is above it the nearest that exists."""
    return next(one for one in (folder, *folder.absolute().parents) if one.exists())
