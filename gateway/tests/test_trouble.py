"""What goes wrong with the gateway itself, caused at its rim: a fault upstream, alerts go on, a restore.

The causes are real where this machine lets them be: files as a Raspberry Pi has them, a disk that fills,
rows that wait, a clock nobody vouches for, a head that says what a head says. Time is an argument.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from gateway.disk import outbox_rows
from gateway.downlink import Health
from gateway.events import Delivered, Fault, Overheard, Restore
from gateway.gateway_clock import GatewayClock
from gateway.radio.head_report import HeadReport
from gateway.radio.radio_config import LoraConfig
from gateway.tests.bench import TARGET, Bench, small_disk
from gateway.tests.builders import KEY
from gateway.tests.player import Wearer
from gateway.watching import machine
from gateway.watching.watch import LOOK_EVERY_S
from gateway.watching.wellbeing import HeadSample, Limits, Sample, UpstreamSample, Wellbeing
from protocol.kinds import STORED, UPSTREAM_OK
from protocol.link_messages import CAP_LORA, Channel, Hello

_LONGEST_S = 400.0  # until anything is told, or over
_CAP_BLE = 1


class Gateway:
    """A gateway whose parts a test holds in its hands, looked at as `Watch` looks."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        self.wearer = Wearer(KEY)
        self.up = True
        self.heard = [Overheard("ble", None, 0, 5, 0)]
        self.root, self.disk = folder / "machine", folder
        self.clock = GatewayClock(trusted=False)
        self._wellbeing = Wellbeing(Limits(disk_free_mb=1, waiting_max=3))
        self.now_s = 0.0

    async def look(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s += LOOK_EVERY_S
            for event in self._wellbeing.judge(await self._sample()):
                await self.bench.post(event)

    async def _sample(self) -> Sample:
        waiting, _ = await self.bench.store.read(partial(outbox_rows.depth, target=TARGET))
        return Sample(
            self.now_s,
            1_000.0 + self.now_s,
            [HeadSample("head", up=True, reports=self.heard)],
            [UpstreamSample("broker", self.up, waiting)],
            machine.sample(self.disk, self.root),
            clock_believed=self.clock.believed(),
        )

    async def told(self) -> list[tuple[str, str, str]]:
        """Return type, source and code of what was told upstream of the gateway."""
        rows = await self.bench.store.read(
            lambda found: found.execute(
                "SELECT type, data FROM outbox WHERE type LIKE 'tocsin.gateway.%' ORDER BY id"
            ).fetchall()
        )
        found = [(name.removeprefix("tocsin.gateway."), json.loads(data)) for name, data in rows]
        return [(name, data["source"], data["code"]) for name, data in found]

    async def press(self, medium: str = "ble") -> None:
        """Press: the alert is stored, waits for its upstream, and is answered so."""
        await self.bench.hear(self.wearer.press(), media=(medium,))
        assert self.bench.answers(self.wearer)[-1].op == STORED
        query = "SELECT count(*) FROM outbox WHERE incident = ? AND delivered_at IS NULL"
        of_it = (self.wearer.incident,)
        row = await self.bench.store.read(lambda found: found.execute(query, of_it).fetchone())
        assert row == (1,)


@pytest.fixture
async def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    monkeypatch.setattr("gateway.gateway_clock.synchronized", lambda: True)
    monkeypatch.setattr("gateway.gateway_clock._LOOK_EVERY_S", 0.0)
    bench = await Bench(tmp_path).open()
    yield Gateway(bench, tmp_path)
    await bench.store.close()


def _says(path: str, wrong: str, right: str) -> Callable[[Gateway, bool], None]:
    """Return how a file of the machine is made to tell of trouble, and of its end."""

    def turn(gateway: Gateway, on: bool) -> None:
        file = gateway.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wrong if on else right)
        if "thermal" in path:
            file.with_name("type").write_text("cpu-thermal")

    return turn


_FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"


