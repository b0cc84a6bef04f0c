"""A board at a port: reset and boot pin hang on RTS and DTR, as on all boards with Espressif's circuit.

    RTS  DTR   chip
    on   off   held in reset
    off  on    runs; out of a reset it starts its loader
    off  off   runs; out of a reset it starts what is in flash
    on   on    as before: the capacitor at the reset pin bridges the moment between two changes

What is in flash starts only where the image there is whole. A file system, or an NVS, whose flash was
erased is empty.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tools.provision import esp_image
from tools.virtual.bare import frozen
from tools.virtual.bare.flash_file import SECTOR, FlashFile
from tools.virtual.bare.interpreter import Interpreter
from tools.virtual.bare.line_port import LinePort
from tools.virtual.bare.loader import Loader
from tools.virtual.bare.rom_chip import ESP32C3, RomChip
from tools.virtual.flash import Nvs
from tools.virtual.realtime import RealTime

_BITS_A_BYTE = 10  # start, eight, stop
_CONSOLE_BAUD = 115_200
_TOLERANCE = 0.03  # of the speeds at both ends
_MARK = b"in use\x00\x00"  # what stands in flash for a file system or an NVS that was begun


@dataclass
class Faults:
    """What is wrong with a board or its cable."""

    unplug_after: int = -1  # bytes from the host until the cable is pulled; -1: never
    garbage: float = 0.0  # chance that a byte towards the host is hurt
    slow: float = 1.0  # how many times longer than its bytes a transfer takes; 0: no time at all
    stall_after: int = (
        -1
    )  # bytes from the host until nothing passes any more, the cable in; -1: never


class BareBoard:
    """A virtual board, plugged in. `received_bytes` and `sent_bytes` count what went over its line."""

    def __init__(  # noqa: PLR0913 - what a board is
        self,
        folder: Path,
        chip: RomChip = ESP32C3,
        *,
        mac: bytes = b"\x24\x0a\xc4\x00\x00\x01",
        flash_mb: int = 4,
        files_room: int = 2_000_000,
        pastes: bool = True,
        paced: bool = False,
        among: RealTime | None = None,
    ) -> None:
        """Make one in `folder`, with erased flash.

        `paced` makes bytes take the time of their speed. `among` others it shares their world, where
        its name is that of its folder; else it is alone.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.chip = chip
        self.mac = mac
        self.faults = Faults(slow=float(paced))
        self.flash = FlashFile(folder / "flash.bin", flash_mb << 20)
        self.python = Interpreter(
            chip.chip, mac, folder, room=files_room, pastes=pastes, among=among
        )
        self.received_bytes = self.sent_bytes = 0
        self._line_busy_until_s = 0.0
        self.busy_s = 0.0  # how long the line was in use
        self._chance = Random(mac)
        self._loader: Loader | None = None
        self._baud = self._port_baud = _CONSOLE_BAUD
        self._in_reset = False
        self._mutex = threading.RLock()
        self._port = LinePort(self)
        self._boot(loader=False)

    @property
    def url(self) -> str:
        """The name of its port."""
        return self._port.url

    @property
    def files(self) -> Path:
        """The folder that is its file system."""
        return self.python.files

    @property
    def nvs(self) -> Nvs:
        """Its settings."""
        return self.python.device.nvs

    def unplug(self) -> None:
        """Pull the cable, which feeds the board as well."""
        self.faults.unplug_after = -1
        self._port.unplug()
        with self._mutex:
            self._loader = None
            self.python.stop()

    def plug(self) -> None:
        """Put the cable back: the board starts."""
        with self._mutex:
            self._boot(loader=False)
        self._port.plug()

    def press_when_asked(self, output: int, contact: int) -> None:
        """Be the person who closes a contact while the board drives an output."""
        device = self.python.device
        device.watch(output, lambda level: device.drive(contact, 0 if level else 1))

    def put_battery(self, adc: int, pin_mv: float) -> None:
        """Let a battery be in, behind its divider `pin_mv` at an ADC pin."""
        self.python.device.analog.sources[adc] = lambda: pin_mv

    def close(self) -> None:
        """Put it away."""
        self._port.close()
        self.python.stop()
        self.flash.close()

    # The line: all of this is called by the thread of the port

    def received(self, data: bytes) -> None:
        """Take bytes of the host."""
        if 0 <= self.faults.unplug_after < len(data):
            self.unplug()
            return
        if self.faults.unplug_after >= 0:
            self.faults.unplug_after -= len(data)
        if self._stalls(len(data)):
            return
        self.received_bytes += len(data)
        self._take_time(len(data))
        with self._mutex:
            self._answer(data)

    def _stalls(self, count: int) -> bool:
        """Say whether the line is dead by now; what it was to bring is lost."""
        left = self.faults.stall_after
        if left > 0:
            self.faults.stall_after = max(0, left - count)
        return left == 0

    def lines(self, *, dtr: bool, rts: bool) -> None:
        """Reset the chip, or let it go."""
        with self._mutex:
            if rts and not dtr:
                self._in_reset = True
                self._loader = None
                self.python.stop()
            elif self._in_reset and not rts:
                self._in_reset = False
                self._boot(loader=dtr)

    def speed(self, baud: int) -> None:
        """Take the speed of the port."""
        self._port_baud = baud

    def _answer(self, data: bytes) -> None:
        if self._in_reset or not self._hears():
            return
        source = self.python if self._loader is None else self._loader
        for answer in source.feed(data):
            self._show(answer)

    def _hears(self) -> bool:
        """Say whether both ends have one speed; the ROM takes that of the host."""
        if self._loader is not None and self._baud == _CONSOLE_BAUD and not self._loader.is_stub:
            return True
        return abs(self._port_baud - self._baud) <= self._baud * _TOLERANCE

    def _show(self, data: bytes) -> None:
        if self.faults.garbage:
            hurt = self.faults.garbage
            data = bytes(b ^ 0x55 if self._chance.random() < hurt else b for b in data)
        self.sent_bytes += len(data)
        self._take_time(len(data))
        self._port.write(data)

    def _take_time(self, count: int) -> None:
        """Wait as long as these bytes take; what the line still carries goes first."""
        took_s = count * _BITS_A_BYTE / self._port_baud
        self.busy_s += took_s
        now_s = time.monotonic()
        self._line_busy_until_s = max(now_s, self._line_busy_until_s) + took_s * self.faults.slow
        if self._line_busy_until_s - now_s > 0.002:  # shorter ones add up
            time.sleep(self._line_busy_until_s - now_s)

    # The chip

    def _boot(self, *, loader: bool) -> None:
        self._baud = _CONSOLE_BAUD
        if loader:
            self._loader = Loader(self.chip, self.mac, self.flash)
            self._loader.on_baud = self._set_baud
            self._loader.on_run = lambda: self._boot(loader=False)
            self._show(f"{self.chip.banner}\r\nboot:0x4 (DOWNLOAD(USB/UART0/1))\r\n".encode())
            self._show(b"waiting for download\r\n")
            return
        self._loader = None
        self._show(f"{self.chip.banner}\r\nboot:0xc (SPI_FAST_FLASH_BOOT)\r\n".encode())
        self._show(self._start())

    def _start(self) -> bytes:
        """Start what is in flash; return what it shows."""
        content = self.flash.read(0, self.flash.size // 2)
        try:
            firmware = esp_image.read(content)
        except esp_image.BadImage:
            return b"invalid header: 0xffffffff\r\n" * 3
        if firmware.chip != self.chip.chip.name:
            return b"chip id mismatch\r\n"
        self._mount(firmware)
        frozen.unpack(content, self.python.device.frozen)
        return self.python.start(f"MicroPython {firmware.version}; virtual board\r\n")

    def _mount(self, firmware: esp_image.Firmware) -> None:
        """Empty what lies in flash that was erased."""
        nvs, files = firmware.partition("nvs"), firmware.partition("vfs")
        if nvs is not None and self._begun(nvs.at):
            self.python.device.nvs.erase_all()
        if files is not None and self._begun(files.at):
            _empty(self.files)

    def _begun(self, at: int) -> bool:
        """Say whether this part of flash was erased, and mark it as in use."""
        if self.flash.read(at, len(_MARK)) == _MARK:
            return False
        self.flash.erase(at, SECTOR)
        self.flash.program(at, _MARK)
        return True

    def _set_baud(self, baud: int) -> None:
        self._baud = baud


def _empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
