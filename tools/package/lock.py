"""What of requirements.lock the package needs, for another Python and machine than these. Pure.

The lock says of each package who asks for it ("via"): what the gateway asks for, and all that is asked
for on the way, is the closure. Its markers are judged here, for pip would judge them by this machine.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.package.suites import Arch, PackageFault, Suite

# All that gateway.toml may name works without a network: nothing is fetched when or after it is installed.
EXTRAS = ("gateway", "apprise")
# colorzero names setuptools for a module that it does not import: a test looks.
UNUSED = ("setuptools",)

_ENTRY = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==(\S+)(?: ; (.+?))? \\\n((?:[ \t].*\n?)*)", re.MULTILINE
)
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")
_VIA = re.compile(r"#\s+(?:via\s+)?([a-z0-9][a-z0-9._-]*)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of the lock, and by whom it is asked for."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    via: frozenset[str]

    def line(self) -> str:
        """Return it as pip reads it."""
        return " \\\n    ".join(
            [f"{self.name}=={self.version}", *map("--hash={}".format, self.hashes)]
        )


def read(lock: str) -> dict[str, Pin]:
    """Return the pins of the text of a lock, by name."""
    found = {}
    for name, version, marker, rest in _ENTRY.findall(lock):
        hashes, via = _HASH.findall(rest), _VIA.findall(rest)
        found[name] = Pin(name, version, marker, tuple(hashes), frozenset(via))
    return found


def needed(lock: str, project: Mapping[str, object], suite: Suite, arch: Arch) -> list[Pin]:
    """Return what the gateway of `project` (of pyproject.toml) needs there, by name.

    Raise `PackageFault` where the lock lacks something, or a hash.
    """
    pins = read(lock)
    wanted = {name for name in _asked_for(project, suite, arch) if name not in _left_out(suite)}
    pending = sorted(wanted)
    while pending:
        asks = pending.pop()
        if asks not in pins:
            raise PackageFault(f"requirements.lock has no {asks}: make it anew, as its head says")
        for pin in pins.values():
            new = asks in pin.via and pin.name not in wanted and pin.name not in _left_out(suite)
            if new and _applies(pin.marker, suite, arch):
                wanted.add(pin.name)
                pending.append(pin.name)
    chosen = [pins[name] for name in sorted(wanted)]
    for pin in chosen:
        if not pin.hashes:
            raise PackageFault(f"requirements.lock has no hash of {pin.name}")
    return chosen


def _left_out(suite: Suite) -> tuple[str, ...]:
    return UNUSED if suite.lgpio else (*UNUSED, "lgpio")


def _asked_for(project: Mapping[str, object], suite: Suite, arch: Arch) -> list[str]:
    """Return the names that the project asks for itself."""
    extras = project["optional-dependencies"]
    lines = list(_texts(project["dependencies"]))
    if isinstance(extras, Mapping):
        lines += [line for extra in EXTRAS for line in _texts(extras[extra])]
    required = [Requirement(line) for line in lines]
    return [
        canonicalize_name(one.name)
        for one in required
        if one.marker is None or _applies(str(one.marker), suite, arch)
    ]


def _texts(lines: object) -> list[str]:
    if not isinstance(lines, list):
        raise PackageFault("pyproject.toml has no list of dependencies where one must be")
    return [str(line) for line in lines]


def _applies(marker: str, suite: Suite, arch: Arch) -> bool:
    environment = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": arch.machine,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": suite.patch,
        "python_version": suite.python,
        "sys_platform": "linux",
    }
    return not marker or Marker(marker).evaluate(environment)
