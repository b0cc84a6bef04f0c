"""[metrics] of gateway.toml: where Prometheus may ask."""

import re
from dataclasses import dataclass

from gateway.fields import Fields

DEFAULT = "127.0.0.1:9464"
_ADDRESS = re.compile(r"(?P<host>[0-9A-Za-z.-]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")
_PORT_MAX = 65_535
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class MetricsConfig:
    """The address to listen at; none where `host` is empty."""

    host: str
    port: int

    @property
    def local(self) -> bool:
        """Say whether this machine alone can ask."""
        return self.host in ("", *LOOPBACK)


def read_metrics(root: Fields) -> MetricsConfig:
    """Return where to listen: a host and a port, or nowhere for an empty text."""
    fields = root.table("metrics")
    text = fields.any_text("listen", DEFAULT, DEFAULT)
    fields.finish()
    if not text:
        return MetricsConfig("", 0)
    found = _ADDRESS.fullmatch(text)
    if found is None or not 1 <= int(found["port"]) <= _PORT_MAX:
        fields.bad_form("listen", "form.address", DEFAULT)
        return MetricsConfig("", 0)
    return MetricsConfig(found["host"].strip("[]"), int(found["port"]))
