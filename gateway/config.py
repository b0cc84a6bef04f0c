"""gateway.toml as one frozen model. An unknown key is refused, and every problem is told at once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.cases.visits_config import VisitsConfig, read_visits_config
from gateway.disk.retention import Retention, read_retention
from gateway.fields import Fields, Problem
from gateway.radio.radio_config import BluezConfig, RadioConfig, read_radio
from gateway.response.annunciator_config import AnnunciatorConfig, read_annunciator
from gateway.response.plan import Plan
from gateway.response.plan_config import read_plan, read_schedules
from gateway.response.sharing import Sharing
from gateway.response.site_config import read_site
from gateway.telemetry.metrics_config import MetricsConfig, read_metrics
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.operators_config import read_operators
from gateway.upstream.people_config import AcknowledgeConfig, read_acknowledge
from gateway.upstream.signed_command import Operator
from gateway.upstream.targets import Target, read_target
from gateway.watching.supervision_config import SupervisionConfig, read_supervision
from gateway.words import say
from protocol.kinds import MARK_MAX

DEFAULT_PATH = Path("/etc/tocsin/gateway.toml")


class ConfigError(Exception):
    """The file cannot be used; the message names file, key and remedy, a line for each problem."""

    def __init__(self, file: Path, problems: list[Problem]) -> None:
        """Take all that is wrong with `file`."""
        self.problems = problems
        lines = [say("problem", file=file, key=item.key, what=item.what) for item in problems]
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Place:
    """Which gateway of which site this is: several may serve one."""

    site: str
    gateway: str

    @property
    def source(self) -> str:
        """Return what tells this gateway's events from those of another."""
        return f"/tocsin/{self.site}/{self.gateway}"


@dataclass(frozen=True, slots=True)
class Config:
    """All of gateway.toml. `mark` is 1 to 7, another for each gateway of a site.

    `clock` is "believed" where the wall clock is right at every start, else "auto".
    """

    place: Place
    mark: int
    clock: str
    state_dir: Path
    runtime_dir: Path
    log_format: str
    metrics: MetricsConfig
    radios: tuple[RadioConfig, ...]
    upstreams: tuple[Target, ...]
    acknowledge: AcknowledgeConfig
    operators: tuple[Operator, ...]
    plan: Plan
    sharing: Sharing | None
    peers: Mapping[str, bytes]  # public keys of the other gateways of the site, by name
    annunciator: AnnunciatorConfig
    supervision: SupervisionConfig
    retention: Retention
    visits: VisitsConfig


def load(path: Path) -> Config:
    """Read the file; raise `ConfigError`."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(path, [Problem("-", say("file_missing"))]) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError(path, [Problem("-", say("file_unreadable", why=why))]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, [Problem("-", say("not_toml", why=error))]) from None
    problems: list[Problem] = []
    config = _read(Fields(table, "", problems))
    if problems:
        raise ConfigError(path, problems)
    return config


def _read(root: Fields) -> Config:
    gateway = root.table("gateway")
    log = root.table("log")
    upstreams = tuple(read_target(fields) for fields in root.tables("upstream"))
    annunciator = read_annunciator(root)
    names = [upstream.name for upstream in upstreams]
    schedules = read_schedules(root)
    place = Place(
        site=gateway.name("site", "health-centre"),
        gateway=gateway.name("name", "gateway", "gateway"),
    )
    mark = gateway.number("mark", 1, MARK_MAX, 1)
    brokers = [one.name for one in upstreams if isinstance(one, MqttConfig)]
    site = read_site(root, place.gateway, mark, brokers)
    local = bool(annunciator.outputs)
    config = Config(
        place=place,
        mark=mark,
        clock=gateway.choice("clock", ("auto", "believed"), "auto"),
        state_dir=Path(gateway.text("state_dir", "/var/lib/tocsin", "/var/lib/tocsin")),
        runtime_dir=Path(gateway.text("runtime_dir", "/run/tocsin", "/run/tocsin")),
        log_format=log.choice("format", ("text", "json"), "text"),
        metrics=read_metrics(root),
        radios=tuple(read_radio(fields) for fields in root.tables("radio")),
        upstreams=upstreams,
        acknowledge=read_acknowledge(root),
        operators=read_operators(root),
        plan=read_plan(root, names, schedules, site.access, local=local),
        sharing=site.sharing,
        peers=site.peers,
        annunciator=annunciator,
        supervision=read_supervision(root, schedules),
        retention=read_retention(root),
        visits=read_visits_config(root),
    )
    for fields in (gateway, log, root):
        fields.finish()
    if not config.radios:
        root.problem("radio", say("no_radio"))
    if not config.upstreams:
        root.problem("upstream", say("no_upstream"))
    for key, names in (
        ("radio", [radio.name for radio in config.radios]),
        ("upstream", [upstream.name for upstream in config.upstreams]),
    ):
        for name in _taken_twice(names):
            root.problem(f"{key}.name", say("taken_name", name=name))
    adapters = [radio.adapter for radio in config.radios if isinstance(radio, BluezConfig)]
    for adapter in _taken_twice(adapters):
        root.problem("radio.adapter", say("taken_adapter", adapter=adapter))
    return config


def _taken_twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