@pytest.mark.parametrize(
    ("code", "turn"),
    [
        ("under_voltage", _says(_FIRMWARE, "1", "10000")),
        ("throttled", _says(_FIRMWARE, "4", "40000")),
        ("hot", _says("sys/class/thermal/thermal_zone0/temp", "83000", "60000")),
    ],
)
async def test_a_machine_in_trouble_says_so_and_hears_on(
    code: str, turn: Callable[[Gateway, bool], None], gateway: Gateway
) -> None:
    turn(gateway, True)
    await gateway.look(_LONGEST_S)
    assert await gateway.told() == [("fault", "machine", code)]
    await gateway.press()
    turn(gateway, False)
    await gateway.look(_LONGEST_S)
    assert await gateway.told() == [("fault", "machine", code), ("restore", "machine", code)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as mounted:
        if not mounted:
            pytest.skip("needs the right to mount a small disk")
        yield folder


async def test_a_disk_that_fills_is_told_before_it_is_full(gateway: Gateway, disk: Path) -> None:
    gateway.disk = disk
    (disk / "filler").write_bytes(bytes(100_000))
    await gateway.look(_LONGEST_S)
    assert await gateway.told() == [("fault", "disk", "filling")]
    await gateway.press()
    (disk / "filler").unlink()
    await gateway.look(_LONGEST_S)
    assert (await gateway.told())[1:] == [("restore", "disk", "filling")]


async def test_without_a_clock_alerts_are_unverified_and_told(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.gateway_clock.synchronized", lambda: False)
    await gateway.look(_LONGEST_S)
    assert await gateway.told() == [("fault", "gateway", "clock_unsure")]
    await gateway.press()
    (row,) = [row for row in await gateway.bench.outbox.rows(9) if row.incident]
    assert row.data["freshness"] == "unverified"
    monkeypatch.setattr("gateway.gateway_clock.synchronized", lambda: True)
    await gateway.look(_LONGEST_S)
    assert (await gateway.told())[1:] == [("restore", "gateway", "clock_unsure")]


async def test_an_upstream_that_is_away_piles_up_rows_and_takes_all_of_them_when_it_is_back(
    gateway: Gateway,
) -> None:
    gateway.up = False
    gateway.bench.rim.works = Health(store=True, upstream=False, plan=True)
    await gateway.look(130.0)
    assert await gateway.told() == [("fault", "upstream.broker", "away")]
    for _ in range(4):
        await gateway.press()
        assert not gateway.bench.answers(gateway.wearer)[-1].arg & UPSTREAM_OK
    await gateway.look(_LONGEST_S)
    assert (await gateway.told())[1:] == [("fault", "upstream.broker", "waiting")]
    gateway.up = True
    while rows := await gateway.bench.outbox.rows(16):
        for row in rows:
            await gateway.bench.post(Delivered(row.id, TARGET, row.incident, row.number, 1_001.0))
    await gateway.look(_LONGEST_S)
    assert sorted((await gateway.told())[2:]) == [
        ("restore", "upstream.broker", "away"),
        ("restore", "upstream.broker", "waiting"),
    ]


async def test_a_head_that_reports_nothing_is_told_and_what_it_hears_is_heard(
    gateway: Gateway,
) -> None:
    await gateway.look(60.0)
    gateway.heard = []
    await gateway.look(60.0)
    silent, deaf = ("radio.head", "silent"), ("gateway", "deaf")
    assert await gateway.told() == [("fault", *silent), ("fault", *deaf)]
    await gateway.press()
    gateway.heard = [Overheard("ble", None, 0, 5, 0)]
    await gateway.look(60.0)
    assert (await gateway.told())[2:] == [("restore", *silent), ("restore", *deaf)]


def _hello(caps: int) -> Callable[[HeadReport], Fault | Restore | None]:
    return lambda head: head.take_hello(Hello(1, caps, 1, 1), 1_000.0)


def _channel(dbm: int) -> Callable[[HeadReport], Fault | Restore | None]:
    return lambda head: head.take_channel(Channel(869_525_000, 9, dbm), 1_000.0)


@pytest.mark.parametrize(
    ("code", "well", "ill"),
    [
        ("lora_failed", _hello(_CAP_BLE | CAP_LORA), _hello(_CAP_BLE)),
        ("lora_settings", _channel(14), _channel(10)),
    ],
)
async def test_without_the_lora_that_was_set_ble_goes_on(
    code: str,
    well: Callable[[HeadReport], Fault | Restore | None],
    ill: Callable[[HeadReport], Fault | Restore | None],
    gateway: Gateway,
) -> None:
    head = HeadReport("radio.head", LoraConfig())
    _hello(_CAP_BLE | CAP_LORA)(head)
    for says, told in ((well, None), (ill, "fault"), (well, "restore")):
        head.settings()
        for _ in range(4):  # a head answers each setting, and only the last answer counts
            event = says(head)
            if event is not None:
                await gateway.bench.post(event)
        expected = [(told, "radio.head", code)] if told else []
        assert (await gateway.told())[-1:] == expected
        await gateway.press()
