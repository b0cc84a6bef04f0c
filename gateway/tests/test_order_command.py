"""`tocsin-gateway command`: a device is ordered, and what it reported is told, in both languages."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.commands import exits
from gateway.downlink import COMMAND_SLOTS
from gateway.tests.brokers import Mosquitto
from gateway.tests.builders import KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import GatewayProcess, Said
from gateway.tests.waiting import eventually
from protocol.kinds import IDENTIFY, report_word
from protocol.messages import Answer

LANGUAGES = pytest.mark.parametrize("lang", ["en", "fr"])
ORDER = ("command", "button-01", "identify", "--by", "Jo")


@pytest.fixture
def gateway(tmp_path: Path, broker: Mosquitto) -> Iterator[GatewayProcess]:
    gateway = GatewayProcess(tmp_path, broker.port)
    assert gateway.ask("enrol", gateway.enrolment("button-01", KEY)).code == exits.DONE
    yield gateway
    gateway.kill()


@pytest.fixture
async def head(gateway: GatewayProcess) -> AsyncIterator[PtyHead]:
    head = PtyHead(gateway.port)
    gateway.start()
    await eventually(lambda: len(gateway.lines("up")) == 2, 30.0)
    yield head
    head.unplug()


async def heard(head: PtyHead, wearer: Wearer) -> Answer:
    """Return the command that is on air."""
    sent = await head.transmitted(lambda message: message.slot >= COMMAND_SLOTS)
    answer = wearer.read(sent.frame)
    assert answer is not None
    return answer[1]


@pytest.mark.slow
@LANGUAGES
async def test_it_waits_for_the_report_of_the_device(
    lang: str, gateway: GatewayProcess, head: PtyHead
) -> None:
    wearer = Wearer(KEY)
    waits = asyncio.create_task(asyncio.to_thread(gateway.ask, *ORDER, lang=lang))
    await eventually(lambda: bool(gateway.lines("ordered")))
    head.hear(wearer.query())
    told = await heard(head, wearer)
    assert (told.op, told.seq, told.mark) == (IDENTIFY, 1, 0)
    head.hear(wearer.protect(report_word(IDENTIFY, told.seq, 1, wearer.time)))
    said = await waits
    assert said.code == exits.DONE
    ordered, done = said.out.splitlines()
    assert "18 min" in ordered  # 3.5 heartbeats of 300 s
    assert done.endswith({"en": "carried out", "fr": "exécuté"}[lang])


@pytest.mark.slow
async def test_a_refusal_and_silence_have_exit_statuses_of_their_own(
    gateway: GatewayProcess, head: PtyHead
) -> None:
    wearer = Wearer(KEY)

    def ask(*more: str) -> Said:
        return gateway.ask(*ORDER, "--json", *more)

    waits = asyncio.create_task(asyncio.to_thread(ask))
    await eventually(lambda: bool(gateway.lines("ordered")))
    head.hear(wearer.heartbeat())
    told = await heard(head, wearer)
    head.hear(wearer.protect(report_word(IDENTIFY, told.seq, 0, wearer.time)))
    said = await waits
    assert (said.code, json.loads(said.out)["result"]) == (exits.FAULT, "order_refused")
    said = await asyncio.to_thread(ask, "--within-s", "1")
    assert (said.code, json.loads(said.out)["result"]) == (exits.NOT_YET, "order_unheard")
    said = await asyncio.to_thread(gateway.ask, "command", "nobody", *ORDER[2:])
    assert (said.code, said.out.strip()) == (
        exits.FAULT,
        "nobody: no such device; see: tocsin-gateway devices",
    )


@LANGUAGES
@pytest.mark.parametrize(
    "arguments",
    [
        ("siren", "--minutes", "5"),
        ("siren", "--seconds", "256"),
        ("light", "--seconds", "-1"),
        ("walk-test", "--seconds", "5"),
        ("identify", "--seconds", "5"),
    ],
)
def test_an_amount_that_is_none_of_this_command_is_explained(
    arguments: tuple[str, ...], lang: str, gateway: GatewayProcess
) -> None:
    said = gateway.ask("command", "button-01", *arguments, "--by", "Jo", lang=lang)
    assert said.code == exits.USAGE
    assert {"en": "0 ends it", "fr": "0 y met fin"}[lang] in said.err


def test_where_the_gateway_does_not_run_nothing_is_ordered(gateway: GatewayProcess) -> None:
    assert gateway.ask(*ORDER).code == exits.NOT_RUNNING
