"""In the guest: bleak and nothing else. When it has heard what of our company, to a file and at once.

    python3 listener.py passive|active FILE

A line a callback: Unix time, data in hex as in the advertisement from the company's id on. The first line
is `ready`.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Literal, TextIO

from bleak import BleakScanner
from bleak.args.bluez import BlueZScannerArgs, OrPattern
from bleak.assigned_numbers import AdvertisementDataType
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

_COMPANY = 0xFFFF
_COMPANY_BYTES = _COMPANY.to_bytes(2, "little")


async def main(mode: Literal["passive", "active"], file: TextIO) -> None:
    """Listen for ever."""
    pattern = OrPattern(0, AdvertisementDataType.MANUFACTURER_SPECIFIC_DATA, _COMPANY_BYTES)
    scanner = BleakScanner(
        lambda device, advert: _heard(file, device, advert),
        scanning_mode=mode,
        bluez=BlueZScannerArgs(or_patterns=[pattern]),
    )
    async with scanner:
        print("ready", file=file, flush=True)
        await asyncio.Event().wait()


def _heard(file: TextIO, _device: BLEDevice, advert: AdvertisementData) -> None:
    now_s = time.time()
    data = advert.manufacturer_data.get(_COMPANY)
    if data is not None:
        print(f"{now_s:.6f}", data.hex(), file=file, flush=True)


if __name__ == "__main__":
    with Path(sys.argv[2]).open("w") as heard:
        asyncio.run(main("passive" if sys.argv[1] == "passive" else "active", heard))
