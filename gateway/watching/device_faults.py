"""What is wrong with each device: a fault is told once when it begins, and once when it ends. Pure.

    code                             begins                              ends
    battery_low .. storage_failed    the device says so (SPEC 4.1)       it says so, or its status page does
    counter_reuse                    a counter with two frames           it is enrolled anew
    firmware_old                     its build is below `newest_build`   it is not
    weak_link                        the median of 9 frames is weak      it is 6 dB above
    battery_soon, battery_critical   `batteries` says so                 the same

A restore of the device counts only where it is surely no old one, and so does a status page (SPEC 5.5).
"""

from dataclasses import dataclass

from gateway.ledger import Batch
from gateway.watching.device_news import tell
from gateway.watching.presence import Standing
from protocol.kinds import BATTERY_LOW, MAINS_LOST, TENTHS_UNKNOWN
from protocol.names import CONDITION_NAMES
from protocol.pages import Status

COUNTER_REUSE = "counter_reuse"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of `device` as it was found at `at`, Unix seconds. `detail` is told beside its code."""

    device: str
    code: str
    at: float
    value: int = 0
    detail: tuple[tuple[str, object], ...] = ()


def stands(batch: Batch, found: Finding) -> bool:
    """Let a fault stand; say whether that is news: it is new, or has another value."""
    standing = batch.standing_of(found.device, found.code)
    if standing is not None and standing.value == found.value:
        return False
    since = found.at if standing is None else standing.since
    batch.standing[found.device, found.code] = Standing(found.value, since)
    return True


def ended(batch: Batch, found: Finding) -> bool:
    """Let a fault stand no more; say whether it stood."""
    if batch.standing_of(found.device, found.code) is None:
        return False
    batch.standing[found.device, found.code] = None
    return True


def turn(batch: Batch, found: Finding, *, wrong: bool) -> None:
    """Begin or end a fault, and tell what is news of it."""
    if wrong and stands(batch, found):
        _tell(batch, "fault", found)
    elif not wrong and ended(batch, found):
        _tell(batch, "restore", found)


def take_status(batch: Batch, device: str, status: Status, at: float) -> None:
    """Follow the status page of a fresh heartbeat: it mends what a lost fault or restore left wrong."""
    named = {BATTERY_LOW: status.low, MAINS_LOST: status.mains_lost}
    for condition, wrong in named.items():
        code = CONDITION_NAMES[condition]
        if not wrong or batch.standing_of(device, code) is None:
            value = TENTHS_UNKNOWN if condition == BATTERY_LOW and wrong else 0
            turn(batch, Finding(device, code, at, value), wrong=wrong)
    if not status.fault:
        for condition, code in CONDITION_NAMES.items():
            if condition not in named:
                turn(batch, Finding(device, code, at), wrong=False)


def forget(batch: Batch, device: str) -> None:
    """Let nothing stand of a device that begins anew."""
    for known, code in batch.known.standing:
        if known == device:
            batch.standing[device, code] = None


def _tell(batch: Batch, name: str, found: Finding) -> None:
    detail = {"code": found.code, "value": found.value, **dict(found.detail)}
    tell(batch, found.device, name, found.at, detail)
