"""What there is to be told, by type: the events of `notices`, and what each holds. Pure.

Every name of a field is in one place here; JSON Schema and AsyncAPI are written from it.
"""

from gateway.events import SHARED_TYPE

Form = dict[str, object]  # a piece of JSON Schema


def _one_of(*values: str) -> Form:
    return {"type": "string", "enum": list(values)}


TEXT: Form = {"type": "string"}
MAYBE_TEXT: Form = {"type": ["string", "null"]}
FLAG: Form = {"type": "boolean"}
COUNT: Form = {"type": "integer", "minimum": 0}
TIME: Form = {"type": "number", "description": "Unix seconds of the gateway's clock"}
INCIDENT: Form = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
MAYBE_MINUTES: Form = {"type": ["integer", "null"], "minimum": 0, "maximum": 1440}
VERDICT = _one_of("fresh", "unverified", "delayed")

_DEVICE: Form = {"device": TEXT, "role": TEXT, "label": TEXT, "place": TEXT}
_INCIDENT: Form = {
    "incident": INCIDENT,
    **_DEVICE,
    "kind": TEXT,
    "state": _one_of("open", "acknowledged", "closed"),
    "stage": TEXT,
    "felt": MAYBE_TEXT,
    "silent": FLAG,
    "duress": FLAG,
    "cancelled": FLAG,
    "cancel_unverified": FLAG,
    "freshness": VERDICT,
    "opened_at": TIME,
    "linked": {"type": ["string", "null"], "description": "another incident that was open then"},
}
_HEAD: Form = {
    "type": "object",
    "required": ["n", "sha256"],
    "properties": {"n": COUNT, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
}
_ALWAYS_POSSIBLE: Form = {
    "stored": {"const": False, "description": "told from memory: the disk takes nothing"},
    "journal_head": _HEAD,
}
_OF_FRAME: Form = {
    "counter": COUNT,
    "radio": TEXT,
    "medium": _one_of("ble", "lora"),
    "rssi": {"type": "integer", "description": "dBm"},
    "snr": {"type": "integer", "description": "dB"},
    "verdict": VERDICT,
    "frame": {
        "type": "string",
        "pattern": "^([0-9a-f]{2}){15,23}$",
        "description": "as it was on the air: evidence that whoever has the device's key can check",
    },
}
_OF_INCIDENT: Form = {
    **_OF_FRAME,
    "by": {"type": "string", "description": "the name that who answered gave"},
    "via": _one_of("command_line", "operator", "mqtt", "webhook", "link", "site"),
    "eta_minutes": MAYBE_MINUTES,
    "round": COUNT,
    "targets": {"type": "array", "items": TEXT},
    "visit": _one_of("overdue", "duress", "unknown_end"),
    "access": {"type": "object", "description": "the site's access sheet"},
}

_RAISED = ("raised", "updated", "verified", "cancelled", "cancel_unverified", "visit_ended")
_PEOPLE = ("acknowledged", "closed", "escalated", "repeated", "nobody_told")
_VISITS = tuple(
    f"visit_{what}{how}" for what in ("started", "extended", "ended") for how in ("", "_unverified")
)
_WATCHED = ("late", "missing", "restored", *_VISITS)
# Of each family: its types, what `data` always has, what it may have.
FAMILIES: dict[str, tuple[tuple[str, ...], Form, Form]] = {
    "tocsin.alert": ((*_RAISED, *_PEOPLE), _INCIDENT, _OF_INCIDENT),
    "tocsin.test": ((*_RAISED, *_PEOPLE, "trial"), {}, {**_INCIDENT, **_OF_INCIDENT, "test": FLAG}),
    "tocsin.device": (
        ("fault", "restore", "restore_unverified", "reported", "reported_unverified", *_WATCHED),
        _DEVICE,
        {
            **_OF_FRAME,
            "kind": TEXT,
            "duress": FLAG,
            "code": {"type": "string", "description": "which fault of the device"},
            "value": COUNT,
            "minutes": COUNT,
        },
    ),
    "tocsin.gateway": (("fault", "restore"), {"source": TEXT, "code": TEXT, "why": TEXT}, {}),
    SHARED_TYPE.rpartition(".")[0]: (
        (SHARED_TYPE.rpartition(".")[2],),
        {
            "incident": INCIDENT,
            "gateway": TEXT,
            "mark": COUNT,
            "state": _one_of("open", "acknowledged", "closed"),
            "counter": COUNT,
            "delivered": FLAG,
            "round": COUNT,
            "told": {"type": "array", "items": TEXT},
            "by": MAYBE_TEXT,
            "eta_minutes": MAYBE_MINUTES,
        },
        {},
    ),
}


def data_schema(family: str) -> Form:
    """Return the schema of `data`: what a later gateway adds is no mistake."""
    _, always, possible = FAMILIES[family]
    return {
        "type": "object",
        "required": list(always),
        "properties": {**_ALWAYS_POSSIBLE, **possible, **always},
    }
