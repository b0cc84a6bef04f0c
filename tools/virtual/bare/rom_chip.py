"""What a chip says of itself before any program runs: registers, fuses, the strap pins.

Addresses are those of the technical reference manuals, chapters eFuse Controller and SPI Controller; the
chip id is that of image headers and of the security information.
"""

from dataclasses import dataclass

from tools.virtual.chips import C3, S3, Chip

# Registers of the SPI controller that the flash hangs on, from its base
SPI_CMD, SPI_USR, SPI_USR2, SPI_W0 = 0x00, 0x18, 0x20, 0x58
SPI_START = 1 << 18  # of SPI_CMD: run what USR2 says
RDID = 0x9F


@dataclass(frozen=True, slots=True)
class RomChip:
    """A chip as its loader shows it."""

    chip: Chip
    chip_id: int
    efuse_base: int
    spi_base: int
    banner: str  # what its ROM prints first

    @property
    def mac_register(self) -> int:
        """The first of the two words that hold the factory's MAC."""
        return self.efuse_base + 0x44

    def fuses(self, mac: bytes) -> dict[int, int]:
        """Return the registers that are not 0: the MAC, most significant byte first in two words."""
        low, high = int.from_bytes(mac[2:], "big"), int.from_bytes(mac[:2], "big")
        return {self.mac_register: low, self.mac_register + 4: high}


ESP32C3 = RomChip(C3, 5, 0x6000_8800, 0x6000_2000, "ESP-ROM:esp32c3-api1-20210207")
ESP32S3 = RomChip(S3, 9, 0x6000_7000, 0x6000_2000, "ESP-ROM:esp32s3-20210327")
ROM_CHIPS = {rom.chip.name: rom for rom in (ESP32C3, ESP32S3)}
