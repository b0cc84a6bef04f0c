"""Every kind of [[upstream]], and the reader of each."""

from collections.abc import Callable, Mapping

from gateway.fields import Fields
from gateway.upstream.apprise_config import AppriseConfig, read_apprise
from gateway.upstream.cap_config import CapConfig, read_cap
from gateway.upstream.mqtt_config import MqttConfig, read_mqtt
from gateway.upstream.people_config import MailConfig, read_mail
from gateway.upstream.sia_config import SiaConfig, read_sia
from gateway.upstream.webhook_config import WebhookConfig, read_webhook

Reachable = MqttConfig | WebhookConfig | CapConfig | SiaConfig | MailConfig
"""What has a host and a port of its own; who is reached by apprise, that alone knows where."""
Target = Reachable | AppriseConfig
_READERS: Mapping[str, Callable[[Fields], Target]] = {
    "mqtt": read_mqtt,
    "webhook": read_webhook,
    "cap": read_cap,
    "sia": read_sia,
    "mail": read_mail,
    "apprise": read_apprise,
}


def read_target(fields: Fields) -> Target:
    """Read one table; its `type` says which kind it is."""
    target = _READERS[fields.choice("type", tuple(_READERS))](fields)
    fields.finish()
    return target
