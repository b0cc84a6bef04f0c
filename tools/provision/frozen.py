"""Images that have the program frozen in (firmware/manifest.py): which one, and whether it is this tool's.

The board is asked, not the file's name: with nothing but frozen modules on its path it imports
`frozen_program`, which only such an image has. What is frozen is neither copied nor compared file by file:
its digest is that of all sources it was made of.
"""

import runpy
from dataclasses import dataclass
from functools import cache
from typing import Any

from tools.firmware_closure import ROOT
from tools.provision.identity import Planned
from tools.provision.repl import Repl
from tools.provision.stopped import Lost, Stopped

_MANIFEST = ROOT / "firmware" / "manifest.py"
_ASK = """
import sys
def _frozen():
    before = list(sys.path)
    sys.path[:] = [".frozen"]
    try:
        import frozen_program as found
    except ImportError:
        return None
    finally:
        sys.path[:] = before
    return found.ROLES, found.BOARDS, found.DIGEST
print(repr(_frozen()))
"""


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is frozen into an image."""

    roles: tuple[str, ...]
    boards: tuple[str, ...]
    digest: str  # SHA-256 of all sources


def told(repl: Repl) -> Frozen | None:
    """Return what the image on a board has frozen in, None for one without; raise `Lost`."""
    answer = repl.ask(_ASK)
    if answer is None:
        return None
    try:
        roles, boards, digest = answer
        return Frozen(tuple(roles), tuple(boards), str(digest))
    except (TypeError, ValueError) as error:
        raise Lost("console_garbled", port=repl.port) from error


def check(found: Frozen, planned: Planned) -> None:
    """Raise `Stopped` where an image will not do for a device, or is not of this tool's version."""
    if planned.role not in found.roles:
        raise Stopped("frozen_other_role", role=planned.role, there=", ".join(found.roles))
    if planned.board not in found.boards:
        raise Stopped("frozen_other_board", board=planned.board)
    if found.digest != ours().digest:
        raise Stopped("frozen_other_version", there=found.digest[:12], ours=ours().digest[:12])


@cache
def ours() -> Frozen:
    """Return what an image made of this tool's sources would tell."""
    table: dict[str, Any] = {}
    exec(description(), table)  # noqa: S102 - the manifest's own words
    return Frozen(table["ROLES"], table["BOARDS"], table["DIGEST"])


def description() -> str:
    """Return the source of `frozen_program` for this tool's sources."""
    return str(runpy.run_path(str(_MANIFEST))["description"](str(ROOT)))


def tree() -> dict[str, bytes]:
    """Return all that an image made of this tool's sources has frozen in, by name."""
    manifest = runpy.run_path(str(_MANIFEST))
    files = {
        f"{package}/{name}": (ROOT / package / name).read_bytes()
        for package in manifest["PACKAGES"]
        for name in manifest["sources"](package, str(ROOT))
    }
    return {**files, manifest["DESCRIPTION"]: description().encode()}
