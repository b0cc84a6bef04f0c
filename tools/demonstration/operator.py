"""The person alerted: an MQTT client that sees every event and says, signed, that somebody is coming."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tools import operator_key

_CONNECT_LIMIT_S = 10.0
_LIFE_S = 300
ESTIMATE_MINUTES = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as it reached the operator, at `unix_s`."""

    unix_s: float
    id: str
    type: str
    data: dict[str, Any]


class Operator:
    """One operator's console; the gateway knows its key by `enrolment`."""

    def __init__(self, site: str, on_event: Callable[[Seen], None]) -> None:
        """Watch `site`; `on_event` is called in the client's own thread."""
        self._site = site
        self._on_event = on_event
        self._key = Ed25519PrivateKey.generate()
        self.enrolment = operator_key.table(self._key, "desk")
        self._newest: dict[str, str] = {}  # by incident: the event that an answer answers
        self._client: mqtt.Client | None = None
        self._subscribed = threading.Event()

    def connect(self, port: int) -> None:
        """Connect to a broker on this machine and wait until subscribed."""
        self.disconnect()
        self._subscribed.clear()
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="operator")
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._subscribed.set()
        client.on_message = self._on_message
        client.connect("127.0.0.1", port)
        client.loop_start()
        self._client = client
        if not self._subscribed.wait(_CONNECT_LIMIT_S):
            raise TimeoutError("the broker did not confirm the operator's subscription")

    @property
    def connected(self) -> bool:
        """Say whether there is a broker to speak to."""
        return self._client is not None

    def disconnect(self) -> None:
        """Leave."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def acknowledge(self, incident: str) -> float:
        """Take an incident: a person is coming. Return when this was said (unix s)."""
        command = {
            "command": "acknowledge",
            "event": self._newest.get(incident, f"{incident}.1"),
            "eta_minutes": ESTIMATE_MINUTES,
        }
        if self._client is None:
            raise RuntimeError("the operator is not connected")
        said_s = time.time()
        order = operator_key.signed(self._key, command, self._site, said_s, _LIFE_S)
        self._client.publish(f"tocsin/{self._site}/command", order, qos=1)
        return said_s

    def _on_connect(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe(f"tocsin/{self._site}/event", qos=1)

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        event = json.loads(message.payload)
        if "incident" in event["data"]:
            self._newest[event["data"]["incident"]] = event["id"]
        self._on_event(Seen(time.time(), event["id"], event["type"], event["data"]))
