"""A virtual machine by QEMU without KVM: its process, its monitor, its ports as unix sockets.

Nothing listens on the network and the guest has none. It dies with the thread that has started it.

What makes an emulated machine wait for itself it has not: a second processor, on which the kernel spins for
the first one's locks; a timer that is asked over the bus for each look at the clock (the processor's own
counter is the clock); instructions that copy byte by byte.
"""

import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from tools.virtual.guest.agent_client import AgentClient

_RAM_MB = 512
_CPU = "max,-erms,-fsrm"
_PARCEL_BYTES = 64 << 20
_PROMPT = b"(qemu) "
_STARTS_WITHIN_S = 20.0
_SAVES_WITHIN_S = 120.0
_COMMAND_LINE = (
    "console=ttyS0 rw quiet mitigations=off nokaslr audit=0 panic=-1 systemd.show_status=0"
    " tsc=reliable clocksource=tsc hpet=disable"
)
PORTS = ("agent", "hci")


class MachineFailed(Exception):
    """The virtual machine did not do what it was told: says what it said."""


class Machine:
    """One machine with one disk; its sockets and its console are in `folder`, whose path is short."""

    def __init__(self, kernel: Path, initrd: Path, disk: Path, folder: Path) -> None:
        """Begin switched off."""
        self._files = (kernel, initrd, disk)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, state: str | None = None) -> None:
        """Boot, or go on from a saved state; raise `MachineFailed`."""
        for port in (*PORTS, "monitor"):
            self.socket(port).unlink(missing_ok=True)
        self._parcel.touch()
        os.truncate(self._parcel, _PARCEL_BYTES)
        argv = ["setpriv", "--pdeathsig", "KILL", *self._argv()]
        argv += ["-loadvm", state] if state else []
        log = (self._folder / "qemu.log").open("ab")
        with log:
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_for_monitor()

    def cut(self) -> None:
        """Take its power away, at whatever moment."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def save(self, state: str) -> None:
        """Save all of its state in its disk under a name, and switch it off."""
        self._monitor(f"savevm {state}")
        with suppress(ConnectionResetError):  # it hangs up
            self._monitor("quit")
        if self._process is not None:
            self._process.wait(_SAVES_WITHIN_S)
            self._process = None

    def hand_over(self, data: bytes) -> None:
        """Lay data at the beginning of its second disk, which it can only read; past what it has cached."""
        if len(data) > _PARCEL_BYTES:
            raise ValueError(f"{len(data)} bytes are too many for the parcel")
        with self._parcel.open("r+b") as parcel:
            parcel.write(data)

    def agent(self) -> AgentClient:
        """Return what runs commands in it."""
        return AgentClient(self.socket("agent"))

    def socket(self, port: str) -> Path:
        """Return where a port is reached."""
        return self._folder / f"{port}.sock"

    @property
    def _parcel(self) -> Path:
        return self._folder / "parcel"

    @property
    def log(self) -> str:
        """What QEMU and the console have said."""
        files = (self._folder / name for name in ("qemu.log", "console.log"))
        return "\n".join(path.read_text(errors="replace") for path in files if path.exists())

    def __enter__(self) -> Self:
        """Return the machine."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cut its power."""
        self.cut()

    def _argv(self) -> list[str]:
        kernel, initrd, disk = self._files
        argv = ["qemu-system-x86_64", "-accel", "tcg,tb-size=256", "-cpu", _CPU]
        argv += ["-m", str(_RAM_MB), "-nodefaults", "-no-reboot", "-display", "none"]
        argv += ["-kernel", str(kernel), "-initrd", str(initrd), "-append", _COMMAND_LINE]
        argv += ["-drive", f"file={disk},if=virtio,format=qcow2,cache=unsafe", "-nic", "none"]
        argv += ["-drive", f"file={self._parcel},if=virtio,format=raw,readonly=on"]
        argv += ["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]
        for port in PORTS:
            argv += ["-chardev", f"socket,id={port},path={self.socket(port)},server=on,wait=off"]
            argv += ["-device", f"virtserialport,chardev={port},name={port}"]
        argv += ["-serial", f"file:{self._folder / 'console.log'}"]
        return [*argv, "-monitor", f"unix:{self.socket('monitor')},server=on,wait=off"]

    def _wait_for_monitor(self) -> None:
        until_s = time.monotonic() + _STARTS_WITHIN_S
        while True:
            try:
                self._monitor("info status")
            except OSError:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > until_s:
                    self.cut()
                    raise MachineFailed(self.log) from None
                time.sleep(0.02)
            else:
                return

    def _monitor(self, command: str) -> None:
        """Give a command to QEMU and wait until it is done; raise `MachineFailed`, `OSError`."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_SAVES_WITHIN_S)
            line.connect(str(self.socket("monitor")))
            _until_prompt(line)
            line.sendall(command.encode() + b"\n")
            said = _until_prompt(line)
        if b"Error" in said:
            raise MachineFailed(said.decode(errors="replace"))


def _until_prompt(line: socket.socket) -> bytes:
    said = b""
    while not said.endswith(_PROMPT):
        more = line.recv(4096)
        if not more:
            raise ConnectionResetError
        said += more
    return said
