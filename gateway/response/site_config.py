"""[site] of gateway.toml: how people find the place, and how its gateways share their incidents."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.fields import Fields
from gateway.response.sharing import Sharing

_ACCESS = ("address", "floor", "entrances", "contact", "phone", "notes")


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """`access` is the sheet that travels with every alert. Without `sharing` this gateway stands alone."""

    access: dict[str, str] = field(default_factory=dict)
    sharing: Sharing | None = None
    peers: dict[str, bytes] = field(default_factory=dict)  # public keys, by gateway


def read_site(root: Fields, gateway: str, mark: int, upstreams: Sequence[str]) -> SiteConfig:
    """Return what is given of it; `upstreams` are the names a broker may have."""
    fields = root.table("site")
    given = {key: fields.optional(key, "12 rue des Lilas") for key in _ACCESS}
    takeover_s = fields.number("takeover_s", 2, 600, 20)
    broker = fields.choice("broker", ("", *upstreams), "")
    peers = {one.name("name", "gateway-2"): one for one in fields.tables("peer")}
    keys = {name: _key(one) for name, one in peers.items()}
    fields.finish()
    sharing = Sharing(gateway, mark, broker, takeover_s) if broker else None
    return SiteConfig({key: text for key, text in given.items() if text is not None}, sharing, keys)


def _key(peer: Fields) -> bytes:
    key = peer.public_key("key")
    peer.finish()
    return key
