"""What survives a sleep, a reset and a power cut, and what each memory refuses, on the real MicroPython."""

from pathlib import Path

from tools.virtual.device import Device, Power
from tools.virtual.tests.scripted import REFUSED, Scripted, run

NVS = (
    REFUSED
    + """
from esp32 import NVS
nvs = NVS("space")
buffer = bytearray(4)
"""
)


def test_nvs_keeps_numbers_and_blobs(tmp_path: Path) -> None:
    source = NVS + (
        "nvs.set_i32('n', -5)\n"
        "nvs.set_blob('b', b'abc')\n"
        "nvs.commit()\n"
        "print(nvs.get_i32('n'), nvs.get_blob('b', buffer), bytes(buffer))\n"
        "nvs.erase_key('b')\n"
        "refused(OSError, nvs.get_blob, 'b', buffer)\n"
        "refused(OSError, NVS('other').get_i32, 'n')\n"
    )
    missing = f"OSError {-0x1102}"
    assert run(tmp_path, source) == [r"-5 3 b'abc\x00'", missing, missing]


def test_nvs_refuses_what_it_cannot_hold(tmp_path: Path) -> None:
    source = NVS + (
        "nvs.set_blob('b', b'abcde')\n"
        "refused(OSError, nvs.get_blob, 'b', buffer)\n"
        "refused(OSError, nvs.get_i32, 'b')\n"
        "refused(OverflowError, nvs.set_i32, 'n', 1 << 31)\n"
        "refused(OverflowError, nvs.set_i32, 'n', -(1 << 31) - 1)\n"
        "refused(OSError, nvs.set_i32, 'sixteen letters!', 1)\n"
        "refused(OSError, NVS, 'sixteen letters!')\n"
        "refused(OSError, nvs.erase_key, 'none')\n"
    )
    overflow = "OverflowError overflow converting long int to machine word"
    assert run(tmp_path, source) == [
        f"OSError {-0x110C}",
        f"OSError {-0x1102}",
        overflow,
        overflow,
        f"OSError {-0x1109}",
        f"OSError {-0x1109}",
        f"OSError {-0x1102}",
    ]


STARTS = """
import machine, time
rtc = machine.RTC()
print(machine.reset_cause(), machine.wake_reason(), len(rtc.memory()), time.ticks_ms(), time.time())
"""


def starts(scripted: Scripted, then: str, seconds: float = 3.0) -> Device:
    board = scripted.board(STARTS + then)
    board.power_on()
    scripted.world.run_for(seconds)
    return board


def test_rtc_memory_holds_2048_bytes_and_no_more(tmp_path: Path) -> None:
    source = REFUSED + (
        "from machine import RTC\n"
        "rtc = RTC()\n"
        "refused(ValueError, rtc.memory, bytes(2049))\n"
        "rtc.memory(b'x' * 2048)\n"
        "print(len(rtc.memory()))\n"
    )
    assert run(tmp_path, source) == ["ValueError buffer too long", "2048"]


def test_deep_sleep_keeps_memory_and_seconds_and_restarts_ticks(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        then = (
            "if not rtc.memory():\n"
            "    time.sleep_ms(650)\n"
            "    rtc.memory(b'kept')\n"
            "    machine.deepsleep(10_000)\n"
        )
        starts(scripted, then, 20)
        # the second start comes after 1 s of running, 10 s of sleep and 0.35 s of boot
        assert scripted.printed() == ["1 0 0 350 0", "4 4 4 350 11"]


def test_reset_keeps_memory_and_a_power_cut_does_not(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        then = "if not rtc.memory():\n    rtc.memory(b'kept')\n    machine.reset()\n"
        board = starts(scripted, then)
        assert scripted.printed() == ["1 0 0 350 0", "2 0 4 350 0"]
        board.power_cut()
        scripted.world.run_for(5)
        board.power_on()
        scripted.world.run_for(0.5)
        assert scripted.printed()[2] == "1 0 0 350 0"


def test_watchdog_bites_a_program_that_hangs(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        then = (
            "if not rtc.memory():\n"
            "    rtc.memory(b'kept')\n"
            "    wdt = machine.WDT(timeout=2_000)\n"
            "    for _ in range(5):\n"
            "        time.sleep_ms(1_900)\n"
            "        wdt.feed()\n"
            "    print('fed')\n"
            "    time.sleep_ms(100_000)\n"
        )
        starts(scripted, then, 30)
        assert scripted.printed() == ["1 0 0 350 0", "fed", "3 0 4 350 12"]


def test_a_pin_wakes_it_and_one_already_low_at_once(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        then = (
            "import esp32\n"
            "esp32.wake_on_gpio([machine.Pin(3, machine.Pin.IN)], esp32.WAKEUP_ALL_LOW)\n"
            "if machine.wake_reason(): time.sleep_ms(1_000)\n"
            "machine.deepsleep()\n"
        )
        board = starts(scripted, then)
        board.drive(2, 0)
        scripted.world.run_for(3)
        assert board.power is Power.SLEEPING
        board.drive(3, 0)
        scripted.world.run_for(2.0)
        board.drive(3, 1)
        scripted.world.run_for(3)
        assert [line.split()[:2] for line in scripted.printed()] == [["1", "0"]] + [["4", "7"]] * 2
        assert board.power is Power.SLEEPING
