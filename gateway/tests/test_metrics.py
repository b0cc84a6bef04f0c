"""What Prometheus is told: from a report and from commits, with ids and never a name."""

import asyncio
import re
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.drafts import Entry
from gateway.events import Event, Fault, Restore
from gateway.ledger import Committed
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.metrics_config import MetricsConfig
from gateway.telemetry.metrics_server import MetricsServer
from gateway.tests.brokers import Mosquitto, free_port
from gateway.tests.builders import KEY, LABEL, PLACE, ledger
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import SITE, GatewayProcess
from gateway.tests.waiting import eventually
from protocol.kinds import ACKNOWLEDGED, DELIVERED, STORED
from tools import promtool

OUR_BIT = 1  # of the mark 1
REPORT = {
    "at": 1_000.0,
    "heard": {"fresh": 7, "duplicate": 2},
    "rejected": {"bad_tag": 3, "command_by": 1},
    "radios": {"head": {"up": True, "received": 12, "ble": {"foreign": 5, "busy_percent": 25}}},
    "upstreams": {"broker": {"up": False}},
    "outbox": {"broker": {"rows": 4, "oldest_at": 940.0}},
    "unheard": [{"device": "button-01", "state": "missing", "since": 1.0}],
    "faults": [{"source": "radio.head", "code": "link_down", "since": 1.0}],
}


def test_the_report_becomes_metrics() -> None:
    lines = Metrics().text(REPORT).decode().splitlines()
    for line in (
        'tocsin_frames_total{result="fresh"} 7.0',
        'tocsin_frames_total{result="bad_tag"} 3.0',
        'tocsin_commands_refused_total{reason="by"} 1.0',
        'tocsin_radio_up{radio="head"} 1.0',
        'tocsin_radio_events_total{event="received",radio="head"} 12.0',
        'tocsin_radio_busy_ratio{medium="ble",radio="head"} 0.25',
        'tocsin_upstream_up{target="broker"} 0.0',
        'tocsin_outbox_oldest_seconds{target="broker"} 60.0',
        'tocsin_device_unheard{device="button-01",state="missing"} 1.0',
        'tocsin_fault{code="link_down",source="radio.head"} 1.0',
    ):
        assert line in lines


def test_commits_become_histograms() -> None:
    metrics = Metrics()
    batch = ledger().batch()
    batch.journal.append(Entry("raised", 10.0, "ab", "button-01", {}))
    metrics.committed(Committed(batch, 10.004), 0.003)
    metrics.answered()  # nobody asked: there is no answer to this batch
    text = metrics.text({}).decode()
    assert 'tocsin_stage_seconds_bucket{le="0.005",stage="stored"} 1.0' in text
    assert "tocsin_commit_seconds_count 1.0" in text
    assert 'stage="answered"' not in text


class Asked:
    """A server with a text of its own, and what it posts."""

    def __init__(self, port: int) -> None:
        self.posted: list[Event] = []
        self.url = f"http://127.0.0.1:{port}"
        self.server = MetricsServer(MetricsConfig("127.0.0.1", port), self._text, self._post)

    async def _text(self) -> bytes:
        return b"tocsin_devices 1.0\n"

    def _post(self, event: Event) -> asyncio.Future[str]:
        self.posted.append(event)
        return asyncio.get_running_loop().create_future()

    async def get(self, path: str, verb: str = "GET") -> tuple[int, str]:
        return await asyncio.to_thread(get, self.url + path, verb)


def get(url: str, verb: str = "GET") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=verb), timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    asked = Asked(free_port())
    task = asyncio.create_task(asked.server.run())
    await eventually(lambda: asked.posted)
    yield asked
    task.cancel()


async def test_it_answers_what_prometheus_asks_and_nothing_else(asked: Asked) -> None:
    assert await asked.get("/metrics") == (200, "tocsin_devices 1.0\n")
    assert await asked.get("/metrics?x=1") == (200, "tocsin_devices 1.0\n")
    assert (await asked.get("/"))[0] == 404
    assert (await asked.get("/metrics", "POST"))[0] == 405


async def test_who_says_nothing_or_nonsense_is_let_go(asked: Asked) -> None:
    port = int(asked.url.rsplit(":", 1)[1])
    for words in (b"", b"\0" * 20_000, b"GET"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(words)
        writer.write_eof()
        assert b"200" not in await reader.read()
        writer.close()
    assert (await asked.get("/metrics"))[0] == 200


async def test_an_address_that_is_taken_is_a_fault_until_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.http_listener._TRY_AGAIN_S", 0.01)
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        second = Asked(port)
        task = asyncio.create_task(second.server.run())
        await eventually(lambda: second.posted)
    await eventually(lambda: isinstance(second.posted[-1], Restore))
    task.cancel()
    fault = second.posted[0]
    assert isinstance(fault, Fault)
    assert (fault.source, fault.code) == ("metrics", "cannot_listen")


def complaints(text: str) -> str:
    """Return what Prometheus' own tool has against the names, types and help of these metrics."""
    done = subprocess.run(
        [promtool.command(), "check", "metrics"],
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_tool_would_complain() -> None:
    assert "_total" in complaints("# HELP presses Presses.\n# TYPE presses counter\npresses 1\n")


async def _certify(head: PtyHead, wearer: Wearer) -> None:
    """Let a heartbeat be answered and the next one say so: from then on its clock is known."""
    wearer.shows(1_000.0)
    head.hear(wearer.heartbeat())
    await head.answered(wearer, STORED)
    head.hear(wearer.heartbeat(data=OUR_BIT, heard=1))


@pytest.mark.slow
async def test_a_running_gateway_is_measured_from_the_press_to_what_is_felt(
    tmp_path: Path, broker: Mosquitto
) -> None:
    folder = tmp_path / "g"
    folder.mkdir()
    port = free_port()
    process = GatewayProcess(folder, broker.port, metrics=f"127.0.0.1:{port}")
    assert process.ask("enrol", process.enrolment("button-01", KEY)).code == 0
    head = PtyHead(process.port)
    process.start()
    try:
        await eventually(lambda: len(process.lines("up")) == 2)
        wearer = Wearer(KEY)
        await _certify(head, wearer)
        head.hear(wearer.press())
        await head.answered(wearer, STORED)
        await head.answered(wearer, DELIVERED)
        taken = ("acknowledge", wearer.incident, "--by", "Zebedee")
        assert (await asyncio.to_thread(process.ask, *taken)).code == 0
        await head.answered(wearer, ACKNOWLEDGED)
        head.hear(wearer.refresh(felt=ACKNOWLEDGED))
        await eventually(lambda: process.lines("wearer_felt"))
        status, text = await asyncio.to_thread(get, f"http://127.0.0.1:{port}/metrics")
    finally:
        head.unplug()
        process.kill()
    assert status == 200
    for stage in ("stored", "answered", "delivered", "acknowledged", "felt"):
        assert re.search(rf'tocsin_stage_seconds_count{{stage="{stage}"}} [1-9]', text), stage
    assert 'tocsin_frames_total{result="fresh"} 4.0' in text
    assert 'tocsin_incidents{state="acknowledged"} 1.0' in text
    for secret in (LABEL, PLACE, "Zebedee", KEY.hex(), SITE):
        assert secret not in text
    assert complaints(text) == ""
