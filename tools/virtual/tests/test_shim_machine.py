"""Pins, serial lines, interrupts and time of the shims, on the real MicroPython."""

from pathlib import Path

import pytest

from tools.virtual.chips import C3, S3
from tools.virtual.tests.scripted import REFUSED, Scripted, run


def test_pins_the_chip_does_not_bring_out(tmp_path: Path) -> None:
    source = REFUSED + (
        "from machine import Pin\n"
        "for gpio in (11, 12, 17, 18, 22, -1):\n"
        "    refused(ValueError, Pin, gpio, Pin.IN)\n"
    )
    bad = "ValueError invalid pin"
    good = "allowed ({}, 1) {{}}"
    expected = [good.format(11), bad, bad, good.format(18), bad, bad]
    assert run(tmp_path, source) == expected


def test_wake_pins_are_rtc_pins(tmp_path: Path) -> None:
    source = REFUSED + (
        "import esp32\n"
        "from machine import Pin\n"
        "for gpio in (5, 6):\n"
        "    refused(ValueError, esp32.wake_on_gpio, [Pin(gpio, Pin.IN)], esp32.WAKEUP_ALL_LOW)\n"
        "refused(TypeError, esp32.wake_on_gpio, [3], esp32.WAKEUP_ALL_LOW)\n"
        "print(hasattr(esp32, 'wake_on_ext0'), hasattr(esp32, 'wake_on_ext1'))\n"
    )
    allowed, *refused, ext = run(tmp_path, source)
    assert allowed.startswith("allowed")
    assert [line.split()[0] for line in refused] == ["ValueError", "TypeError"]
    assert ext == "False False"


def test_uarts_pins_and_buffers_are_checked(tmp_path: Path) -> None:
    source = REFUSED + (
        "from machine import UART\n"
        "refused(ValueError, UART, 2, tx=20, rx=21)\n"
        "refused(ValueError, UART, 1, tx=13, rx=21)\n"
        "refused(ValueError, UART, 1, tx=20, rx=21, rxbuf=64)\n"
        "refused(ValueError, UART, 1, tx=20, rx=21)\n"
    )
    lines = run(tmp_path, source)
    assert [line.split()[0] for line in lines] == ["ValueError"] * 3 + ["allowed"]


def test_interrupts_do_not_nest_and_their_errors_do_not_spread(tmp_path: Path) -> None:
    source = (
        "import time\n"
        "from machine import Pin\n"
        "depth = deepest = calls = 0\n"
        "def edge(pin):\n"
        "    global depth, deepest, calls\n"
        "    depth += 1\n"
        "    deepest = max(deepest, depth)\n"
        "    calls += 1\n"
        "    time.sleep_ms(30)\n"
        "    depth -= 1\n"
        "    raise ValueError('in the handler')\n"
        "pin = Pin(3, Pin.IN, Pin.PULL_UP)\n"
        "pin.irq(edge)\n"
        "time.sleep_ms(400)\n"
        "print(deepest, calls)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.power_on()
        scripted.world.run_for(0.4)
        for level in (0, 1, 0, 1):
            board.drive(3, level)
            scripted.world.run_for(0.01)
        scripted.world.run_for(2)
        lines = scripted.printed()
    assert lines[-1] == "1 4"
    assert lines.count("ValueError: in the handler") == 4


def test_ticks_wrap_as_on_the_board(tmp_path: Path) -> None:
    source = REFUSED + (
        "import time\n"
        "before = time.ticks_ms()\n"
        "time.sleep((1 << 30) // 1000 - 1)\n"
        "late = time.ticks_ms()\n"
        "time.sleep(2)\n"
        "after = time.ticks_ms()\n"
        "print(late > before, after < late, time.ticks_diff(after, late))\n"
        "print(time.ticks_add((1 << 30) - 1, 2), time.ticks_diff(0, (1 << 30) - 1))\n"
        "refused(OverflowError, time.ticks_add, 0, 1 << 29)\n"
    )
    lines = run(tmp_path, source, 14 * 24 * 3600)
    assert lines == ["True True 2000", "1 1", "OverflowError ticks interval overflow"]


def test_serial_input_beyond_the_buffer_is_lost(tmp_path: Path) -> None:
    source = (
        "import time\n"
        "from machine import UART\n"
        "uart = UART(1, 115200, tx=20, rx=21, rxbuf=256)\n"
        "print(uart.read())\n"
        "time.sleep_ms(1_000)\n"
        "print(uart.any(), uart.lost, uart.read(3), len(uart.read()), uart.read())\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        board.power_on()
        scripted.world.run_for(0.4)
        for _ in range(3):
            board.uart_feed(b"x" * 100)
        scripted.world.run_for(2)
        assert scripted.printed() == ["None", "256 44 b'xxx' 253 None"]


def test_serial_output_takes_its_time_and_a_full_buffer_refuses(tmp_path: Path) -> None:
    source = (
        "from machine import UART\n"
        "uart = UART(1, 9600, tx=20, rx=21, txbuf=256)\n"
        "print(uart.write(b'a' * 200), uart.write(b'b' * 200), uart.write(b'c'))\n"
        "import time\n"
        "time.sleep_ms(1_000)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source)
        got: list[tuple[int, bytes]] = []
        board.on_uart = lambda data: got.append((scripted.world.clock.now_us, data))
        board.power_on()
        scripted.world.run_for(2)
        assert scripted.printed() == ["200 56 None"]
        assert b"".join(data for _, data in got) == b"a" * 200 + b"b" * 56
        assert got[-1][0] - 350_000 == pytest.approx(256 * 10 / 9600 * 1_000_000, rel=0.01)


@pytest.mark.parametrize(("chip", "pin"), [(C3, 21), (S3, 48)])
def test_outputs_are_seen_from_outside_and_fall_with_the_power(
    tmp_path: Path, chip: object, pin: int
) -> None:
    source = (
        "import time\n"
        "from machine import Pin\n"
        f"led = Pin({pin}, Pin.OUT, value=1)\n"
        "time.sleep_ms(100)\n"
        "led.off()\n"
        "led.on()\n"
        "time.sleep(10)\n"
    )
    with Scripted(tmp_path) as scripted:
        board = scripted.board(source, chip=C3 if chip is C3 else S3)
        levels: list[int] = []
        board.watch(pin, levels.append)
        board.power_on()
        scripted.world.run_for(1)
        board.power_cut()
        assert levels == [1, 0, 1, 0]
