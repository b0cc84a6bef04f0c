"""The bench of the fleet: what it prints and writes, and a small fleet whose leader is killed."""

import asyncio
import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.tests.waiting import eventually
from gateway.upstream.event_types import data_schema
from tools import cli
from tools.bench import fleet
from tools.bench.fleet_account import Account
from tools.bench.fleet_brokers import Mosquitto
from tools.bench.fleet_cluster import NODES, Cluster
from tools.bench.fleet_desk import Desk
from tools.bench.fleet_events import Authors
from tools.bench.fleet_gateway import SimulatedGateway
from tools.bench.fleet_result import Load, Ran, Weight
from tools.bench.fleet_run import run
from tools.bench.fleet_server import NotReady, allow_connections

KEYS = {"gateways", "alerts", "lost", "recovery_s", "p99_ms", "mb_per_1000_gateways"}


def ran(gateways: int = 1_000, slow_s: float = 5.0, until: float = 108.0) -> Ran:
    """Return a run whose alerts were slow from the kill, at 100, to `until`."""
    account = Account()
    for second in range(90, 130):
        took = slow_s if 100 <= second < until else 0.01
        account.raised[str(second)] = float(second)
        account.was_confirmed(str(second), second + took)
        account.was_delivered(str(second), second + took)
    weight = Weight(50.0, 250.0, 300.0, 1.0, 2.0)
    return Ran("cluster", Load.of(gateways), account, 90.0, 100.0, 3.0, 0, 5, weight)


def lossy(found: Ran) -> Ran:
    found.account.raised["missing"] = 95.0
    return found


def bench(
    monkeypatch: pytest.MonkeyPatch, results: Sequence[Ran], *options: str
) -> tuple[int, str]:
    monkeypatch.setattr(fleet, "measure", lambda *_: list(results))
    result = CliRunner().invoke(cli.app, ["bench", "fleet", *options])
    return result.exit_code, result.output


def test_the_command_prints_all_and_writes_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "figures.json"
    calm = replace(ran(5_000), broker="mosquitto", broken_at=None)
    results = [ran(100), calm, ran(5_000)]
    status, output = bench(monkeypatch, results, "--gateways", "5000", "--json", str(path))
    assert status == 0, output
    written = json.loads(path.read_text())
    assert set(written) >= KEYS | {"lost_100"}
    assert all(type(value) in (int, float) for value in written.values())
    assert (written["gateways"], written["recovery_s"]) == (5_000, 8.0)
    assert written["mb_per_1000_gateways"] == 40.0
    assert "5,000 mosquitto, nothing killed" in output
    assert "MISSED" not in output


@pytest.mark.parametrize(
    "found",
    [
        lossy(ran()),
        replace(ran(), forged=1),
        ran(until=116.0),
        ran(5_000, slow_s=61.0),
    ],
)
def test_a_missed_bar_is_said(found: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    status, output = bench(monkeypatch, [found])
    assert "MISSED" in output
    assert status == 1


def test_brokers_that_do_not_start_are_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(*_: object) -> list[Ran]:
        raise ExceptionGroup("", [NotReady("the cluster sulks")])

    monkeypatch.setattr(fleet, "measure", measure)
    result = CliRunner().invoke(cli.app, ["bench", "fleet"])
    assert result.exit_code == 1
    assert "the cluster sulks" in result.output


def test_smaller_fleets_run_before_the_one_asked_for() -> None:
    assert fleet.sizes(5_000) == [100, 1_000, 5_000]
    assert fleet.sizes(30) == [30]
    assert fleet.sizes(2_000) == [100, 1_000, 2_000]


def test_more_connections_than_the_machine_allows_are_refused() -> None:
    with pytest.raises(ValueError, match="ulimit"):
        allow_connections(10**9)


def test_events_are_those_of_the_gateways_and_signed_by_them() -> None:
    authors = Authors(2)
    alert = authors.alert(1, 7, 1_800_000_000.0)
    event = json.loads(alert.payload)
    assert event["source"] == "/tocsin/site-00001/gateway"
    assert set(event["data"]) >= set(data_schema("tocsin.alert")["required"])  # type: ignore[call-overload]
    assert not authors.forged(alert.payload)
    assert authors.forged(alert.payload.replace(b"open", b"shut"))
    assert authors.forged(alert.payload.replace(b"site-00001", b"site-00000"))


@pytest.mark.slow
async def test_thirty_gateways_lose_nothing_when_the_leader_is_killed(tmp_path: Path) -> None:
    load = Load(gateways=30, alerts=240, load_s=24.0, broken_after_s=4.0)
    cluster = Cluster(tmp_path)
    found = await run(cluster, load)
    assert found.broken_at is not None
    assert found.failures > 0  # it was felt
    assert found.lost == 0
    assert found.account.settled
    assert found.slowest_s > 1.0
    assert found.weight.connected_mb > found.weight.alone_mb > 0


@pytest.mark.slow
@pytest.mark.parametrize("disk", ["kept", "lost"])
async def test_a_node_that_comes_back_has_everything_again(tmp_path: Path, disk: str) -> None:
    cluster, account = Cluster(tmp_path), Account()
    gateway = SimulatedGateway(0, cluster.nodes(), account, 0, random.Random(1))
    desk = Desk(cluster.nodes(), account)
    try:
        await asyncio.to_thread(cluster.start)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(desk.run())]
            await asyncio.wait_for(desk.up.wait(), 120)
            running.append(tasks.create_task(gateway.run(asyncio.Semaphore())))
            await asyncio.to_thread(cluster.break_it)
            killed = next(server for server in cluster.servers if not server.running)
            alert = Authors(1).alert(0, 1, 1_800_000_000.0)
            account.raised[alert.id] = 0.0
            gateway.tell(alert)
            await eventually(lambda: account.settled, 60)
            if disk == "lost":
                shutil.rmtree(tmp_path / killed.name)
            await asyncio.to_thread(cluster.restart, killed)
            for task in running:
                task.cancel()
        assert cluster.replicas() == NODES
        assert account.lost == 0
    finally:
        for server in cluster.servers:
            server.kill()


@pytest.mark.slow
async def test_one_mosquitto_takes_the_same_fleet(tmp_path: Path) -> None:
    found = await run(Mosquitto(tmp_path), Load(30, 60, load_s=2.0, broken_after_s=1.0))
    assert (found.broken_at, found.lost, found.failures) == (None, 0, 0)
    assert found.account.settled
    assert "60" in fleet.report([found])
