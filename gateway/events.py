"""What moves through the gateway: facts without behaviour, none of which changes.

What is made for every frame is a NamedTuple: it costs a third of a frozen dataclass.
"""

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NamedTuple

from protocol.messages import Message


class Received(NamedTuple):
    """A frame as a radio heard it. `at` is Unix seconds, `monotonic` those of CLOCK_BOOTTIME."""

    frame: bytes
    radio: str
    medium: str
    rssi: int
    snr: int
    at: float
    monotonic: float


class Overheard(NamedTuple):
    """What one radio of a head heard since its last report; `ours` are frames in our format."""

    medium: str
    noise_dbm: int | None
    busy_percent: int
    foreign: int
    ours: int


class Verdict(Enum):
    """How an authentic frame relates to those accepted before it."""

    FRESH = "fresh"
    REUSED = "reused"  # its counter was accepted with other bytes: a clone or a rollback


class Freshness(StrEnum):
    """Whether a frame was received as it was sent, best first (SPEC 5.5)."""

    FRESH = "fresh"
    UNVERIFIED = "unverified"
    DELAYED = "delayed"


class Uplink(NamedTuple):
    """An authentic message. `in_order`: its counter is above every one accepted from the device."""

    device: str
    counter: int
    message: Message
    verdict: Verdict
    in_order: bool
    received: Received
    freshness: Freshness = Freshness.UNVERIFIED  # until it is judged


class Duplicate(NamedTuple):
    """Byte for byte one of the last frames accepted from `device`: nothing in it is news."""

    device: str
    received: Received


@dataclass(frozen=True, slots=True)
class Delivered:
    """An upstream has confirmed event `number` of `incident` (None: an event of no incident)."""

    row: int
    target: str
    incident: str | None
    number: int
    at: float


@dataclass(frozen=True, slots=True)
class Mandate:
    """How a person's answer came: by "command_line", "operator", "mqtt", "webhook", "link" or "site".

    `answers` is the number of the event that was seen; None: nobody says. What has a name, `once`, works
    once; nobody can offer it again after `expires`, Unix seconds.
    """

    via: str
    answers: int | None = None
    once: str = ""
    expires: float = 0.0


BY_HAND = Mandate("command_line")


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person has taken the incident and may have said in how many minutes help arrives."""

    incident: str
    by: str
    eta_minutes: int | None
    at: float
    mandate: Mandate = BY_HAND


@dataclass(frozen=True, slots=True)
class Close:
    """A person has ended the incident."""

    incident: str
    by: str
    at: float
    mandate: Mandate = BY_HAND


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that came by the way `via` was not obeyed; `by` and `id` are known where it was signed.

    `times`: so many more like it were refused since the last that was told of.
    """

    reason: str
    via: str
    at: float
    by: str = ""
    id: str = ""
    incident: str | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A part of the gateway, `source`, has stopped working in the way `code` names."""

    source: str
    code: str
    at: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Restore:
    """The fault `code` of `source` is over."""

    source: str
    code: str
    at: float


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The registry has changed on disk."""

    at: float


@dataclass(frozen=True, slots=True)
class Trial:
    """Somebody sends the event `id` to `targets`, None: all, to see whether it gets there: no alert."""

    id: str
    by: str
    at: float
    targets: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Unenrol:
    """A device is to be forgotten."""

    device: str
    at: float


@dataclass(frozen=True, slots=True)
class Order:
    """A person orders a device to do `op` with `arg` (SPEC 7.2); after `within_s` nobody waits for it."""

    id: str
    device: str
    op: int
    arg: int
    by: str
    within_s: int
    at: float


SHARED_TYPE = "tocsin.site.incident"  # of the event by which a gateway says it


@dataclass(frozen=True, slots=True)
class Shared:
    """What another gateway of the site says of an incident, received `at` (Unix seconds of our clock).

    `counter` is the last it heard of it, `told` whom it has told in `round`; `by` is empty while open.
    `instead_of`: who had taken it before `by` did, as far as that gateway knew; "" for nobody.
    """

    incident: str
    gateway: str
    mark: int
    state: str
    counter: int
    delivered: bool
    round: int
    told: tuple[str, ...]
    by: str
    eta_minutes: int | None
    at: float
    instead_of: str = field(default="", compare=False)  # of the news, not of what is so


Event = (
    Shared
    | Delivered
    | Acknowledge
    | Close
    | Refusal
    | Fault
    | Restore
    | Enrolled
    | Trial
    | Unenrol
    | Order
)


@dataclass(frozen=True, slots=True)
class Transmission:
    """A frame for `radio` to send in `slot`: by BLE for `ms` milliseconds, by LoRa within them, once.

    What answers an alert is `urgent`: it may use the airtime kept for alerts. Where it is `always` to be
    sent, the same answer of another gateway does not stand in for it (SPEC 5.3). `heard` is where the
    device listens only for a window after its frame: when that was heard, as in `Received.monotonic`.
    It is handed over `after_s` later: a command goes first, for a window may close at the first ack.
    """

    radio: str
    slot: int
    medium: str
    frame: bytes
    ms: int
    urgent: bool
    always: bool = False
    heard: float | None = None
    after_s: float = 0.0
