"""A guest goes on from its saved state, obeys, and has an adapter while one is plugged in."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.virtual.guest import image
from tools.virtual.guest.adapter import Adapter
from tools.virtual.guest.agent_client import CommandFailed
from tools.virtual.guest.guest import Guest
from tools.virtual.realtime import RealTime
from tools.virtual.world import World

pytestmark = pytest.mark.slow
ADDRESS = bytes.fromhex("c0ffee000001")


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with Guest() as guest:
        guest.resume()
        yield guest


@pytest.fixture
def adapter(guest: Guest, tmp_path: Path) -> Iterator[Adapter]:
    world = RealTime(World(tmp_path))
    world.start()
    adapter = Adapter(world, guest.hci, "pi", ADDRESS)
    yield adapter
    adapter.unplug()
    world.stop()


def test_it_runs_commands_with_input_and_says_what_they_said(guest: Guest) -> None:
    assert guest.run("cat", given=b"\xc3\xa9t\xc3\xa9") == "été"
    assert guest.sh("echo out; echo err >&2") == "out\nerr\n"


def test_what_fails_or_takes_too_long_is_said(guest: Guest) -> None:
    with pytest.raises(CommandFailed, match="status 3"):
        guest.sh("exit 3")
    with pytest.raises(CommandFailed, match="status 124"):
        guest.run("sleep", "60", limit_s=0.2)
    with pytest.raises(CommandFailed, match="status 127"):
        guest.run("no-such-program")
    assert guest.run("no-such-program", check=False)


def test_large_files_arrive_whole(guest: Guest) -> None:
    data = bytes(range(256)) * 40_000
    guest.push(data, "/root/large")
    assert guest.run("wc", "-c", "/root/large").split()[0] == str(len(data))


def test_its_clock_is_right(guest: Guest) -> None:
    guest.set_clock()
    assert abs(float(guest.run("date", "+%s.%N")) - time.time()) < 2.0


def test_everything_has_started_and_no_network_is_there(guest: Guest) -> None:
    assert guest.run("systemctl", "is-system-running", check=False).strip() == "running"
    assert guest.run("ls", "/sys/class/net").split() == ["lo"]


def test_bluez_has_the_adapter_while_it_is_plugged_in(guest: Guest, adapter: Adapter) -> None:
    assert not guest.sh("ls /sys/class/bluetooth")
    adapter.plug()
    wait_for(guest, "bluetoothctl show C0:FF:EE:00:00:01 | grep 'Powered: yes'")
    adapter.unplug()
    wait_for(guest, 'test -z "$(ls /sys/class/bluetooth)"')


def test_its_name_changes_with_what_it_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    before = image.fingerprint()
    monkeypatch.setattr(image, "PACKAGES", (*image.PACKAGES, "hello"))
    assert image.fingerprint() != before


def wait_for(guest: Guest, script: str) -> None:
    """Wait until a script succeeds."""
    until_s = time.monotonic() + 20.0
    while "so it is" not in guest.sh(f"{script} && echo so it is", check=False):
        assert time.monotonic() < until_s, guest.sh(script, check=False)
        time.sleep(0.2)
