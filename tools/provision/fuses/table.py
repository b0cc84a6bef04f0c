"""Which fuses this tool knows, and what each is worth with a stock MicroPython image.

    option           fuses                        what is lost                     what is won
    jtag             DIS_PAD_JTAG, DIS_USB_JTAG   a debugger on this board         nobody attaches one
    secure-download  ENABLE_SECURITY_DOWNLOAD     reading by wire; esptool's stub  the loader reads nothing
    no-download      DIS_DOWNLOAD_MODE            the loader: never flashed again  the loader reads nothing
    encryption       refused: a stock image does not start any more
    secure-boot      refused: the same

None keeps a key from who unsolders the flash, nor from the console of a board in maintenance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CHIPS = ("esp32c3", "esp32s3")


@dataclass(frozen=True, slots=True)
class Option:
    """Fuses that are burned together; `unreadable`: afterwards nobody can read them back by wire."""

    name: str
    fuses: tuple[str, ...]
    unreadable: bool = False
    refused: bool = False


OPTIONS = {
    option.name: option
    for option in (
        Option("jtag", ("DIS_PAD_JTAG", "DIS_USB_JTAG")),
        Option("secure-download", ("ENABLE_SECURITY_DOWNLOAD",), unreadable=True),
        Option("no-download", ("DIS_DOWNLOAD_MODE",), unreadable=True),
        Option("encryption", ("SPI_BOOT_CRYPT_CNT",), refused=True),
        Option("secure-boot", ("SECURE_BOOT_EN",), refused=True),
    )
}


def confirmation(option: Option, mac: str) -> str:
    """Return what a person types: the option, and the end of the MAC of the board at hand."""
    return f"burn {option.name} {mac.replace(':', '')[-4:].lower()}"


def unburned(option: Option, summary: Mapping[str, object]) -> list[str]:
    """Return the fuses of an option that are not burned yet; KeyError where the chip lacks one."""
    return [name for name in option.fuses if summary[name] is not True]
