"""A letter's link on the real process: mail scanners open it, a person presses its button, once."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.disk import signing_key
from gateway.disk.store import connect
from gateway.tests.brokers import free_port
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import GatewayProcess
from gateway.tests.test_mail import Server
from gateway.tests.test_mail import serving as serving_mail
from gateway.tests.waiting import eventually
from gateway.upstream.ack_link import Link, to_token
from protocol.kinds import ACKNOWLEDGED, DELIVERED, MEDICAL

pytestmark = pytest.mark.slow

KEY = b"sixteen byte key"
TABLES = """
[[upstream]]
type = "mail"
host = "127.0.0.1"
port = {mail}
sender = "tocsin@example.org"
recipients = ["anne@example.org"]
[acknowledge]
ack_base_url = "http://127.0.0.1:{links}/ack"
listen = "127.0.0.1:{links}"
language = "en"
"""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(tmp_path, free_port())
    assert process.ask("enrol", process.enrolment("button-01", KEY)).code == 0
    yield process
    process.kill()


def link_in(server: Server, place: int) -> str:
    (url,) = re.findall(r"http://\S+", server.taken[place].get_content())
    return str(url)


def served(process: GatewayProcess) -> int:
    """Count how often the page of links was opened."""
    return [line["source"] for line in process.lines("up")].count("acknowledge")


async def test_a_press_becomes_a_letter_and_its_button_reaches_the_wearer_once(
    process: GatewayProcess,
) -> None:
    mail, links = free_port(), free_port()
    with process.config.open("a", encoding="utf-8") as file:
        file.write(TABLES.format(mail=mail, links=links))
    wearer, head = Wearer(KEY), PtyHead(process.port)
    async with serving_mail(mail) as server, httpx.AsyncClient() as browser:
        process.start()
        await eventually(lambda: len(process.lines("up")) >= 3, 40)
        head.hear(wearer.press())
        await head.answered(wearer, DELIVERED)
        await eventually(lambda: server.taken)
        first = link_in(server, 0)

        for _ in range(3):  # what scans the mail, and who looks twice
            page = await browser.get(first)
            assert page.status_code == 200
            assert '<form method="post">' in page.text
        assert (await browser.head(first)).status_code == 200
        assert not process.lines("acknowledged")

        head.hear(wearer.refresh(MEDICAL))  # another kind: she has pressed again
        await eventually(lambda: len(server.taken) == 2)
        page = await browser.post(first, data={"eta": "7"})
        assert (page.status_code, "pressed again" in page.text) == (409, True)
        assert not process.lines("acknowledged")

        second = link_in(server, 1)
        page = await browser.post(second, data={"eta": "7"})
        assert (page.status_code, "help is coming" in page.text) == (200, True)
        await head.answered(wearer, ACKNOWLEDGED)
        line = await process.said("acknowledged")
        assert (line["via"], line["eta_minutes"]) == ("link", 7)

        process.kill()  # and what is used stays used
        process.start()
        await eventually(lambda: served(process) == 2, 40)
        page = await browser.post(second, data={"eta": "7"})
        assert (page.status_code, "used already" in page.text) == (410, True)
        signer = signing_key.load_or_make(process.state_dir)
        old = Link(wearer.incident, b"n" * 16, int(time.time()) - 1, 9, "anne@example.org")
        expired = f"http://127.0.0.1:{links}/ack/{to_token(old, signer.derived('links'))}"
        assert (await browser.post(expired)).status_code == 410
        forged = second[:-3] + ("AAA" if not second.endswith("AAA") else "BBB")
        assert (await browser.post(forged)).status_code == 404
        assert len(process.lines("acknowledged")) == 1
    connection = connect(process.state_dir / "gateway.sqlite")
    taken = connection.execute("SELECT acknowledged_by FROM incident").fetchall()
    connection.close()
    assert taken == [("anne@example.org",)]
    head.unplug()
