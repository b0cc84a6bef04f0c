"""What one device is given: who it is, how it behaves, and its key.

    plan line -> Planned -> custody gives it a key -> Identity -> board, enrolment file, label

The id is not the MAC: clones of boards share theirs. The key never leaves `Identity` but into the
board's secret record, the organisation's encrypted store and encrypted enrolment files.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol.constants import KEY_LEN

VERSION = 1  # of this description; an update over the air may need to know
PANIC_BUTTON = "panic_button"
CALL_BOX = "call_box"
RADIO_HEAD = "radio_head"
Setting = int | str | bool
_ENROLLED_AS = {PANIC_BUTTON: "button", CALL_BOX: "call_box"}


@dataclass(frozen=True, slots=True)
class Planned:
    """A device as the plan has it, checked; it has no key yet."""

    id: str
    role: str  # as the firmware's settings name it
    label: str
    place: str
    settings: Mapping[str, Setting]  # what `firmware.core.settings.pack` takes, role and board too

    @property
    def board(self) -> str:
        """The pin map."""
        return str(self.settings["board"])

    @property
    def has_key(self) -> bool:
        """Say whether such a device holds a key: a radio head holds none."""
        return self.role in _ENROLLED_AS

    @property
    def enrolled_as(self) -> str:
        """The role as an enrolment names it (SPEC 11); KeyError for a radio head."""
        return _ENROLLED_AS[self.role]


@dataclass(frozen=True, slots=True)
class Identity(Planned):
    """A device with a key that no device had before; a radio head has b""."""

    key: bytes = field(repr=False, default=b"")
    counter: int = 0  # the first it may use, which stands in one record with the key
    version: int = VERSION

    @classmethod
    def of(cls, planned: Planned) -> "Identity":
        """Give `planned` a key from the system's generator; each is given once, for counters begin anew."""
        key = secrets.token_bytes(KEY_LEN) if planned.has_key else b""
        return cls(
            planned.id, planned.role, planned.label, planned.place, planned.settings, key=key
        )
