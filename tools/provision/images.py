"""MicroPython images: one file, or a kit, a folder that needs no network.

    KIT/SHA256SUMS    as sha256sum writes it: digest, two blanks, name
    KIT/*.bin         an image for each chip

Nothing is flashed that is not whole, not what the kit's list says, or for another chip.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tools.provision import esp_image
from tools.provision.chips import CHIPS, Chip
from tools.provision.esp_image import BadImage, Firmware
from tools.provision.stopped import Stopped

SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Image:
    """A whole image, ready to be flashed."""

    path: Path
    sha256: str
    firmware: Firmware


def load(path: Path) -> Image:
    """Return an image file; raise `Stopped` where it is missing or not whole."""
    try:
        data = path.read_bytes()
        return Image(path, hashlib.sha256(data).hexdigest(), esp_image.read(data))
    except OSError as error:
        raise Stopped("image_missing", path=path, why=error.strerror) from error
    except BadImage as error:
        raise Stopped(error.reason, path=path) from error


def check_room(image: Image, flash_mb: int) -> None:
    """Raise `Stopped` where the partitions of an image reach beyond the flash of a board."""
    needs_mb = -(-image.firmware.needs_bytes >> 20)
    if needs_mb > flash_mb:
        raise Stopped("flash_too_small", path=image.path, needs=needs_mb, flash=flash_mb)


def for_chip(source: Path, chip: Chip) -> Image:
    """Return the image of a file or a kit that fits `chip`; raise `Stopped`, naming the right one."""
    if not source.is_dir():
        image = load(source)
        if image.firmware.chip != chip.name:
            raise _wrong(image, chip)
        return image
    fitting = [image for image in kit(source) if image.firmware.chip == chip.name]
    if not fitting:
        raise Stopped("kit_without_chip", path=source, chip=chip.called, image=chip.image)
    return fitting[-1]  # names sort by date and version: the newest


def kit(folder: Path) -> list[Image]:
    """Return the images of a kit, sorted by name; raise `Stopped` where one is not what the list says."""
    sums = _sums(folder)
    images = [load(folder / name) for name in sorted(sums)]
    for image in images:
        if image.sha256 != sums[image.path.name]:
            raise Stopped("kit_checksum", path=image.path)
    return images


def _sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS).read_text().splitlines()
    except OSError as error:
        raise Stopped("kit_without_list", path=folder, list=SUMS) from error
    pairs = [line.split(maxsplit=1) for line in lines if line.strip()]
    sums = {pair[1].lstrip("*"): pair[0].lower() for pair in pairs if len(pair) == 2}
    if not sums or any("/" in name for name in sums):
        raise Stopped("kit_without_list", path=folder, list=SUMS)
    return sums


def _wrong(image: Image, chip: Chip) -> Stopped:
    known = CHIPS.get(image.firmware.chip)
    return Stopped(
        "image_of_other_chip",
        path=image.path,
        there=known.called if known else image.firmware.chip,
        chip=chip.called,
        image=chip.image,
        at=f"0x{chip.starts_at:x}",
    )
