"""Puts what `answers` has planned into its place: all of it, judged by the configuration's reader, or none.

| file | owner, mode | because |
|---|---|---|
| gateway.toml | root:tocsin, 0640 | the gateway reads it and changes nothing |
| *.password | tocsin, 0600 | a secret is nobody else's |
| gateway.key | that of its folder, 0600 | it is the gateway's own |

Without root all belong to whoever runs it, 0600: a gateway that somebody tries out.
"""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

from gateway import config as configuration
from gateway.config import Config
from gateway.disk import durable, gateway_key
from gateway.disk.gateway_key import GatewayKey
from gateway.first_start.answers import Plan

UNIT = "tocsin-gateway.service"
_BOOTED = Path("/run/systemd/system")
_USER = "tocsin"  # and its group


def place(plan: Plan, path: Path) -> Config:
    """Write gateway.toml at `path` and the secrets beside it; raise `ConfigError` or `OSError`.

    What stood there before is kept as gateway.toml.before.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    fresh = path.with_name(f"{path.name}.new")
    try:
        _write(fresh, plan.text)
        config = configuration.load(fresh)
        for name, text in plan.secrets.items():
            _write(path.with_name(name), f"{text}\n", secret=True)
        if path.exists():
            shutil.copy2(path, path.with_name(f"{path.name}.before"))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    durable.sync_folder(path.parent)
    return config


def key_of(config: Config) -> GatewayKey:
    """Return the gateway's key, made where there is none; raise `KeyFault` or `OSError`."""
    file = gateway_key.place(config.state_dir)
    if file.exists():
        return GatewayKey.load(config.state_dir)
    config.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = GatewayKey.make(config.state_dir)
    owner = config.state_dir.stat()
    if os.geteuid() == 0:
        os.chown(file, owner.st_uid, owner.st_gid)
    return key


def check(path: Path, config: Config) -> int:
    """Run `check` as the gateway's user, who may do less than root; return its exit status."""
    apart = ["-I"] if sys.flags.isolated else []
    argv = [sys.executable, *apart, "-m", "gateway", "check", "--config", str(path)]
    owner = config.state_dir.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return subprocess.run(argv, check=False).returncode
    name = pwd.getpwuid(owner.st_uid).pw_name
    groups = os.getgrouplist(name, owner.st_gid)
    return subprocess.run(
        argv, check=False, user=owner.st_uid, group=owner.st_gid, extra_groups=groups
    ).returncode


def start() -> bool | None:
    """Start the service, anew where it runs; say whether it does, None where there is no systemd."""
    if not _BOOTED.is_dir() or os.geteuid() != 0:
        return None
    done = subprocess.run(["systemctl", "restart", UNIT], check=False)  # noqa: S607 - as the system has it
    return done.returncode == 0


def _write(path: Path, text: str, *, secret: bool = False) -> None:
    durable.replace(path, text.encode())
    if os.geteuid() == 0 and _has_user():
        shutil.chown(path, _USER if secret else "root", _USER)
        path.chmod(0o600 if secret else 0o640)


def _has_user() -> bool:
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return False
    return True
