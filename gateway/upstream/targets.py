"""Every kind of [[upstream]], and the reader of each."""

from collections.abc import Callable, Mapping

from gateway.fields import Fields
from gateway.upstream.cap_config import CapConfig, read_cap
from gateway.upstream.mqtt_config import MqttConfig, read_mqtt
from gateway.upstream.people_config import MailConfig, read_mail
from gateway.upstream.sia_config import SiaConfig, read_sia
from gateway.upstream.webhook_config import WebhookConfig, read_webhook

Target = MqttConfig | WebhookConfig | CapConfig | SiaConfig | MailConfig
_READERS: Mapping[str, Callable[[Fields], Target]] = {
    "mqtt": read_mqtt,
    "webhook": read_webhook,
    "cap": read_cap,
    "sia": read_sia,
    "mail": read_mail,
}


def read_target(fields: Fields) -> Target:
    """Read one table; its `type` says which kind it is."""
    target = _READERS[fields.choice("type", tuple(_READERS))](fields)
    fields.finish()
    return target
