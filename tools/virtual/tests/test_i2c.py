"""I2C of a board: registers that keep what is written, and nobody at other addresses."""

from pathlib import Path

from tools.virtual.chips import S3
from tools.virtual.tests.scripted import Scripted

SOURCE = (
    "from machine import I2C, Pin\n"
    "bus = I2C(1, sda=Pin(42), scl=Pin(41), freq=100_000)\n"
    "bus.writeto_mem(0x34, 0x90, b'\\x05\\x06')\n"
    "print(bus.readfrom_mem(0x34, 0x8F, 4))\n"
    "for transfer in (lambda: bus.writeto_mem(0x35, 0, b'0'), lambda: bus.readfrom_mem(0x35, 0, 1)):\n"
    "    try:\n"
    "        transfer()\n"
    "    except OSError as error:\n"
    "        print(error.errno)\n"
)


def test_a_chip_keeps_its_registers_and_nobody_answers_elsewhere(tmp_path: Path) -> None:
    with Scripted(tmp_path) as scripted:
        board = scripted.board(SOURCE, chip=S3)
        registers = board.i2c.fit(0x34)
        registers[0x8F] = 1
        board.power_on()
        scripted.world.run_for(1)
        assert scripted.printed() == [r"b'\x01\x05\x06\x00'", "19", "19"]
        assert registers[0x90:0x92] == b"\x05\x06"
        assert board.i2c.pins == (42, 41)
