"""The loader answers as documented, and refuses what a real one refuses."""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.virtual.bare import loader_packets as packets
from tools.virtual.bare.flash_file import FlashFile
from tools.virtual.bare.loader import Loader
from tools.virtual.bare.rom_chip import ESP32C3
from tools.virtual.bare.slip import Deframer, frame

MAC = bytes.fromhex("240ac4000001")
ATTACH = struct.pack("<II", 0, 0)


@pytest.fixture
def flash(tmp_path: Path) -> Iterator[FlashFile]:
    with FlashFile(tmp_path / "flash", 1 << 20) as chip:
        yield chip


@pytest.fixture
def loader(flash: FlashFile) -> Loader:
    return Loader(ESP32C3, MAC, flash)


def ask(loader: Loader, command: int, data: bytes = b"", check: int = 0) -> list[bytes]:
    packet = struct.pack("<BBHI", 0, command, len(data), check) + data
    deframer = Deframer()
    return [found for part in loader.feed(frame(packet)) for found in deframer.feed(part)]


def block(number: int, data: bytes) -> tuple[bytes, int]:
    return struct.pack("<IIII", len(data), number, 0, 0) + data, packets.checksum(data)


def status(answers: list[bytes]) -> bytes:
    return answers[0][-4:-2]


def start_stub(loader: Loader, *, sent: int = 100) -> list[bytes]:
    ask(loader, packets.MEM_BEGIN, struct.pack("<IIII", 100, 1, 100, 0x4038_0000))
    ask(loader, packets.MEM_DATA, *block(0, bytes(sent)))
    return ask(loader, packets.MEM_END, struct.pack("<II", 0, 0x4038_0010))


def test_a_sync_is_answered_eight_times(loader: Loader) -> None:
    assert len(ask(loader, packets.SYNC, b"\x07\x07\x12\x20" + 32 * b"\x55")) == 8


def test_the_chip_says_what_it_is(loader: Loader) -> None:
    answer = ask(loader, packets.SECURITY_INFO)[0]
    assert struct.unpack_from("<I", answer, 8 + 12)[0] == 5


def test_an_unknown_command_is_refused(loader: Loader) -> None:
    assert status(ask(loader, 0x7F)) == b"\x01\x05"


def test_compressed_data_land_in_flash_and_their_digest_is_told(
    loader: Loader, flash: FlashFile
) -> None:
    data = b"MicroPython" * 1000
    ask(loader, packets.SPI_ATTACH, ATTACH)
    ask(loader, packets.DEFL_BEGIN, struct.pack("<IIIII", len(data), 1, 0x400, 0x1000, 0))
    assert status(ask(loader, packets.DEFL_DATA, *block(0, zlib.compress(data)))) == b"\x00\x00"
    assert flash.read(0x1000, len(data)) == data
    told = ask(loader, packets.SPI_FLASH_MD5, struct.pack("<IIII", 0x1000, len(data), 0, 0))[0]
    assert told[8:40].decode() == hashlib.md5(data).hexdigest()


def test_a_hurt_block_is_refused_and_nothing_is_written(loader: Loader, flash: FlashFile) -> None:
    ask(loader, packets.SPI_ATTACH, ATTACH)
    ask(loader, packets.FLASH_BEGIN, struct.pack("<IIII", 4, 1, 0x400, 0))
    data, check = block(0, b"good")
    assert status(ask(loader, packets.FLASH_DATA, data, check ^ 1)) == b"\x01\x07"
    assert flash.read(0, 4) == b"\xff" * 4


def test_a_block_out_of_order_is_refused(loader: Loader) -> None:
    ask(loader, packets.SPI_ATTACH, ATTACH)
    ask(loader, packets.FLASH_BEGIN, struct.pack("<IIII", 8, 2, 4, 0))
    assert status(ask(loader, packets.FLASH_DATA, *block(1, b"late"))) == b"\x01\x06"


def test_flash_is_not_written_before_its_pins_are_attached(loader: Loader) -> None:
    assert status(ask(loader, packets.FLASH_BEGIN, struct.pack("<IIII", 4, 1, 4, 0))) == b"\x01\x06"


def test_an_image_that_is_larger_than_the_flash_is_refused(loader: Loader) -> None:
    ask(loader, packets.SPI_ATTACH, ATTACH)
    begin = struct.pack("<IIIII", 2 << 20, 1, 0x400, 0, 0)
    assert status(ask(loader, packets.DEFL_BEGIN, begin)) == b"\x01\x06"


def test_a_stub_that_arrived_says_hello_and_has_more_commands(
    loader: Loader, flash: FlashFile
) -> None:
    flash.program(0, b"\x00")
    assert status(ask(loader, packets.ERASE_FLASH)) == b"\x01\x05"  # a ROM cannot
    assert start_stub(loader)[1] == b"OHAI"
    assert ask(loader, packets.ERASE_FLASH)[0][-2:] == b"\x00\x00"
    assert flash.read(0, 1) == b"\xff"


def test_a_stub_that_did_not_arrive_is_a_chip_that_hangs(loader: Loader) -> None:
    assert len(start_stub(loader, sent=60)) == 1  # no hello
    assert ask(loader, packets.SYNC, b"\x07\x07\x12\x20" + 32 * b"\x55") == []


def test_speed_changes_behind_the_answer(loader: Loader) -> None:
    speeds: list[int] = []
    loader.on_baud = speeds.append
    packet = struct.pack("<BBHI", 0, packets.CHANGE_BAUDRATE, 8, 0) + struct.pack("<II", 921600, 0)
    answers = loader.feed(frame(packet))
    next(answers)
    assert speeds == []
    assert list(answers) == []
    assert speeds == [921600]
