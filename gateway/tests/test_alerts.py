"""The alert rules and the dashboard that are shipped: checked by Prometheus' own tool, each rule seen to
fire and to keep quiet, and none of them asks for a metric that the gateway does not have."""

import json
import re
import subprocess
from pathlib import Path

import pytest

import gateway
from gateway.telemetry.metrics import Metrics
from tools import promtool

PACKAGING = Path(gateway.__file__).parent / "packaging"
RULES = PACKAGING / "alerts.yml"
DASHBOARD = PACKAGING / "dashboard.json"

# alert: the series by which it fires, and by which it does not, over an hour of minutes.
CASES = {
    "TocsinGatewayGone": ('up{job="tocsin"}', "1x3 0x60", "1x60"),
    "TocsinNobodyAnswers": ('tocsin_incidents{state="open"}', "1x60", "1x3 0x60"),
    "TocsinNobodyIsTold": ('tocsin_upstream_up{target="broker"}', "0x60", "0x0 1x60"),
    "TocsinUpstreamDown": ('tocsin_upstream_up{target="broker"}', "0x60", "0x3 1x60"),
    "TocsinOutboxWaits": ('tocsin_outbox_oldest_seconds{target="broker"}', "0+60x60", "200x60"),
    "TocsinRadioDown": ('tocsin_radio_up{radio="head"}', "0x60", "1x60"),
    "TocsinFault": ('tocsin_fault{source="store",code="damaged"}', "1x60", "_x60"),
    "TocsinDeviceMissing": (
        'tocsin_device_unheard{device="b",state="missing"}',
        "_x50 1x10",
        "_x60",
    ),
    "TocsinDeviceFault": ('tocsin_device_fault{device="b",code="tamper"}', "1x60", "1x3 _x57"),
    "TocsinSlowToStore": ('tocsin_commit_seconds_bucket{le="+Inf"}', "0+9x60", "0x60"),
    "TocsinFlood": ('tocsin_frames_total{result="bad_tag"}', "0+60000x60", "0+600x60"),
    "TocsinFramesDropped": ("tocsin_frames_dropped_total", "0x52 1x8", "7x60"),
    "TocsinRestarts": ("tocsin_start_time_seconds", "0+60x60", "5x60"),
    "TocsinMemory": ("tocsin_resident_memory_bytes", "200000000x60", "80000000x60"),
}
# A quantile needs more than one bucket.
BESIDE = {"TocsinSlowToStore": {'tocsin_commit_seconds_bucket{le="1"}': "0+1x60"}}


@pytest.fixture(scope="module")
def tool() -> Path:
    return promtool.command()


def run(tool: Path, *arguments: str | Path, given: str = "") -> None:
    done = subprocess.run(
        [tool, *arguments], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_good(tool: Path) -> None:
    run(tool, "check", "rules", "--lint=all", "--lint-fatal", RULES)


def test_every_rule_is_tried() -> None:
    assert set(re.findall(r"alert: (\w+)", RULES.read_text(encoding="utf-8"))) == set(CASES)


@pytest.mark.slow
def test_every_rule_fires_when_it_should_and_only_then(tool: Path, tmp_path: Path) -> None:
    groups = []
    for alert, (series, fires, quiet) in CASES.items():
        for values, firing in ((fires, True), (quiet, False)):
            beside = BESIDE.get(alert, {}) if firing else {}
            groups.append(_group(alert, {series: values, **beside}, firing=firing))
    file = tmp_path / "cases.json"
    cases = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": groups}
    file.write_text(json.dumps(cases), encoding="utf-8")
    run(tool, "test", "rules", file)


def test_the_case_file_can_fail(tool: Path, tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    series, fires, _ = CASES["TocsinRadioDown"]
    group = _group("TocsinRadioDown", {series: fires}, firing=False)
    file.write_text(json.dumps({"rule_files": [str(RULES)], "tests": [group]}), encoding="utf-8")
    with pytest.raises(AssertionError, match="FAILED"):
        run(tool, "test", "rules", file)


def test_the_dashboard_asks_what_prometheus_understands(tool: Path, tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(_expressions())
    ]
    file = tmp_path / "panels.json"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    run(tool, "check", "rules", "--lint=none", file)


def test_rules_and_dashboard_ask_for_metrics_that_there_are() -> None:
    there = set(re.findall(r"# TYPE (\S+)", Metrics().text({"at": 0.0}).decode()))
    asked = set(re.findall(r"tocsin_\w+", RULES.read_text(encoding="utf-8")))
    asked |= set(re.findall(r"tocsin_\w+", " ".join(_expressions())))
    assert {name.removesuffix("_bucket") for name in asked} <= there


def _expressions() -> list[str]:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert found
    return [expr.replace("$__rate_interval", "5m").replace("$instance", ".*") for expr in found]


def _group(alert: str, series: dict[str, str], *, firing: bool) -> dict[str, object]:
    """Return a case of promtool: after an hour the alert fires once, or not at all."""
    expected = [{"labels": "{}", "value": 1}] if firing else []
    return {
        "interval": "1m",
        "name": f"{alert} {'fires' if firing else 'keeps quiet'}",
        "input_series": [{"series": name, "values": given} for name, given in series.items()],
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})',
                "eval_time": "59m",
                "exp_samples": expected,
            }
        ],
    }
