"""The Debian releases and architectures of the package; Raspberry Pi OS has the same names."""

from dataclasses import dataclass


class PackageFault(Exception):
    """The package cannot be built: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A Debian release. `lgpio`: whether the lock has a wheel of it for this Python."""

    name: str
    number: int
    python: str
    patch: str  # what the markers of the lock are judged by
    libraries: tuple[str, ...]  # what its interpreter needs to run from a folder
    lgpio: bool

    @property
    def site(self) -> str:
        """Return where an environment has its modules."""
        return f"lib/python{self.python}/site-packages"


@dataclass(frozen=True, slots=True)
class Arch:
    """An architecture by Debian's name and by the machine's."""

    name: str
    machine: str


SUITES = {
    "bookworm": Suite("bookworm", 12, "3.11", "3.11.2", ("libssl3",), lgpio=True),
    # No wheel of lgpio for Python 3.13: python3-lgpio of Raspberry Pi OS takes its place.
    "trixie": Suite("trixie", 13, "3.13", "3.13.5", ("libssl3t64", "libzstd1"), lgpio=False),
}
ARCHES = {"amd64": Arch("amd64", "x86_64"), "arm64": Arch("arm64", "aarch64")}


def target(suite: str, arch: str) -> tuple[Suite, Arch]:
    """Return both by their names; raise `PackageFault`."""
    if suite not in SUITES:
        raise PackageFault(f"no suite {suite}; there are {', '.join(SUITES)}")
    if arch not in ARCHES:
        raise PackageFault(f"no architecture {arch}; there are {', '.join(ARCHES)}")
    return SUITES[suite], ARCHES[arch]
