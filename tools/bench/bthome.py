"""bthome-ble, the receiver of the button format most used today, fed with an encrypted press.

From the bytes of an advertisement to the event, as Home Assistant has it: its parser of
advertisements, its service info, `update`. The AES-CCM tag there has 4 bytes.
"""

from bleak.backends.device import BLEDevice
from bluetooth_data_tools import parse_advertisement_data_bytes
from bthome_ble import BTHomeBluetoothDeviceData
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from habluetooth import BluetoothServiceInfoBleak

from tools.bench.rounds import Work

_KEY = bytes(range(16))
_ADDRESS = "54:48:E6:8F:80:A5"
_DEVICE = BLEDevice(_ADDRESS, None, None)
_SERVICE = b"\xd2\xfc"
_INFO = b"\x41"  # version 2, encrypted
_PRESS = b"\x3a\x01"


class BthomeButton:
    """A button and its receiver; every press has the next counter and packet id."""

    def __init__(self) -> None:
        """Begin with the first press."""
        self._receiver = BTHomeBluetoothDeviceData(bindkey=_KEY)
        self._cipher = AESCCM(_KEY, tag_length=4)
        self._counter = 0
        self._seconds = 0.0

    def send(self) -> bytes:
        """Return the advertisement of the next press."""
        self._counter += 1
        counter = self._counter.to_bytes(4, "little")
        nonce = bytes.fromhex(_ADDRESS.replace(":", "")) + _SERVICE + _INFO + counter
        body = b"\x00" + bytes([self._counter & 0xFF]) + _PRESS
        sealed = self._cipher.encrypt(nonce, body, None)
        data = _SERVICE + _INFO + sealed[:-4] + counter + sealed[-4:]
        return b"\x02\x01\x06" + bytes([len(data) + 1, 0x16]) + data

    def receive(self, payload: bytes) -> str | None:
        """Return the type of the event in an advertisement."""
        name, uuids, service_data, manufacturer_data, power = parse_advertisement_data_bytes(
            payload
        )
        self._seconds += 1.0
        info = BluetoothServiceInfoBleak(
            name or _ADDRESS,
            _ADDRESS,
            -60,
            manufacturer_data,
            service_data,
            uuids,
            "local",
            _DEVICE,
            None,
            True,  # noqa: FBT003  # connectable; its parameters are positional
            self._seconds,
            power,
            payload,
        )
        events = self._receiver.update(info).events
        return next((event.event_type for event in events.values()), None)

    def receiving(self, units: int) -> Work:
        """Prepare a round of presses."""
        payloads = [self.send() for _ in range(units)]

        def run() -> None:
            if any(self.receive(payload) != "press" for payload in payloads):
                raise RuntimeError("bthome-ble did not decrypt a press")

        return Work(units, run)
