"""[annunciator] of gateway.toml: the light, the siren and the relays at this gateway."""

from dataclasses import dataclass

from gateway.fields import Fields
from gateway.response.annunciator import FAULT_KIND, Output, Shown
from gateway.response.plan import PLANNED_KINDS
from gateway.words import say

GPIO_MAX = 27  # of the 40-pin header of a Raspberry Pi
_DAY_S = 86_400
_SHOWN = {shown.name.lower(): shown for shown in (Shown.ON, Shown.FLASH, Shown.OFF)}


@dataclass(frozen=True, slots=True)
class AnnunciatorConfig:
    """The outputs; `virtual`: pins that are only seen in `status`, for a computer that has none."""

    outputs: tuple[Output, ...] = ()
    virtual: bool = False


def read_annunciator(root: Fields) -> AnnunciatorConfig:
    """Return the annunciator; without [annunciator] there is none."""
    fields = root.table("annunciator")
    virtual = fields.choice("pins", ("gpio", "virtual"), "gpio") == "virtual"
    outputs = tuple(_output(one) for one in fields.tables("output"))
    for key, values in (
        ("name", [output.name for output in outputs]),
        ("gpio", [str(output.gpio) for output in outputs]),
    ):
        for value in sorted({value for value in values if values.count(value) > 1}):
            fields.problem(f"output.{key}", say("taken_name", name=value))
    fields.finish()
    return AnnunciatorConfig(outputs, virtual)


def _output(fields: Fields) -> Output:
    kinds = fields.some("kinds", ("all", *PLANNED_KINDS, FAULT_KIND)) or ("all",)
    output = Output(
        name=fields.name("name", "siren"),
        gpio=fields.number("gpio", 0, GPIO_MAX),
        active_high=fields.flag("active_high", default=True),
        kinds=None if "all" in kinds else frozenset(kinds),
        open=_SHOWN[fields.choice("open", tuple(_SHOWN), "on")],
        acknowledged=_SHOWN[fields.choice("acknowledged", tuple(_SHOWN), "off")],
        limit_s=fields.number("limit_s", 0, _DAY_S, 0),
        silent=fields.flag("silent", default=False),
    )
    fields.finish()
    return output
