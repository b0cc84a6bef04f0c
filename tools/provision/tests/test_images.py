"""Only the right image, whole and as listed, reaches a board; else the right one is named."""

import hashlib
from pathlib import Path

import pytest

from tools.provision import images
from tools.provision.chips import CHIPS
from tools.provision.stopped import Stopped
from tools.virtual.bare.rom_chip import ESP32C3, ESP32S3
from tools.virtual.bare.stand_in import firmware

C3, S3 = CHIPS["esp32c3"], CHIPS["esp32s3"]


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    for name, chip, version in (
        ("ESP32_GENERIC_C3-v1.28.0.bin", ESP32C3, "v1.28.0"),
        ("ESP32_GENERIC_C3-v1.29.0.bin", ESP32C3, "v1.29.0"),
        ("ESP32_GENERIC_S3-v1.29.0.bin", ESP32S3, "v1.29.0"),
    ):
        data = firmware(chip, 4, version)
        (tmp_path / name).write_bytes(data)
        with (tmp_path / images.SUMS).open("a") as sums:
            sums.write(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    return tmp_path


def refusal(source: Path) -> str:
    with pytest.raises(Stopped) as stopped:
        images.for_chip(source, C3)
    return str(stopped.value)


def test_a_kit_gives_the_newest_image_for_the_chip(kit: Path) -> None:
    assert images.for_chip(kit, C3).path.name == "ESP32_GENERIC_C3-v1.29.0.bin"
    assert images.for_chip(kit, S3).firmware.chip == "esp32s3"


def test_an_image_for_another_chip_is_refused_with_the_name_of_the_right_one(kit: Path) -> None:
    told = refusal(kit / "ESP32_GENERIC_S3-v1.29.0.bin")
    assert "ESP32-S3" in told
    assert "ESP32_GENERIC_C3" in told
    assert "0x0" in told


def test_a_refusal_is_in_the_language_of_the_terminal(
    kit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "fr")
    assert "La bonne image est ESP32_GENERIC_C3" in refusal(kit / "ESP32_GENERIC_S3-v1.29.0.bin")


def test_partitions_beyond_the_end_of_the_flash_are_refused(kit: Path) -> None:
    image = images.load(kit / "ESP32_GENERIC_C3-v1.29.0.bin")
    images.check_room(image, 4)
    with pytest.raises(Stopped):
        images.check_room(image, 2)


def test_a_missing_image_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.bin")


def test_a_kit_whose_image_is_not_what_its_list_says_is_refused(kit: Path) -> None:
    (kit / "ESP32_GENERIC_C3-v1.28.0.bin").write_bytes(firmware(ESP32C3, 5))
    assert "not what the kit's list says" in refusal(kit)


def test_a_kit_without_a_list_is_refused(kit: Path) -> None:
    (kit / images.SUMS).unlink()
    assert "sha256sum" in refusal(kit)


def test_a_list_cannot_reach_outside_of_its_kit(kit: Path) -> None:
    (kit / images.SUMS).write_text("00  ../secret\n")
    assert "sha256sum" in refusal(kit)


def test_a_kit_without_an_image_for_the_chip_names_the_one_to_add(kit: Path) -> None:
    lines = (kit / images.SUMS).read_text().splitlines()
    (kit / images.SUMS).write_text(lines[2] + "\n")
    assert "add ESP32_GENERIC_C3" in refusal(kit)
