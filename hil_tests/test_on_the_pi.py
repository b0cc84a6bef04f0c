"""The package on a Debian with systemd and real BlueZ, which hears the real firmware on the virtual air.

One guest for all scenarios of this file, in their order: each leaves the gateway running and the air free.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.demonstration.pi import RADIO, UNIT, Pi
from tools.package.build import build
from tools.package.earlier import build_earlier
from tools.virtual.guest.image import ARCHITECTURE, suite

pytestmark = pytest.mark.slow
INSTALLS_WITHIN_S = 300.0  # emulated, beside all other tests; `tocsin bench pi` has the bar
MOST_EXPOSED = 1.5
COMES_BACK_WITHIN_S = 90.0  # the bar for being deaf
HANGS_WITHIN_S = 20.0  # so long before systemd kills what hangs; the package's unit waits a minute
_IMPATIENT = f"""
mkdir -p /etc/systemd/system/{UNIT}.d
printf '[Service]\\nWatchdogSec={HANGS_WITHIN_S:.0f}\\n' > /etc/systemd/system/{UNIT}.d/bench.conf
"""
_OF_1970_S = 86_400.0  # Linux sets no clock back behind its own start
# By somebody who is not root: what root keeps for itself stays free. The last few blocks one by one.
_FILL = """
setpriv --reuid=nobody --clear-groups sh -c '
    cd /var/tmp
    fallocate -l "$(df --output=avail -B1 . | tail -n 1)" filling || true
    cat /dev/zero > filling-too || true
' 2> /dev/null
sync
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(suite(), ARCHITECTURE, tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Iterator[Pi]:
    site = Pi(tmp_path_factory.mktemp("pi"))
    try:
        site.start()
        site.guest.sh(_IMPATIENT)
        site.install(package)
        yield site
    finally:
        site.close()


@pytest.fixture(autouse=True)
def well(pi: Pi) -> None:
    """Let whatever an earlier scenario has left broken not be this one's."""
    pi.adapter.set_fault()
    if not pi.adapter.plugged:
        pi.adapter.plug()


def alert(pi: Pi, within_s: float = COMES_BACK_WITHIN_S) -> str:
    """Press, feel that it was received; withdraw it, so that the button sleeps; return the incident."""
    stored, received = pi.lines("stored"), pi.feels("received")
    pi.press()
    assert pi.wait(received, within_s)
    [incident] = {line["incident"] for line in stored()}
    withdraw(pi)
    return incident


def withdraw(pi: Pi) -> None:
    """Take the alert back."""
    cancelled = pi.feels("cancelled")
    pi.withdraw()
    assert pi.wait(cancelled, COMES_BACK_WITHIN_S)
    assert pi.wait(pi.asleep)


def test_it_is_installed_and_runs(pi: Pi) -> None:
    assert pi.install_s <= INSTALLS_WITHIN_S
    assert pi.wait(pi.asleep)  # the button has said that it lives


def test_its_unit_is_hardened(pi: Pi) -> None:
    said = pi.guest.run("systemd-analyze", "security", "--no-pager", UNIT)
    found = re.search(r"exposure level for .*: ([0-9.]+)", said)
    assert found is not None
    assert float(found[1]) <= MOST_EXPOSED


def test_an_alert_is_heard_through_bluez_and_answered_until_help_comes(pi: Pi) -> None:
    stored, received, helped = pi.lines("stored"), pi.feels("received"), pi.feels("help")
    pi.press()
    assert pi.wait(received)
    [line] = stored()
    pi.ask("acknowledge", line["incident"], "--by", "desk")
    assert pi.wait(helped)
    assert pi.wait(pi.asleep)


def test_it_comes_back_when_it_was_killed(pi: Pi) -> None:
    killed = pi.main_pid()
    pi.signal("KILL")
    alert(pi)
    assert pi.main_pid() not in (0, killed)


def test_one_that_hangs_is_killed_and_started_anew(pi: Pi) -> None:
    hung = pi.main_pid()
    pi.signal("STOP")
    alert(pi, HANGS_WITHIN_S + COMES_BACK_WITHIN_S)
    assert pi.main_pid() not in (0, hung)


def test_an_adapter_that_is_pulled_out_is_told_of_and_used_again(pi: Pi) -> None:
    told = pi.lines("fault", source=RADIO, code="link_down")
    pi.adapter.unplug()
    assert pi.wait(told)
    restored = pi.lines("restore", source=RADIO, code="link_down")
    pi.adapter.plug()
    assert pi.wait(restored, COMES_BACK_WITHIN_S)
    alert(pi)


def test_an_adapter_that_hangs_until_it_is_reset_is_reset(pi: Pi) -> None:
    pi.adapter.set_fault(hung=True, mends=True)
    alert(pi)


def test_one_that_hears_nothing_until_it_scans_anew_is_told_to(pi: Pi) -> None:
    pi.adapter.set_fault(deaf=True, mends=True)
    alert(pi)


def test_it_outlives_bluetoothd(pi: Pi) -> None:
    gateway = pi.main_pid()
    pi.signal("KILL", "bluetooth.service")
    alert(pi)
    assert pi.main_pid() == gateway


def test_it_starts_with_a_clock_of_1970(pi: Pi) -> None:
    pi.guest.run("systemctl", "stop", UNIT)
    pi.guest.set_clock(_OF_1970_S)
    pi.guest.run("systemctl", "start", UNIT)
    before = alert(pi)
    pi.guest.set_clock()
    after = alert(pi)
    assert {before, after} <= set(pi.incidents())


def test_a_full_disk_loses_no_alert(pi: Pi) -> None:
    """Where root fills its own part of it, too, nobody is told STORED."""
    pi.guest.sh(_FILL)
    assert pi.guest.sh("df --output=avail / | tail -n 1").strip() == "0"
    try:
        incident = alert(pi)
    finally:
        pi.guest.sh("rm /var/tmp/filling*; sync")
    assert incident in pi.incidents()


def test_what_was_felt_outlives_a_power_cut(pi: Pi) -> None:
    before = pi.incidents()
    received = pi.feels("received")
    pi.press()
    assert pi.wait(received)
    pi.adapter.unplug()
    pi.guest.power_cut()
    pi.guest.boot()
    pi.adapter.plug()
    withdraw(pi)
    assert len(set(pi.incidents()) - set(before)) == 1
    assert set(before) <= set(pi.incidents())


def test_the_way_back_to_the_earlier_package_and_up_again_keeps_every_incident(
    pi: Pi, package: Path, tmp_path: Path
) -> None:
    known = set(pi.incidents())
    assert known
    for deb in (build_earlier(suite(), ARCHITECTURE, tmp_path), package):
        pi.replace(deb)
        known.add(alert(pi))
        assert set(pi.incidents()) == known
    told = json.loads(pi.ask("incidents", "--json"))
    assert {one["incident"] for one in told} == known
