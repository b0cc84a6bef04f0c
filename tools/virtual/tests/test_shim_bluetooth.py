"""The radio shim refuses what the port refuses, on the real MicroPython."""

from pathlib import Path

from tools.virtual.ble_air import ADV_IND, ADV_SCAN_IND, BleRadio, Report
from tools.virtual.tests.scripted import REFUSED, Scripted, run

BLE = (
    REFUSED
    + """
import bluetooth, time
ble = bluetooth.BLE()
"""
)


def test_radio_must_be_active_and_takes_its_time(tmp_path: Path) -> None:
    source = BLE + (
        "refused(OSError, ble.gap_advertise, 30_000, b'')\n"
        "refused(OSError, ble.gap_scan, 0, 30_000, 30_000)\n"
        "refused(OSError, ble.config, 'mac')\n"
        "start = time.ticks_ms()\n"
        "ble.active(True)\n"
        "print(time.ticks_diff(time.ticks_ms(), start), ble is bluetooth.BLE())\n"
    )
    assert run(tmp_path, source) == ["OSError 19"] * 3 + ["200 True"]


def test_adverts_have_a_shortest_interval_and_a_longest_payload(tmp_path: Path) -> None:
    source = BLE + (
        "ble.active(True)\n"
        "refused(OSError, ble.gap_advertise, 19_999, bytes(31))\n"
        "refused(OSError, ble.gap_advertise, 20_000, bytes(32))\n"
        "refused(OSError, ble.gap_advertise, 20_000, bytes(31), resp_data=bytes(32))\n"
        "refused(OSError, ble.gap_advertise, 20_000, bytes(31))\n"
    )
    assert [line.split()[0] for line in run(tmp_path, source)] == ["OSError"] * 3 + ["allowed"]


def test_scan_windows_are_checked_and_scans_do_not_nest(tmp_path: Path) -> None:
    source = BLE + (
        "ble.active(True)\n"
        "refused(OSError, ble.gap_scan, 0, 2_000, 2_000)\n"
        "refused(OSError, ble.gap_scan, 0, 30_000, 30_001)\n"
        "ble.gap_scan(0, 30_000, 30_000)\n"
        "refused(OSError, ble.gap_scan, 0, 30_000, 30_000)\n"
    )
    assert run(tmp_path, source) == ["OSError 22", "OSError 22", "OSError 114"]


def test_address_changes_only_while_nothing_is_on_air(tmp_path: Path) -> None:
    source = BLE + (
        "def address():\n"
        "    return ble.config('mac')\n"
        "ble.active(True)\n"
        "public = address()\n"
        "ble.config(addr_mode=3)\n"
        "first = address()\n"
        "ble.gap_advertise(30_000, b'x')\n"
        "ble.config(addr_mode=3)\n"
        "print(public[0], first[0], first[1][0] >> 6, address() == first)\n"
        "ble.gap_advertise(None)\n"
        "ble.gap_scan(0, 30_000, 30_000)\n"
        "ble.config(addr_mode=3)\n"
        "print(address() == first)\n"
        "ble.gap_scan(None)\n"
        "ble.config(addr_mode=3)\n"
        "print(address() == first)\n"
    )
    assert run(tmp_path, source) == ["0 1 0 True", "True", "False"]


def test_stopping_a_scan_tells_so_inside_the_call(tmp_path: Path) -> None:
    source = BLE + (
        "ble.irq(lambda event, data: print('irq', event, data))\n"
        "ble.active(True)\n"
        "ble.gap_scan(0, 30_000, 30_000)\n"
        "print('before')\n"
        "ble.gap_scan(None)\n"
        "print('after')\n"
        "ble.gap_scan(None)\n"
        "ble.gap_scan(500, 30_000, 30_000)\n"
        "time.sleep_ms(499)\n"
        "print('499')\n"
        "time.sleep_ms(2)\n"
    )
    assert run(tmp_path, source) == ["before", "irq 6 ()", "after", "499", "irq 6 ()"]


def advertiser(scripted: Scripted) -> BleRadio:
    radio = scripted.world.ble.radio("sender", lambda _report: None)
    radio.advertise(20_000, Report(1, b"\x31" * 6, ADV_SCAN_IND, 0, b"tocsin"))
    return radio


HEARD = (
    BLE
    + """
kept = []
def irq(event, data):
    if event == 5:
        kept.append((bytes(data[4]), data[1], data[4], data[0], bytes(data[1]), data[2]))
        raise_it()
ble.irq(irq)
ble.active(True)
ble.gap_scan(0, 30_000, 30_000)
"""
)


def test_memoryviews_die_with_the_handler(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        advertiser(scripted)
        lines = scripted.run(
            "def raise_it(): pass\n"
            + HEARD
            + "time.sleep_ms(100)\n"
            + "for copy, address, payload, kind, copied, adv_type in kept[:1]:\n"
            + "    print(copy, kind, copied[0], adv_type, bytes(payload) == copy, bytes(address)[0])\n"
        )
    assert lines == ["b'tocsin' 1 49 2 False 221"]


def test_a_handler_that_raises_is_never_called_again(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        advertiser(scripted)
        lines = scripted.run(
            "def raise_it(): raise ValueError('mine')\n"
            + HEARD
            + "time.sleep_ms(500)\n"
            + "print(len(kept))\n"
            + "ble.irq(irq)\n"
            + "time.sleep_ms(500)\n"
            + "print(len(kept))\n"
        )
    assert [line for line in lines if line.isdigit()] == ["1", "2"]
    assert "ValueError: mine" in lines


def test_scans_never_deduplicate(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        advertiser(scripted)
        lines = scripted.run(
            "def raise_it(): pass\n" + HEARD + "time.sleep_ms(2_000)\nprint(len(kept))\n"
        )
    assert int(lines[0]) > 60


def test_adverts_that_are_not_connectable_are_scannable(tmp_path: Path) -> None:
    heard: list[Report] = []
    with Scripted(tmp_path) as scripted:
        scripted.world.ble.radio("listener", heard.append).scan(30_000, 30_000)
        scripted.run(
            BLE
            + "ble.active(True)\n"
            + "ble.gap_advertise(20_000, b'a', connectable=False)\n"
            + "time.sleep_ms(200)\n"
            + "ble.gap_advertise(20_000, connectable=True)\n"
            + "time.sleep_ms(200)\n"
        )
    assert {(one.adv_type, one.data) for one in heard} == {(ADV_SCAN_IND, b"a"), (ADV_IND, b"a")}
