"""check: whether BlueZ is there, its adapter, the right to use it, and a scan without a break."""

from collections.abc import AsyncIterator

from gateway.commands.checks import Finding
from gateway.config import Config
from gateway.radio import LinkDown, rfkill
from gateway.radio.radio_config import BluezConfig
from gateway.words import known, say


async def of_bluetooth(config: Config) -> list[Finding]:
    """Look at each adapter of the configuration."""
    return [
        finding
        for radio in config.radios
        if isinstance(radio, BluezConfig)
        async for finding in _of_adapter(radio)
    ]


async def _of_adapter(radio: BluezConfig) -> AsyncIterator[Finding]:
    from gateway.radio.bluez import Bluez  # noqa: PLC0415 - not where there is no such radio
    from gateway.radio.which_adapter import Which  # noqa: PLC0415

    values: dict[str, object] = {"name": radio.name, "adapter": radio.adapter}
    try:
        bluez = await Bluez.open()
        try:
            await bluez.owner()
            adapter = await Which(radio.adapter).find(bluez, 0.0)
            offers = await bluez.offers(adapter)
        finally:
            bluez.close()
    except LinkDown as down:
        sentence = f"check.bluez.{down.reason}"
        yield _fault(sentence if known(sentence) else "check.bluez.refused", values, down.reason)
        return
    values |= {"adapter": adapter.name, "address": adapter.address, "count": offers.at_once}
    if adapter.blocked or rfkill.blocked(adapter.name):
        yield _fault("check.bluez.rfkill", values)
    elif not adapter.powered:
        yield Finding("radio", say("check.bluez.powered_off", **values), "warning")
    else:
        yield Finding("radio", say("check.bluez.adapter", **values))
    if not offers.passive:
        yield Finding("radio", say("check.bluez.no_passive", **values), "warning")
    if not offers.adverts:
        yield _fault("check.bluez.no_adverts", values)


def _fault(sentence: str, values: dict[str, object], why: str = "") -> Finding:
    return Finding("radio", say(sentence, **values, why=why), "fault")
