"""A practice whose gateway is the package on a Debian with BlueZ: a wearer, a Pi, an adapter, no network.

```
 button (real firmware) ~~ virtual air ~~ Adapter === guest: bluetoothd, tocsin-gateway.service
```
"""

import re
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from tools.demonstration import boards
from tools.demonstration.boards import HOLD_MS, MAIN_CONTACT, Enrollable
from tools.virtual.device import Power
from tools.virtual.guest.adapter import Adapter
from tools.virtual.guest.agent_client import CommandFailed
from tools.virtual.guest.crowd import Crowd
from tools.virtual.guest.guest import Guest
from tools.virtual.realtime import RealTime
from tools.virtual.wearer import Feeling
from tools.virtual.world import World

SITE = "pi"
UNIT = "tocsin-gateway.service"
CONFIG = "/etc/tocsin/gateway.toml"
PYTHON = "/usr/lib/tocsin/current/bin/python"  # with what the gateway has
RADIO = "radio.bluetooth-hci0"  # as setup names it
_ADDRESS = bytes.fromhex("dca632000001")
_CANCEL_MS = 2_000  # the shortest there is
_RELEASE_AFTER_MS = 150
_INSTALL_LIMIT_S = 300.0
_PATIENCE_S = 60.0
_PACKAGE = "/root/tocsin-gateway.deb"
_LOOK_EVERY_S = 0.25
# An emulated machine takes seconds to import the gateway: once for all files, and not to read a table.
_AS_GATEWAY = ("setpriv", "--reuid=tocsin", "--regid=tocsin", "--init-groups", "--inh-caps=-all")
_ENROL = """\
import sys
from gateway.cli import main
sys.exit(max(main(["enrol", file, "--config", sys.argv[1]]) for file in sys.argv[2:]))
"""
_INCIDENTS = """\
import sqlite3
database = sqlite3.connect("file:/var/lib/tocsin/gateway.sqlite?mode=ro", uri=True)
for (name,) in database.execute("SELECT id FROM incident"):
    print(name)
"""
_TOLD = f"journalctl --unit {UNIT} --output cat --quiet --cursor-file /run/bench-cursor"
_ANSWERS = """\
site = "pi"
# Nobody is there: what is stored waits.
[mqtt]
host = "127.0.0.1"
"""


