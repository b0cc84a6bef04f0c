"""An image is read whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.provision.esp_image import BadImage, read
from tools.virtual.bare.rom_chip import ESP32C3, ESP32S3, RomChip
from tools.virtual.bare.stand_in import firmware

IMAGE = firmware(ESP32C3, 8)


@pytest.mark.parametrize("chip", [ESP32C3, ESP32S3])
def test_an_image_says_what_it_is_for(chip: RomChip) -> None:
    found = read(firmware(chip, 8, "v1.28.0"))
    assert (found.chip, found.starts_at, found.version) == (chip.chip.name, 0, "v1.28.0")
    vfs = found.partition("vfs")
    assert vfs is not None
    assert vfs.at == 0x200000


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        ("image_is_none", b"<html>not found</html>" * 9),
        ("image_is_none", b""),
        ("image_of_unknown_chip", IMAGE[:12] + b"\xee\xee" + IMAGE[14:]),
        ("image_without_application", IMAGE[:0x10000]),
        ("image_without_table", IMAGE[:0x8000] + b"\xff" * 0x1000 + IMAGE[0x9000:]),
        ("image_cut_short", IMAGE[:-4096]),
        ("image_damaged", IMAGE[:-1]),
    ],
)
def test_what_is_wrong_has_a_name(reason: str, data: bytes) -> None:
    with pytest.raises(BadImage) as refusal:
        read(data)
    assert refusal.value.reason == reason


@given(st.integers(0x10018, len(IMAGE) - 1), st.integers(1, 255))
def test_no_hurt_byte_of_the_application_is_overlooked(at: int, hurt: int) -> None:
    with pytest.raises(BadImage):
        read(IMAGE[:at] + bytes([IMAGE[at] ^ hurt]) + IMAGE[at + 1 :])


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(data: bytes) -> None:
    with pytest.raises(BadImage):
        read(b"\xe9" + data)
