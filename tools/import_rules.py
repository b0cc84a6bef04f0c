"""Who may import whom: the walls of the house, and how to find what breaks through them.

Read from syntax trees, so that imports inside functions and for types only count as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.imports import imports

ROOT = Path(__file__).resolve().parent.parent
OURS = ("protocol", "firmware", "gateway", "tools", "hil_tests")
BOARD = ("asyncio", "bluetooth", "esp32", "machine", "time")
RIM = (
    "asyncio",
    "bleak",
    "dbus_fast",
    "serial",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
)
DECISIONS = (  # of the gateway: neither I/O nor a clock
    "gateway.response.annunciator",
    "gateway.frames.authenticate",
    "gateway.watching.batteries",
    "gateway.frames.bearing",
    "gateway.response.callout",
    "gateway.watching.conditions",
    "gateway.decisions",
    "gateway.frames.device",
    "gateway.device_facts",
    "gateway.frames.device_clock",
    "gateway.watching.device_faults",
    "gateway.watching.device_news",
    "gateway.frames.device_state",
    "gateway.watching.discharge",
    "gateway.frames.doubt",
    "gateway.downlink",
    "gateway.drafts",
    "gateway.watching.duty",
    "gateway.watching.ears",
    "gateway.response.escalation",
    "gateway.events",
    "gateway.frames.fingerprints",
    "gateway.watching.forecast",
    "gateway.frames.freshness",
    "gateway.frames.patience",
    "gateway.frames.hearing",
    "gateway.frames.hint_comb",
    "gateway.cases.incident",
    "gateway.cases.incidents",
    "gateway.cases.next_ids",
    "gateway.telemetry.latency",
    "gateway.ledger",
    "gateway.watching.link_quality",
    "gateway.watching.listening",
    "gateway.frames.lookahead",
    "gateway.notices",
    "gateway.orders",
    "gateway.response.plan",
    "gateway.response.plan_watch",
    "gateway.watching.presence",
    "gateway.radio.recovery",
    "gateway.requests",
    "gateway.response.schedule",
    "gateway.frames.search",
    "gateway.frames.search_track",
    "gateway.response.sharing",
    "gateway.response.site",
    "gateway.watching.signs",
    "gateway.watching.steadiness",
    "gateway.watching.supervision",
    "gateway.telling",
    "gateway.frames.told",
    "gateway.radio.turns",
    "gateway.frames.unresolved",
    "gateway.cases.visit",
    "gateway.cases.visit_calls",
    "gateway.cases.visits",
    "gateway.watching.wellbeing",
    "gateway.upstream.ack_link",
    "gateway.upstream.canonical",
    "gateway.upstream.command",
    "gateway.upstream.dc09",
    "gateway.upstream.device_state",
    "gateway.upstream.event_documents",
    "gateway.upstream.event_types",
    "gateway.upstream.jws",
    "gateway.upstream.shared",
    "gateway.upstream.sia_codes",
    "gateway.upstream.signature",
    "gateway.upstream.signed_command",
)
INSTALLER_DECISIONS = (  # of the installer's tool: the same
    "tools.provision.battery",
    "tools.provision.commission.evidence",
    "tools.provision.commission.findings",
    "tools.provision.custody.audit",
    "tools.provision.custody.content",
    "tools.provision.custody.signing",
    "tools.provision.fuses.table",
    "tools.provision.identity",
    "tools.provision.paper.check_digits",
    "tools.provision.paper.sheets",
    "tools.provision.paper.signals",
    "tools.provision.round_trip",
    "tools.provision.rows",
)
WIRED = (  # by gateway.service alone; everybody else knows what stands before them
    "gateway.cli",
    "gateway.commands",
    "gateway.radio.adapter_hold",
    "gateway.radio.ble",
    "gateway.radio.ble_advertiser",
    "gateway.radio.ble_monitor",
    "gateway.radio.ble_scan",
    "gateway.radio.bluez",
    "gateway.radio.radio_head",
    "gateway.service",
    "gateway.upstream.ack_listener",
    "gateway.upstream.apprise",
    "gateway.upstream.apprise_child",
    "gateway.upstream.cap",
    "gateway.upstream.mail",
    "gateway.upstream.mqtt",
    "gateway.upstream.sia_dc09",
    "gateway.upstream.webhook",
    "gateway.ways_in",
    "gateway.ways_out",
)


@dataclass(frozen=True)
class Rule:
    """What the modules under some names may import; a name stands for all that is below it."""

    modules: tuple[str, ...]
    ours: tuple[str, ...]  # what of this tree
    only: tuple[str, ...] | None = None  # what else; None: anything
    never: tuple[str, ...] = ()  # but not these


# The first rule that names a module is the one that counts.
RULES = (
    Rule(("protocol.aes",), ours=("protocol",), only=("binascii", "cryptolib", "cryptography")),
    Rule(
        ("protocol.compiled", "protocol.portable"),
        ours=("protocol",),
        only=("binascii", "micropython"),
    ),
    Rule(("protocol",), ours=("protocol",), only=("binascii",)),
    Rule(("firmware.core",), ours=("protocol", "firmware.core"), never=BOARD),
    Rule(("firmware.hal",), ours=("firmware.hal", "firmware.boards")),
    Rule(("firmware",), ours=("protocol", "firmware")),
    Rule(DECISIONS, ours=("protocol", *DECISIONS), never=RIM),
    Rule(
        ("gateway.radio",),
        ours=(
            "protocol.advert",
            "protocol.serial_link",
            "protocol.link_messages",
            "protocol.airtime",
            "protocol.kinds",
            "protocol.names",
            "protocol.band",
            "protocol.constants",
            "gateway.config",
            "gateway.events",
            "gateway.fields",
            "gateway.pulse",
            "gateway.radio",
        ),
        never=("sqlite3",),
    ),
    Rule(  # what is said, apart from how it travels
        (
            "gateway.upstream.cap_message",
            "gateway.upstream.cloudevent",
            "gateway.upstream.home_assistant",
            "gateway.upstream.letter",
        ),
        ours=(
            "gateway.config",
            "gateway.disk.outbox",
            "gateway.disk.outbox_rows",
            "gateway.upstream.cap_config",
            "gateway.upstream.device_state",
            "gateway.upstream.event_types",
            "gateway.upstream.signature",
            "gateway.words",
        ),
        never=RIM,
    ),
    Rule(
        ("gateway.upstream",),
        ours=(
            "gateway.config",
            "gateway.disk.outbox",
            "gateway.disk.outbox_rows",
            "gateway.events",
            "gateway.fields",
            "gateway.http_listener",
            "gateway.pulse",
            "gateway.upstream",
            "gateway.words",
        ),
        never=("bleak", "dbus_fast", "serial", "sqlite3"),
    ),
    Rule(
        (
            "gateway.service",
            "gateway.ways_in",
            "gateway.ways_out",
            "gateway.cli",
            "gateway.commands",
            "gateway.__main__",
        ),
        ours=("protocol", "gateway"),
    ),
    Rule(("gateway",), ours=("protocol", "gateway"), never=WIRED),
    Rule(("tools.bench",), ours=("protocol", "firmware", "gateway", "tools")),
    Rule(("tools.virtual",), ours=("protocol", "firmware.core", "tools")),
    Rule(("tools.demonstration",), ours=("protocol", "firmware.boards", "firmware.core", "tools")),
    Rule(INSTALLER_DECISIONS, ours=("protocol", "firmware.core", "tools.provision"), never=RIM),
    Rule(("tools.provision",), ours=("protocol", "firmware.boards", "firmware.core", "tools")),
    Rule(("tools",), ours=("protocol", "tools")),
    Rule(("hil_tests",), ours=("protocol", "tools", "hil_tests")),
)

# Tests reach into what they test; these walls stand for them too.
APART = {"gateway": "firmware", "firmware": "gateway"}

# A board has one pin map and one program; its settings say which. Benches and tests of one are told which;
# who types a command line names one command.
BY_NAME = (
    "firmware.start",
    "gateway.cli",
    "tools.bench.import_on_micropython",
    "tools.provision.self_test",
)


def modules() -> Iterator[tuple[Path, str]]:
    """Yield each file of ours with its dotted name; that of a package ends in `.__init__`."""
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ".".join(path.relative_to(ROOT).with_suffix("").parts)


def offending(module: str, source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each import that the rules forbid in `module`."""
    for found in imports(module, source):
        if not allowed(module, found.name):
            yield found.line, found.name


