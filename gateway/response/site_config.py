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


def read_site(root: Fields, gateway: str, mark: int, upstreams: Sequence[str]) -> SiteConfig:
    """Return what is given of it; `upstreams` are the names a broker may have."""
    fields = root.table("site")
    given = {key: fields.optional(key, "12 rue des Lilas") for key in _ACCESS}
    takeover_s = fields.number("takeover_s", 2, 600, 20)
    broker = fields.choice("broker", ("", *upstreams), "")
    fields.finish()
    sharing = Sharing(gateway, mark, broker, takeover_s) if broker else None
    return SiteConfig({key: text for key, text in given.items() if text is not None}, sharing)
