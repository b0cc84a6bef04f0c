"""The chips that the firmware runs on, and what each is given.

esptool says   MicroPython's image   begins at   native code
ESP32          ESP32_GENERIC         1000h       xtensawin
ESP32-C3       ESP32_GENERIC_C3      0           rv32imc
ESP32-S3       ESP32_GENERIC_S3      0           xtensawin
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip, by the name that MicroPython and esptool's options use."""

    name: str
    called: str  # by esptool, and by people
    image: str  # what MicroPython's download page calls the stock image
    starts_at: int
    arch: str  # for mpy-cross; "" where no board of ours has this chip


CHIPS = {
    chip.name: chip
    for chip in (
        Chip("esp32", "ESP32", "ESP32_GENERIC", 0x1000, ""),
        Chip("esp32c3", "ESP32-C3", "ESP32_GENERIC_C3", 0, "rv32imc"),
        Chip("esp32s3", "ESP32-S3", "ESP32_GENERIC_S3", 0, "xtensawin"),
    )
}
# sys.implementation._mpy >> 10 (MicroPython, py/persistentcode.h); hosts are those of the virtual bench
ARCHS = {1: "x86", 2: "x64", 10: "xtensawin", 11: "rv32imc"}
HOSTS = ("x86", "x64")


def called(text: str) -> Chip | None:
    """Return the chip that esptool names so."""
    return next((chip for chip in CHIPS.values() if chip.called == text), None)
