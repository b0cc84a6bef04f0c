"""[[upstream]] with type "apprise": SMS, Signal, Teams, ntfy, whatever apprise has a service for."""

from dataclasses import dataclass
from pathlib import Path

from gateway.fields import Fields
from gateway.upstream.http_config import read_proxy


@dataclass(frozen=True, slots=True)
class AppriseConfig:
    """A person or a group, by the URL that stands in `url_file`. `labels`: say who pressed.

    The URL is a secret: it holds the tokens and passwords of the service, and numbers of telephones.
    """

    name: str
    url_file: Path
    ca_file: Path | None = None
    proxy: str | None = None
    language: str = "fr"
    labels: bool = False

    @property
    def secrets(self) -> tuple[Path, ...]:
        """Return the files that nobody else may read."""
        return (self.url_file,)


def read_apprise(fields: Fields) -> AppriseConfig:
    """Read the table."""
    ca_file = fields.optional("ca_file", "/etc/tocsin/ca.pem")
    return AppriseConfig(
        name=fields.name("name", "apprise", "apprise"),
        url_file=Path(fields.text("url_file", "/etc/tocsin/anne.url")),
        ca_file=Path(ca_file) if ca_file else None,
        proxy=read_proxy(fields),
        language=fields.choice("language", ("fr", "en"), "fr"),
        labels=fields.flag("labels", default=False),
    )
