"""The one thing done as root: it obeys a request of two words, once, and believes nothing else."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "gateway/packaging/debian/bluetooth-recovery"


class Machine:
    """A /sys of our own, and a systemctl that only notes what it was told."""

    def __init__(self, folder: Path) -> None:
        self.sys = folder / "sys"
        self.request = folder / "recover-bluetooth"
        self.told = folder / "told"
        self._bin = folder / "bin"
        self._bin.mkdir()
        for name, does in (("systemctl", f'echo "$@" >>{self.told}'), ("sleep", ":")):
            (self._bin / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
            (self._bin / name).chmod(0o755)
        (self.sys / "class/bluetooth").mkdir(parents=True)
        (self.sys / "bus/usb/devices").mkdir(parents=True)

    def usb(self, name: str, adapter: str | None, kind: str = "e0") -> Path:
        """Plug a device in; return its `authorized`."""
        device = self.sys / "devices" / name
        interface = device / f"{name}:1.0"
        interface.mkdir(parents=True)
        (device / "authorized").write_text("1\n", encoding="utf-8")
        (device / "bDeviceClass").write_text(f"{kind}\n", encoding="utf-8")
        (self.sys / "bus/usb/devices" / name).symlink_to(device)
        if adapter:
            there = interface / "bluetooth" / adapter
            there.mkdir(parents=True)
            (there / "device").symlink_to(interface)
            (self.sys / "class/bluetooth" / adapter).symlink_to(there)
        return device / "authorized"

    def serial(self, adapter: str) -> Path:
        """Solder an adapter to a serial line; return the folder of its driver."""
        driver = self.sys / "drivers/hci_uart_bcm"
        driver.mkdir(parents=True)
        for name in ("bind", "unbind"):
            (driver / name).touch()
        device = self.sys / "devices/serial0-0"
        there = device / "bluetooth" / adapter
        there.mkdir(parents=True)
        (device / "driver").symlink_to(driver)
        (there / "device").symlink_to(device)
        (self.sys / "class/bluetooth" / adapter).symlink_to(there)
        return driver

    def run(self, request: str | None) -> subprocess.CompletedProcess[str]:
        if request is not None:
            self.request.write_text(request, encoding="utf-8")
        env = {"PATH": f"{self._bin}:{os.environ['PATH']}"}
        argv = ["sh", *map(str, (SCRIPT, self.request, self.sys))]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        assert not self.request.exists()
        return done

    @property
    def restarted(self) -> bool:
        return self.told.exists() and "restart bluetooth.service" in self.told.read_text(
            encoding="utf-8"
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("request_", ["hci0 restart\n", "hci0\n", "hci12"])
def test_bluetoothd_is_started_anew_and_no_adapter_is_touched(
    machine: Machine, request_: str
) -> None:
    machine.usb("1-1", "hci0")
    done = machine.run(request_)
    assert (done.returncode, machine.restarted) == (0, True)
    assert "unplugging" not in done.stderr


def test_an_adapter_by_usb_is_unplugged_and_plugged_in_and_no_other(machine: Machine) -> None:
    machine.usb("1-1", "hci0")
    machine.usb("1-2", "hci1")
    done = machine.run("hci1 reset\n")
    assert (done.returncode, machine.restarted) == (0, True)
    assert "unplugging 1-2" in done.stderr
    assert "1-1" not in done.stderr


def test_unplugged_is_0_and_plugged_in_is_1(machine: Machine, tmp_path: Path) -> None:
    authorized = machine.usb("1-1", "hci0")
    authorized.unlink()
    os.mkfifo(authorized)
    reader = subprocess.Popen(["timeout", "5", "sh", "-c", f"cat {authorized}; cat {authorized}"],
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
    machine.run("hci0 reset\n")
    written, _ = reader.communicate()
    assert written.split() == ["0", "1"]


def test_the_adapter_of_a_raspberry_pi_is_let_go_and_taken_again(machine: Machine) -> None:
    driver = machine.serial("hci0")
    assert machine.run("hci0 reset\n").returncode == 0
    for name in ("unbind", "bind"):
        assert (driver / name).read_text(encoding="utf-8") == "serial0-0\n"


def test_of_one_that_is_gone_whatever_is_bluetooth_is_plugged_in_again(machine: Machine) -> None:
    machine.usb("1-1", None)
    machine.usb("1-2", None, kind="03")
    done = machine.run("hci0 reset\n")
    assert (done.returncode, machine.restarted) == (0, True)
    assert "unplugging 1-1" in done.stderr
    assert "1-2" not in done.stderr


@pytest.mark.parametrize(
    "request_",
    [
        "",
        "hci",
        "hci0 burn",
        "../../etc",
        "hci0/../x reset",
        "hci123 reset",
        "$(reboot) reset",
        "\0\0",
    ],
)
def test_what_is_no_request_does_nothing_and_is_gone(machine: Machine, request_: str) -> None:
    machine.usb("1-1", "hci0")
    done = machine.run(request_)
    assert (done.returncode, machine.restarted) == (1, False)
    assert "unplugging" not in done.stderr


def test_a_link_is_not_followed_and_not_read(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("hci0 reset\n", encoding="utf-8")
    machine.request.symlink_to(tmp_path / "elsewhere")
    done = machine.run(None)
    assert done.returncode == 1
    assert (tmp_path / "elsewhere").exists()


def test_a_request_that_is_gone_already_is_none(machine: Machine) -> None:
    assert machine.run(None).returncode == 1