class Pi:
    """The site. What the wearer felt is in `felt`, what the gateway logged in `said`."""

    def __init__(self, folder: Path, seed: int = 7, release: str | None = None) -> None:
        """Lay it out, boards' logs in `folder`; `release` is its Debian's; raise `ImageMissing`."""
        self.felt: list[tuple[str, float]] = []  # indication, Unix s
        self.said: list[dict[str, str]] = []
        self.install_s = 0.0
        self._folder = folder
        self.guest = Guest(release)
        world = World(folder, seed=seed)
        self.world = RealTime(world)
        self.button = boards.panic_button(world, "button-1", cancel_ms=_CANCEL_MS)
        self.button.wearer.on_feeling = self._felt
        self.others: list[Enrollable] = []  # who is enrolled beside it, by whoever adds them
        self.crowd = Crowd(world)
        self.world.start()
        self.adapter = Adapter(self.world, self.guest.hci, "pi", _ADDRESS)

    def start(self) -> None:
        """Let the Pi be up, with its adapter and without a gateway."""
        self.guest.resume()
        self.adapter.plug()
        self.until("bluetoothctl show | grep -q 'Powered: yes'")

    def install(self, package: Path) -> None:
        """Install a package and set the gateway up; `install_s` is until it runs. Enrol everybody."""
        self.guest.push(_ANSWERS.encode(), "/root/answers.toml")
        self.guest.push(package.read_bytes(), _PACKAGE)
        begun_s = time.monotonic()
        self.guest.run("dpkg", "--install", _PACKAGE, limit_s=_INSTALL_LIMIT_S)
        setup = ["tocsin-gateway", "setup", "--answers", "/root/answers.toml", "--json"]
        said = self.guest.run(*setup, limit_s=_INSTALL_LIMIT_S, check=False)
        self.until(f"systemctl is-active --quiet {UNIT}")
        self.install_s = time.monotonic() - begun_s
        self._enrol(re.findall(r"age1[a-z0-9]+", said)[-1])
        self.world.do(self.button.device.power_on)

    def replace(self, package: Path) -> None:
        """Install another version of the package over the one that runs."""
        self.guest.push(package.read_bytes(), _PACKAGE)
        self.guest.run("dpkg", "--install", _PACKAGE, limit_s=_INSTALL_LIMIT_S)
        self.until(f"systemctl is-active --quiet {UNIT}")

    def _enrol(self, recipient: str) -> None:
        everybody: list[Enrollable] = [self.button, *self.others]
        files = []
        for number, device in enumerate(everybody):
            file = self._folder / f"{device.name}.enrolment"
            boards.write_enrolment(device, f"room {number}", recipient, file)
            files.append(f"/run/{file.name}")
            self.guest.push(file.read_bytes(), files[-1])
        argv = [*_AS_GATEWAY, PYTHON, "-I", "-c", _ENROL, CONFIG, *files]
        self.guest.run(*argv, limit_s=_INSTALL_LIMIT_S)

    def ask(self, *arguments: str) -> str:
        """Run a command of the gateway; return what it says."""
        argv = ["tocsin-gateway", *arguments]
        return self.guest.run(*argv, "--config", CONFIG).strip()

    def press(self) -> None:
        """Hold the button long enough for an alert."""
        self._hold(HOLD_MS)

    def withdraw(self) -> None:
        """Hold the button on, past the alert, until that is withdrawn."""
        self._hold(_CANCEL_MS)

    def signal(self, name: str, unit: str = UNIT) -> None:
        """Send a signal to the process of a service."""
        self.guest.run("systemctl", "kill", "--kill-whom=main", f"--signal={name}", unit)

    def asleep(self) -> bool:
        """Say whether the button sleeps."""
        return self.button.device.power is Power.SLEEPING

    def feels(self, indication: str) -> Callable[[], bool]:
        """Return what says whether the wearer has felt `indication` since now."""
        begun = len(self.felt)
        return lambda: any(name == indication for name, _ in self.felt[begun:])

    def lines(self, event: str, **fields: str) -> Callable[[], list[dict[str, str]]]:
        """Return what returns the lines of the log that say so, since now."""
        self.listen()
        begun = len(self.said)

        def told() -> list[dict[str, str]]:
            self.listen()
            wanted = {"event": event, **fields}
            return [line for line in self.said[begun:] if wanted.items() <= line.items()]

        return told

    def listen(self) -> None:
        """Take what the gateway has logged meanwhile."""
        said = self.guest.sh(_TOLD, check=False)
        self.said += [line for text in said.splitlines() if (line := line_of(text)) is not None]

    def incidents(self) -> list[str]:
        """Return the ids of all incidents that the gateway has on its disk."""
        return self.guest.run(*_AS_GATEWAY, "python3", "-IS", "-c", _INCIDENTS).split()

    def main_pid(self) -> int:
        """Return the process of the service, 0 where it does not run."""
        return int(self.guest.run("systemctl", "show", "-P", "MainPID", UNIT))

    def until(self, script: str, limit_s: float = _PATIENCE_S) -> None:
        """Wait until a script of sh succeeds in the guest; raise `TimeoutError` with what it said."""
        looks = f"until ({script}); do sleep {_LOOK_EVERY_S}; done"
        try:
            self.guest.sh(looks, limit_s=limit_s)
        except CommandFailed as failed:
            raise TimeoutError(f"{script}\n{failed.output}") from failed

    def pause(self, seconds: float) -> None:
        """Let time pass, for the guest and on the air."""
        time.sleep(seconds)

    def wait(self, happened: Callable[[], object], limit_s: float = _PATIENCE_S) -> bool:
        """Watch until `happened()`, at most `limit_s`; say whether it did."""
        until_s = time.monotonic() + limit_s
        while not happened():
            if self.world.failure is not None:
                raise self.world.failure
            if time.monotonic() > until_s:
                return False
            time.sleep(_LOOK_EVERY_S)
        return True

    def close(self) -> None:
        """End everything."""
        self.adapter.unplug()
        self.world.stop()
        self.guest.close()

    def _hold(self, hold_ms: int) -> None:
        device, clock = self.button.device, self.world.world.clock

        def touch() -> None:
            device.drive(MAIN_CONTACT, 0)
            after_us = (hold_ms + _RELEASE_AFTER_MS) * 1000
            clock.after(after_us, partial(device.drive, MAIN_CONTACT, 1))

        self.world.do(touch)

    def _felt(self, feeling: Feeling) -> None:
        self.felt.append((feeling.name, self.world.unix_s(feeling.at_us)))


def line_of(text: str) -> dict[str, str] | None:
    """Return what a line of the gateway's log says; None where it is none."""
    when, _, rest = text.partition(" ")
    try:
        at = datetime.fromisoformat(when)
    except ValueError:
        return None
    event, *fields = rest.split(" ")
    told = dict(field.split("=", 1) for field in fields if "=" in field)
    return {"event": event, "t": f"{at.timestamp():.3f}"} | told
