"""The alerts of simulated gateways: events as the gateway writes and signs them, each with its own key."""

import hashlib
import json
from dataclasses import dataclass

from gateway.config import Place
from gateway.disk.outbox_rows import Row
from gateway.upstream.cloudevent import Author
from gateway.upstream.signature import Signer
from tools.verify import Invalid, check

_GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Alert:
    """A signed event, ready to be told by the gateway `gateway`."""

    id: str
    gateway: int
    payload: bytes


def site_of(gateway: int) -> str:
    """Return the site of a gateway: a territory has one gateway each at most of them."""
    return f"site-{gateway:05}"


class Authors:
    """The keys of all gateways."""

    def __init__(self, gateways: int) -> None:
        """Make them; the same at every run, since nothing is kept secret by them."""
        seeds = [hashlib.sha256(site_of(number).encode()).digest() for number in range(gateways)]
        self._authors = [
            Author(Place(site_of(number), _GATEWAY), Signer(seed))
            for number, seed in enumerate(seeds)
        ]

    def alert(self, gateway: int, count: int, at: float) -> Alert:
        """Return alert number `count` of the run, raised at the Unix time `at`."""
        incident = hashlib.md5(f"{gateway}.{count}".encode(), usedforsecurity=False).hexdigest()
        row = Row(
            id=count,
            event=f"{incident}.1",
            subject=incident,
            type="tocsin.alert.raised",
            at=at,
            incident=incident,
            number=1,
            data=_data(incident, at),
        )
        return Alert(row.event, gateway, self._authors[gateway].write(row))

    def forged(self, payload: bytes) -> bool:
        """Say whether an event is not what the gateway of its source has signed."""
        source = str(json.loads(payload)["source"])
        number = int(source.split("/")[2].rpartition("-")[2])
        jwk = json.dumps(self._authors[number].signer.jwk())
        try:
            check(payload.decode(), jwk)
        except Invalid:
            return True
        return source != self._authors[number].place.source


def _data(incident: str, at: float) -> dict[str, object]:
    return {
        "incident": incident,
        "device": "button-1",
        "role": "button",
        "label": "Nurse's room",
        "place": "first floor, left",
        "kind": "panic",
        "state": "open",
        "stage": "stored",
        "felt": None,
        "silent": False,
        "duress": False,
        "cancelled": False,
        "cancel_unverified": False,
        "freshness": "fresh",
        "opened_at": at,
        "linked": None,
        "counter": 48,
        "radio": "head",
        "medium": "ble",
        "rssi": -61,
        "snr": 0,
        "verdict": "fresh",
        "access": {"address": "12 rue des Lilas", "floor": "2, left", "phone": "+33 1 00 00 00 00"},
    }
