"""[[upstream]] with type "mqtt": a broker that takes events and gives commands."""

from dataclasses import dataclass
from pathlib import Path

from gateway.fields import Fields
from gateway.upstream.http_config import LOOPBACK
from gateway.words import say


@dataclass(frozen=True, slots=True)
class MqttConfig:
    """An MQTT broker that takes events and gives commands."""

    name: str
    host: str
    port: int
    tls: bool
    ca_file: Path | None
    username: str | None
    password_file: Path | None
    unsigned_commands: bool = False  # whoever may publish there is obeyed
    command_qos: int = 1  # 0: the broker keeps no command for a gateway that is away
    protocol: str = "3.1.1"  # or "5", by which a broker says that it refuses an event
    cert_file: Path | None = None  # ours, for a broker that wants to see one
    key_file: Path | None = None
    device_state: bool = True  # what stands with each device is retained at the broker
    home_assistant: str | None = None  # the prefix under which it discovers devices
    language: str = "fr"  # of the names of their entities

    @property
    def local(self) -> bool:
        """Say whether the broker is on this machine."""
        return self.host in LOOPBACK

    @property
    def secrets(self) -> tuple[Path, ...]:
        """Return the files that nobody else may read."""
        return tuple(file for file in (self.password_file, self.key_file) if file)


def read_mqtt(fields: Fields) -> MqttConfig:
    """Read the table."""
    name = fields.name("name", "broker", "broker")
    host = fields.text("host", "broker.example.org")
    # In clear only on this machine, unless the file says otherwise in so many words.
    tls = fields.flag("tls", default=host not in LOOPBACK)
    port = fields.number("port", 1, 65_535, 8_883 if tls else 1_883)
    ca_file = fields.optional("ca_file", "/etc/tocsin/ca.pem")
    username = fields.optional("username", "gateway")
    password_file = fields.optional("password_file", "/etc/tocsin/mqtt.password")
    if password_file and not username:
        fields.problem("password_file", say("password_without_user"))
    cert_file = fields.optional("cert_file", "/etc/tocsin/gateway.pem")
    key_file = fields.optional("key_file", "/etc/tocsin/gateway.pem.key")
    if (cert_file is None) != (key_file is None):
        fields.problem("cert_file", say("cert_without_key"))
    elif cert_file and not tls:
        fields.problem("cert_file", say("cert_without_tls"))
    device_state = fields.flag("device_state", default=True)
    home_assistant = fields.has("home_assistant")
    prefix = fields.name("home_assistant", "homeassistant", "homeassistant")
    if home_assistant and not device_state:
        fields.problem("home_assistant", say("discovery_without_state"))
    return MqttConfig(
        name=name,
        host=host,
        port=port,
        tls=tls,
        ca_file=Path(ca_file) if ca_file else None,
        username=username,
        password_file=Path(password_file) if password_file else None,
        unsigned_commands=fields.flag("unsigned_commands", default=False),
        command_qos=fields.number("command_qos", 0, 1, 1),
        protocol=fields.choice("protocol", ("3.1.1", "5"), "3.1.1"),
        cert_file=Path(cert_file) if cert_file else None,
        key_file=Path(key_file) if key_file else None,
        device_state=device_state,
        home_assistant=prefix if home_assistant else None,
        language=fields.choice("language", ("fr", "en"), "fr"),
    )
