"""What a guest starts from: kernel, initrd, and a disk with a Debian that has booted, its memory saved.

Built of this machine's own Debian release from its own mirrors, once: kept in the cache under a name that
says what it is made of. `mmdebstrap` does it as root, or in a user namespace of whoever builds.

    python -m tools.virtual.guest.image       builds what is missing, and says where it is
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

from tools import debian
from tools.micropython import cache_home
from tools.virtual.guest.machine import Machine

READY = "ready"  # the saved state
ARCHITECTURE = "amd64"
KERNEL, INITRD, DISK = "vmlinuz", "initrd.img", "disk.qcow2"
PACKAGES = (
    "bluez",
    "busybox-static",  # the initrd's
    "dbus",
    "kmod",
    "libnss-systemd",
    "python3",
    "systemd",
    "systemd-sysv",
    "udev",
)
_NO_PAPER = tuple(f"path-exclude=/usr/share/{name}/*" for name in ("doc", "locale", "man"))
_DISK_MB = 1200
_FOLDER = Path(__file__).resolve().parent
_INSIDE = _FOLDER / "inside"
_FILES = _FOLDER / "files"
_SETTLED_S = 2.0  # after everything has started


class ImageMissing(Exception):
    """There is no guest, and none can be built: says why."""


@dataclass(frozen=True)
class Image:
    """The files of a guest that is ready."""

    folder: Path

    @property
    def kernel(self) -> Path:
        """The kernel."""
        return self.folder / KERNEL

    @property
    def initrd(self) -> Path:
        """The first file system."""
        return self.folder / INITRD

    @property
    def disk(self) -> Path:
        """The disk: qcow2, with the state `READY` in it."""
        return self.folder / DISK


def obtain() -> Image:
    """Return the guest's files, building them if need be; raise `ImageMissing`."""
    home = cache_home() / "guest" / f"{suite()}-{fingerprint()}"
    with _alone(home):
        if not home.exists():
            _build_at(home)
    return Image(home)


def suite() -> str:
    """Return which Debian the guest is: this machine's; raise `ImageMissing`."""
    try:
        return debian.release()
    except debian.DebianUnavailable as refusal:
        raise ImageMissing(str(refusal)) from refusal


def fingerprint() -> str:
    """Return a short name of all that a guest is made of here."""
    digest = hashlib.sha256(repr((PACKAGES, _NO_PAPER, _DISK_MB)).encode())
    builders = (_FOLDER / "image.py", _FOLDER / "machine.py")
    sources = (*_INSIDE.glob("*.py"), *_FILES.iterdir(), *builders)
    for path in sorted(sources):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let one process at a time look and build."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build_at(home: Path) -> None:
    """Build all of it or nothing."""
    with TemporaryDirectory(prefix="building-", dir=home.parent) as folder:
        work = Path(folder)
        made = work / "made"
        made.mkdir()
        _system(work / "system.tar", made)
        _disk(work / "system.tar", made / DISK)
        _save_ready(Image(made))
        made.rename(home)


def _system(path: Path, made: Path) -> None:
    """Make an archive of the system; kernel and initrd go to `made`."""
    options = path.with_name("apt.conf")
    options.write_text(debian.download_options())
    sources = path.with_name("sources.list")
    sources.write_text(debian.source_lines(suite()))
    argv = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--format=tar",
        f"--architectures={ARCHITECTURE}",
        f"--include={','.join(PACKAGES)}",
        f"--aptopt={options}",
        *(f"--dpkgopt={option}" for option in _NO_PAPER),
        *(f"--customize-hook={hook}" for hook in _hooks(made)),
        suite(),
        str(path),
        str(sources),
    ]
    _run(argv)


def _hooks(made: Path) -> Iterator[str]:
    """Yield what is done to the system; files go in and out by mmdebstrap, who may be nobody inside."""
    yield f"copy-in {quote(str(_FILES))} {quote(str(_INSIDE))} /root"
    yield 'sh "$1/root/files/dress.sh" "$1"'
    for name in (KERNEL, INITRD):
        yield f"download /root/out/{name} {quote(str(made / name))}"
    yield 'rm -r "$1/root/files" "$1/root/inside" "$1/root/out"'


def _disk(system: Path, disk: Path) -> None:
    """Make a disk with the system on it. Whoever builds looks like root meanwhile, for owners and modes."""
    raw, root = system.with_name("disk.raw"), system.with_name("root")
    root.mkdir()
    raw.touch()
    os.truncate(raw, _DISK_MB << 20)
    unpack = f"tar -x -f {quote(str(system))} -C {quote(str(root))} --exclude './dev/*'"
    fill = f"mke2fs -q -t ext4 -d {quote(str(root))} {quote(str(raw))}"
    _run(["fakeroot", "--", "sh", "-ec", f"{unpack}; {fill}"])
    _run(["qemu-img", "convert", "-O", "qcow2", str(raw), str(disk)])


def _save_ready(image: Image) -> None:
    """Boot it, and save the state it is in when all runs."""
    with (
        TemporaryDirectory(prefix="tocsin-guest-") as folder,
        Machine(image.kernel, image.initrd, image.disk, Path(folder)) as machine,
    ):
        machine.start()
        agent = machine.agent()
        agent.run("systemctl", "is-system-running", "--wait", limit_s=120, check=False)
        agent.run("sh", "-c", f"sync; sleep {_SETTLED_S}")
        agent.close()
        machine.save(READY)


def _run(argv: list[str]) -> None:
    env = os.environ | {"LC_ALL": "C", "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    try:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ImageMissing(f"{argv[0]} is missing: run tools/test, which installs it") from error
    if done.returncode:
        raise ImageMissing(f"{argv[0]}: {done.stderr.strip()[-2000:]}")


def main() -> int:
    """Print where the guest is, building it where it is missing; return the exit status."""
    try:
        print(obtain().folder)
    except (ImageMissing, debian.DebianUnavailable) as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
