"""The bench of the gateway reads what it measures, says what misses, and writes the figures asked for."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.tests.brokers import Mosquitto
from gateway.tests.player import Wearer
from protocol.kinds import DELIVERED, STORED
from protocol.messages import Answer
from protocol.protect import Downlink
from tools import cli
from tools.bench import gateway
from tools.bench.gateway import Measured
from tools.bench.gateway_loads import AT_ONCE, Effort
from tools.bench.gateway_presses import STAGES, Latency, Press, Presses
from tools.bench.gateway_site import Site

KEYS = {
    "commit_vs_fdatasync",
    "puback_vs_floor",
    "group32_vs_single",
    "alerts_50_slowest_s",
    "idle_cpu_percent",
    "rss_mb_100",
    "rss_mb_1000",
    "deaf_s",
    "false_missing",
}


def latency(stored_ms: float = 1.3, delivered_ms: float = 2.0) -> Latency:
    times = dict.fromkeys(STAGES, (1.0,)) | {"stored": (stored_ms,), "delivered": (delivered_ms,)}
    return Latency("idle", times)


def measured(one: Latency, flood_s: tuple[float, ...] = (0.5,) * AT_ONCE) -> Measured:
    return Measured(
        latencies=(one,),
        fdatasync_ms=0.5,
        publish_ms=0.7,
        group32=0.1,
        flood_s=flood_s,
        flood_per_s=10_000.0,
        idle_cpu_percent=1.0,
        rss_mb=(50.0, 80.0),
        growth_mb=0.1,
        heartbeats=1_000,
        deaf_s=75.0,
        false_missing=0,
    )


def test_the_command_prints_all_and_writes_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    efforts: list[Effort] = []

    async def measure(effort: Effort, _folder: Path) -> Measured:
        efforts.append(effort)
        return measured(latency())

    monkeypatch.setattr(gateway, "measure", measure)
    path = tmp_path / "figures.json"
    result = CliRunner().invoke(cli.app, ["bench", "gateway", "--quick", "--json", str(path)])
    assert result.exit_code == 0, result.output
    assert efforts == [gateway.QUICK]
    written = json.loads(path.read_text())
    assert set(written) >= KEYS
    assert all(type(value) in (int, float) for value in written.values())
    assert (written["commit_vs_fdatasync"], written["puback_vs_floor"]) == (2.0, 1.0)
    for said in ("committed", "PUBACK", "fdatasync", "forged", "Bars"):
        assert said in result.output


@pytest.mark.parametrize(
    "found",
    [
        measured(latency(stored_ms=1.9)),
        measured(latency(delivered_ms=4.1)),
        measured(latency(), flood_s=(*(0.5,) * (AT_ONCE - 1), 1.1)),
        measured(latency(), flood_s=(0.5,) * (AT_ONCE - 1)),
    ],
)
def test_a_missed_bar_is_said(found: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    async def measure(_effort: Effort, _folder: Path) -> Measured:
        return found

    monkeypatch.setattr(gateway, "measure", measure)
    result = CliRunner().invoke(cli.app, ["bench", "gateway"])
    assert result.output.count("MISSED") == 1
    assert result.exit_code == 1


def answer(wearer: Wearer, op: int) -> bytes:
    frame = bytearray(15)
    content = Answer(op, 0, mark=1).to_bytes()
    Downlink(wearer.keys).protect(wearer.counter - 1, content, frame)
    return bytes(frame)


async def test_a_press_is_timed_by_its_own_answers_and_log_lines() -> None:
    presses, wearers = Presses(), [Wearer(bytes([n]) * 16) for n in (1, 2)]
    for wearer in wearers:
        wearer.press()
    one, other = (presses.make(wearer, 10.0) for wearer in wearers)
    presses.answered(answer(wearers[0], STORED), 10.5)
    presses.answered(answer(wearers[0], DELIVERED), 11.0)
    presses.answered(answer(wearers[0], DELIVERED), 12.0)
    presses.answered(bytes(15), 12.0)
    lines = [
        {"event": "stored", "t": 10.25, "incident": one.incident},
        {"event": "stored", "t": 99.0, "incident": "of somebody else"},
        {"event": "started", "t": 9.0},
    ]
    presses.read_log(lines)
    assert [one.ms(stage) for stage in ("stored", "acked", "felt_delivered")] == [250, 500, 1000]
    assert (one.ms("delivered"), other.at) == (None, {})
    assert await presses.until([one], "acked", 0.0)
    assert not await presses.until([one, other], "acked", 0.0)


def test_of_a_load_median_and_slowest_are_told() -> None:
    found = Latency.of("x", [Press("a", 0.0, {"stored": ms / 1000}) for ms in (3, 1, 2)])
    assert found.p50("stored") == 2.0
    assert found.slowest("stored") == 3.0


@pytest.mark.slow
async def test_a_site_is_heard_presses_and_is_weighed(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    broker = Mosquitto(tmp_path / "broker")
    await asyncio.to_thread(broker.start)
    site = Site(tmp_path / "gateway", broker, 5)
    try:
        await site.start()
        async with site.heartbeats():
            pressed = await site.press(2, site.wearers)
        for press in pressed:
            times = [press.at[stage] for stage in ("received", "stored", "acked")]
            assert [press.sent_at, *times] == sorted([press.sent_at, *times])
            assert press.at["stored"] < press.at["delivered"] < press.at["felt_delivered"]
        assert site.gateway.cpu_s() > 0
        assert 20 < site.gateway.resident_mb() < 200
    finally:
        site.stop()
        broker.stop()
