"""Modules frozen into a virtual image: a segment of its application, as a zip, which the board unpacks.

    in the image    FROZEN and two zeros | length 4, little-endian | zip

On a chip they are code in flash, under the name `.frozen` on sys.path, where no file can be. Here the
interpreter is the computer's, whose own frozen modules are fixed: an import that finds `.frozen` on the
path looks into the folder with the unpacked ones first (`shims/prompt.py`). So they are there with the
image, gone with the next one, and found only where `.frozen` is on the path.
"""

import io
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

_MARK = b"FROZEN\x00\x00"
_LENGTH = 4


def packed(modules: Mapping[str, bytes]) -> bytes:
    """Return modules as they stand in an image."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in modules.items():
            archive.writestr(zipfile.ZipInfo(name), source, zipfile.ZIP_DEFLATED)
    data = content.getvalue()
    return _MARK + len(data).to_bytes(_LENGTH, "little") + data


def unpack(image: bytes, folder: Path) -> None:
    """Replace what is in `folder` by what is frozen into `image`: nothing, where it has none."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    start = image.find(_MARK)
    if start < 0:
        return
    begin = start + len(_MARK) + _LENGTH
    length = int.from_bytes(image[begin - _LENGTH : begin], "little")
    with zipfile.ZipFile(io.BytesIO(image[begin : begin + length])) as archive:
        archive.extractall(folder)
