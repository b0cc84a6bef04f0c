"""What systemd, D-Bus and udev are given: well-formed, and as closed as the service can be."""

import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

DEBIAN = Path(__file__).resolve().parents[3] / "gateway/packaging/debian"
SERVICES = ("tocsin-gateway.service", "tocsin-bluetooth-recovery.service")
UNITS = (*SERVICES, "tocsin-bluetooth-recovery.path")
EXPOSURE_MAX = {  # tenths
    "tocsin-gateway.service": 15,
    # It switches adapters, which are in the first network namespace alone and take CAP_NET_ADMIN.
    "tocsin-bluetooth-recovery.service": 21,
}


def settings(name: str) -> list[tuple[str, str]]:
    lines = (DEBIAN / name).read_text(encoding="utf-8").splitlines()
    return [
        (key, value)
        for key, _, value in (line.partition("=") for line in lines if not line.startswith("#"))
        if value or key.endswith("Set")
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_as_closed_as_it_can_be(name: str) -> None:
    argv = ["systemd-analyze", "security", "--no-pager", "--offline=true"]
    done = subprocess.run(
        [*argv, f"--threshold={EXPOSURE_MAX[name]}", DEBIAN / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_every_line(name: str) -> None:
    argv = ["systemd-analyze", "verify", "--no-pager", *(str(DEBIAN / unit) for unit in UNITS)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if str(DEBIAN / name) in line]
    assert said == []


def test_the_gateway_has_no_capability_and_only_its_devices() -> None:
    found = settings("tocsin-gateway.service")
    assert ("CapabilityBoundingSet", "") in found
    assert ("DevicePolicy", "closed") in found
    devices = {value for key, value in found if key == "DeviceAllow"}
    assert devices == {"char-ttyACM rw", "char-ttyUSB rw", "char-gpiochip rw"}


def test_it_is_started_again_whatever_ends_it_and_without_a_limit() -> None:
    found = dict(settings("tocsin-gateway.service"))
    assert (found["Restart"], found["StartLimitIntervalSec"]) == ("always", "0")
    assert (found["Type"], found["WatchdogSec"]) == ("notify", "60")


def test_it_waits_for_neither_the_network_nor_the_clock() -> None:
    text = (DEBIAN / "tocsin-gateway.service").read_text(encoding="utf-8")
    assert not re.search(r"network-online|network\.target|time-s", text)


def test_the_user_and_the_folders_are_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    file = DEBIAN / "tocsin-gateway.sysusers"
    subprocess.run(["systemd-sysusers", f"--root={tmp_path}", file], check=True)
    (line,) = [
        line
        for line in (tmp_path / "etc/passwd").read_text(encoding="utf-8").splitlines()
        if line.startswith("tocsin:")
    ]
    assert line.endswith(":Tocsin gateway:/var/lib/tocsin:/usr/sbin/nologin")
    lines = (DEBIAN / "tocsin-gateway.tmpfiles").read_text(encoding="utf-8").splitlines()
    made = {line.split()[1]: tuple(line.split()[2:5]) for line in lines if line.startswith("d ")}
    assert made == {
        "/var/lib/tocsin": ("0700", "tocsin", "tocsin"),
        "/run/tocsin": ("0750", "tocsin", "tocsin"),
        "/etc/tocsin": ("0750", "root", "tocsin"),
    }


def test_dbus_lets_it_ask_bluez_and_nobody_else() -> None:
    policy = ET.parse(DEBIAN / "tocsin-gateway.dbus.conf").getroot().find("policy")
    assert policy is not None
    assert policy.attrib == {"user": "tocsin"}
    assert [rule.attrib for rule in policy] == [{"send_destination": "org.bluez"}]


def test_bluez_scans_most_of_the_time_and_is_experimental() -> None:
    text = (DEBIAN / "bluetooth.conf").read_text(encoding="utf-8")
    told = dict(re.findall(r"^(\w+) = (\w+)$", text, re.MULTILINE))
    assert told["Experimental"] == "true"
    interval, window = int(told["ScanIntervalAdvMonitor"]), int(told["ScanWindowAdvMonitor"])
    assert 0.8 < window / interval < 1.0  # the rest is for our answers
    drop_in = (DEBIAN / "bluetooth.service.conf").read_text(encoding="utf-8")
    assert "--configfile=/usr/share/tocsin-gateway/bluetooth.conf" in drop_in


def test_the_request_that_starts_the_recovery_is_the_one_that_the_gateway_writes() -> None:
    (watched,) = [
        value for key, value in settings("tocsin-bluetooth-recovery.path") if key == "PathExists"
    ]
    assert watched == "/run/tocsin/recover-bluetooth"
    started = dict(settings("tocsin-bluetooth-recovery.service"))["ExecStart"]
    assert started.endswith(f" {watched}")
