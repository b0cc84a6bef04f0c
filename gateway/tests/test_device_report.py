"""What `devices` shows of supervision."""

from pathlib import Path

from gateway.tests.bench import Bench
from gateway.tests.builders import DEVICE
from gateway.watching.device_report import read_reports
from gateway.watching.duty import Rule
from gateway.watching.presence import Day, Presence, Standing, Watched


async def test_state_faults_and_battery_are_shown_and_what_is_not_known_is_none(
    tmp_path: Path,
) -> None:
    bench = await Bench(tmp_path).open()
    (report,) = (await bench.store.read(lambda one: read_reports(one, ()))).values()
    assert [name for name, value in report.items() if value] == []
    batch = bench.ledger.batch()
    batch.watched[DEVICE] = Watched(Presence.LATE, 1_000.0)
    batch.standing[DEVICE, "mains_lost"] = Standing(0, 900.0)
    batch.voltages[DEVICE] = Day(20_000, 2_910)
    await bench.store.commit(batch)
    rules = (Rule(role="button", chemistry="li_mno2"),)
    (report,) = (await bench.store.read(lambda one: read_reports(one, rules))).values()
    assert (report["supervision"], report["since"]) == ("late", 1_000.0)
    assert report["faults"] == ["mains_lost"]
    assert report["fault_values"] == {"mains_lost": 0}
    assert report["faults_since"] == {"mains_lost": 900.0}
    battery = report["battery"]
    assert isinstance(battery, dict)
    assert (battery["percent"], battery["reason"]) == (46, "too_few_days")
    await bench.store.close()
