"""What a Raspberry Pi tells of itself, and a PC does not."""

from pathlib import Path

import pytest

from gateway.watching import machine


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="ascii")


@pytest.mark.parametrize(
    ("flags", "under_voltage", "throttled"),
    [("0", False, False), ("50005", True, True), ("50000", False, False), ("8", False, True)],
)
def test_power_and_heat_are_those_of_now_not_of_the_past(
    tmp_path: Path, flags: str, *, under_voltage: bool, throttled: bool
) -> None:
    write(tmp_path / "sys/devices/platform/soc/soc:firmware/get_throttled", flags)
    told = machine.sample(tmp_path, tmp_path)
    assert (told.under_voltage, told.throttled) == (under_voltage, throttled)


def test_where_the_firmware_is_silent_its_monitor_tells_of_the_voltage(tmp_path: Path) -> None:
    write(tmp_path / "sys/class/hwmon/hwmon0/name", "nvme")
    write(tmp_path / "sys/class/hwmon/hwmon1/name", "rpi_volt")
    write(tmp_path / "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1")
    told = machine.sample(tmp_path, tmp_path)
    assert (told.under_voltage, told.throttled) == (True, None)


def test_the_temperature_is_that_of_the_processor(tmp_path: Path) -> None:
    for number, (kind, temp) in enumerate([("cpu-thermal", "61375"), ("x86_pkg_temp", "99000")]):
        write(tmp_path / f"sys/class/thermal/thermal_zone{number}/type", kind)
        write(tmp_path / f"sys/class/thermal/thermal_zone{number}/temp", temp)
    assert machine.sample(tmp_path, tmp_path).celsius == 61.375


def test_a_computer_that_tells_nothing_is_only_asked_for_its_disk(tmp_path: Path) -> None:
    told = machine.sample(tmp_path, tmp_path / "nothing")
    assert (told.under_voltage, told.throttled, told.celsius) == (None, None, None)
    assert (told.disk_free_bytes or 0) > 0
    assert machine.sample(tmp_path / "gone", tmp_path).disk_free_bytes is None


def test_nonsense_is_not_judged(tmp_path: Path) -> None:
    write(tmp_path / "sys/devices/platform/soc/soc:firmware/get_throttled", "busy")
    assert machine.sample(tmp_path, tmp_path).throttled is None
