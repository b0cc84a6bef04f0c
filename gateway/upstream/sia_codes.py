"""What an alarm receiving centre is told of an event: its SIA code (DC-03) and its Contact ID number. Pure.

    alert of a kind        alarm       its end       Contact ID
    panic                  PA          PR            120
    hold_up, any duress    HA          HR            122
    medical                MA          MR            100
    emergency, visit       QA          QR            101
    tamper                 TA          TR            137
    cancelled              OC                        406
    a device's battery     XT          XR            384
    a device is missing    UY          UJ            381
    a link of the gateway  YC          YK            350
    test of a device       RX                        601
    test of the gateway    RP                        602

What is not in the table is not told: people acknowledge, the centre knows nothing of it.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Code(NamedTuple):
    """`sia` of the SIA-DCS data; `number` of Contact ID, `ends` where its qualifier is 3."""

    sia: str
    number: int
    ends: bool = False


_ALARMS = {
    "panic": ("PA", "PR", 120),
    "hold_up": ("HA", "HR", 122),
    "medical": ("MA", "MR", 100),
    "emergency": ("QA", "QR", 101),
    "visit": ("QA", "QR", 101),
    "tamper": ("TA", "TR", 137),
}
_RAISING = ("raised", "updated", "escalated", "repeated", "nobody_told")
_BATTERY = ("battery_low", "battery_soon", "battery_critical")
_LINKS = ("link_down", "unreachable", "receiver_1_down", "receiver_2_down", "lora_failed")
CANCELLED = Code("OC", 406)
MANUAL_TEST = Code("RX", 601)
AUTOMATIC_TEST = Code("RP", 602)


def of_event(name: str, data: Mapping[str, object]) -> Code | None:
    """Return what stands for an event of the type `name`; None: the centre is not told."""
    family, _, change = name.removeprefix("tocsin.").partition(".")
    match family:
        case "alert":
            return _of_alert(change, "hold_up" if data.get("duress") else str(data.get("kind")))
        case "test":
            return {"raised": MANUAL_TEST, "trial": AUTOMATIC_TEST}.get(change)
        case "device":
            return _of_device(change, data.get("code"))
        case "gateway":
            return _of_link(change, data.get("code"))
    return None


def _of_alert(change: str, kind: str) -> Code | None:
    # A cancel of what this gateway never heard is an incident, too: a person should look.
    alarm, end, number = _ALARMS.get(kind, _ALARMS["emergency"])
    if change in _RAISING:
        return Code(alarm, number)
    if change == "closed":
        return Code(end, number, ends=True)
    return CANCELLED if change == "cancelled" else None


def _of_device(change: str, code: object) -> Code | None:
    if change in ("fault", "restore") and code in _BATTERY:
        return Code("XR", 384, ends=True) if change == "restore" else Code("XT", 384)
    return {"missing": Code("UY", 381), "restored": Code("UJ", 381, ends=True)}.get(change)


def _of_link(change: str, code: object) -> Code | None:
    if code not in _LINKS:
        return None
    return {"fault": Code("YC", 350), "restore": Code("YK", 350, ends=True)}.get(change)
