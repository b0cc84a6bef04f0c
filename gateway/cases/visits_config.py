"""The table `[visits]` of gateway.toml."""

from dataclasses import dataclass

from gateway.fields import Fields

GRACE_S = 60


@dataclass(frozen=True, slots=True)
class VisitsConfig:
    """`grace_s`: how long after the end of a visit its end may still arrive, in seconds."""

    grace_s: int = GRACE_S


def read_visits_config(root: Fields) -> VisitsConfig:
    """Return the table; problems are noted in `root`."""
    fields = root.table("visits")
    config = VisitsConfig(fields.number("grace_s", 0, 300, GRACE_S))
    fields.finish()
    return config
