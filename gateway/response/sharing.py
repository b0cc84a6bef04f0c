"""How the gateways of a site share their incidents: over one broker, or not at all. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sharing:
    """This gateway among those of its site, and the upstream, `broker`, that all of them reach.

    `takeover_s`: how much longer each waits with a step than the gateway with the next lower mark.
    """

    gateway: str
    mark: int
    broker: str
    takeover_s: float
