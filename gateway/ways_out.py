"""Makes the way out of each [[upstream]]: the service's part that knows every kind of them.

Each kind is read in where one is configured. All that they stand on takes a small board seconds at every
start, and a gateway that starts is deaf; it also takes megabytes.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from gateway.config import Config
from gateway.disk.outbox import Prompt, Remembering
from gateway.upstream import Post, Refused
from gateway.upstream.ack_links import AckLinks
from gateway.upstream.apprise_config import AppriseConfig
from gateway.upstream.apprise_helper import Helper
from gateway.upstream.cap_config import CapConfig
from gateway.upstream.cloudevent import Author
from gateway.upstream.desk import Desk
from gateway.upstream.device_state import Devices
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.people_config import MailConfig
from gateway.upstream.shared import Peers
from gateway.upstream.sia_config import SiaConfig
from gateway.upstream.signed_command import Operators
from gateway.upstream.targets import Target
from gateway.upstream.webhook_config import WebhookConfig


class Upstream(Protocol):
    """A way out that runs."""

    name: str

    @property
    def up(self) -> bool:
        """Say whether the target took what it was last given."""

    async def run(self) -> None:
        """Drain the outbox for ever."""


@dataclass(frozen=True, slots=True)
class Inward:
    """Where the ways out put what they learn, who speaks through them, and what they share."""

    author: Author
    links: AckLinks
    post: Post
    refused: Refused
    devices: Devices | None = None
    helper: Helper = field(default_factory=Helper)


class Rows(Remembering, Prompt, Protocol):
    """All that any way out asks of its outbox."""


def way_out(target: Target, config: Config, outbox: Rows, inward: Inward) -> Upstream:
    """Return the way to `target`; it connects to nothing yet."""
    post, refused = inward.post, inward.refused
    desk = partial(Desk, Operators(config.place.site, config.operators), post, refused)
    match target:
        case MqttConfig():
            from gateway.upstream.mqtt import MqttUpstream  # noqa: PLC0415 - see above

            at_desk = desk(unsigned=target.unsigned_commands, via="mqtt")
            mqtt = MqttUpstream(target, inward.author, outbox, post, at_desk)
            if config.sharing is not None and config.sharing.broker == target.name:
                mqtt.share(Peers(config.place.site, config.place.gateway, config.peers))
            if target.device_state and inward.devices is not None:
                mqtt.show(inward.devices)
            return mqtt
        case WebhookConfig():
            from gateway.upstream.webhook import WebhookUpstream  # noqa: PLC0415

            at_desk = desk(unsigned=target.commands, via="webhook")
            return WebhookUpstream(target, inward.author, outbox, post, at_desk)
        case CapConfig():
            from gateway.upstream.cap import CapUpstream  # noqa: PLC0415

            return CapUpstream(target, outbox, post)
        case SiaConfig():
            from gateway.upstream.sia_dc09 import SiaUpstream  # noqa: PLC0415

            return SiaUpstream(target, outbox, post)
        case MailConfig():
            from gateway.upstream.mail import MailUpstream  # noqa: PLC0415

            return MailUpstream(target, config.place, outbox, post, inward.links)
        case AppriseConfig():
            from gateway.upstream.apprise import AppriseUpstream, Service  # noqa: PLC0415

            service = Service(target, inward.helper)
            return AppriseUpstream(service, config.place, outbox, post, inward.links)