def allowed(module: str, imported: str) -> bool:
    """Tell whether `module` may import a name."""
    package = module.partition(".")[0]
    if under(imported, tuple({APART.get(package, ""), "hil_tests"} - {package})):
        return False
    return ".tests." in module or _allowed_by_its_rule(module, imported)


def _allowed_by_its_rule(module: str, imported: str) -> bool:
    rule = next(rule for rule in RULES if under(module, rule.modules))
    if under(imported, rule.never):
        return False
    if under(imported, OURS):
        return under(imported, rule.ours)
    if hides(imported):
        return under(module, BY_NAME)
    return rule.only is None or under(imported, rule.only)


def hides(imported: str) -> bool:
    """Tell whether an import would keep from these rules what it imports."""
    harmless = ("importlib.metadata", "importlib.resources")
    return under(imported, ("importlib", "__import__")) and not under(imported, harmless)


def under(name: str, prefixes: tuple[str, ...]) -> bool:
    """Tell whether a dotted name is one of `prefixes`, or below it."""
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def graph() -> dict[str, set[str]]:
    """Return which of our modules each of them imports, other than for types alone."""
    known = {module for _, module in modules()}
    return {
        module: {
            target
            for found in imports(module, path.read_text())
            if not found.for_types and (target := _module_of(found.name, known)) is not None
        }
        for path, module in modules()
    }


def _module_of(imported: str, known: set[str]) -> str | None:
    """Return the module that an import names, or the one it takes a name from."""
    parts = imported.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        for module in (name, f"{name}.__init__"):
            if module in known:
                return module
    return None
