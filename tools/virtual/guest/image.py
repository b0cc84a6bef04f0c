"""What a guest starts from: kernel, initrd, and a disk with a Debian that has booted, its memory saved.

Built of this machine's own Debian release, or of one that is named, from its own mirrors, once: kept in the
cache under a name that says what it is made of, and beside it the one of that release that was used before.
`mmdebstrap` does it as root, or in a user namespace of whoever builds.

    python -m tools.virtual.guest.image       builds what is missing, and says where it is
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
_BUILDING = ".building-"  # behind the name of what it will be


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


def obtain(release: str | None = None) -> Image:
    """Return the guest's files of a Debian release, this machine's where none is named.

    Builds them if need be; raises `ImageMissing`.
    """
    home = _home(release)
    with _alone(home):
        return _there(home)


def lay(folder: Path, release: str | None = None) -> Image:
    """Lay a copy of them into `folder`, to be written on; raise `ImageMissing`."""
    home = _home(release)
    with _alone(home):  # nobody deletes them meanwhile
        found = _there(home)
        for path in (found.kernel, found.initrd, found.disk):
            shutil.copyfile(path, folder / path.name)
    return Image(folder)


def suite() -> str:
    """Return which Debian the guest is: this machine's; raise `ImageMissing`."""
    try:
        return debian.release()
    except debian.DebianUnavailable as refusal:
        raise ImageMissing(str(refusal)) from refusal


def fingerprint() -> str:
    """Return a short name of all that a guest is made of here, and of whose clock it has counted."""
    digest = hashlib.sha256(repr((PACKAGES, _NO_PAPER, _DISK_MB, _processor())).encode())
    builders = (_FOLDER / "image.py", _FOLDER / "machine.py")
    sources = (*_INSIDE.glob("*.py"), *_FILES.iterdir(), *builders)
    for path in sorted(sources):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _home(release: str | None) -> Path:
    return cache_home() / "guest" / f"{release or suite()}-{fingerprint()}"


def _processor() -> str:
    """Return what this machine's is called: another one's counter may run at another pace."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line for line in lines if line.startswith("model name")), "")


@contextmanager
def _alone(home: Path, *, wait: bool = True) -> Iterator[None]:
    """Let one process at a time look, build and copy; raise `BlockingIOError` instead of waiting."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{home}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _there(home: Path) -> Image:
    """Return what is in `home`, which the caller holds, built if need be."""
    if not home.exists():
        _build_at(home)
        _forget_older(home)
    os.utime(home)
    return Image(home)


def _forget_older(home: Path) -> None:
    """Delete the guests of this release but that of `home` and the one used last before; and broken ones.

    What is being built or copied is left alone.
    """
    release = home.name.partition("-")[0]
    others = [path for path in home.parent.glob(f"{release}-*") if path.is_dir() and path != home]
    begun = [path for path in others if _BUILDING in path.name]
    whole = sorted(set(others) - set(begun), key=lambda path: path.stat().st_mtime)
    for old in [*begun, *whole[:-1]]:
        name = old.name.partition(_BUILDING)[0]
        with suppress(BlockingIOError), _alone(old.with_name(name), wait=False):
            shutil.rmtree(old)


def _build_at(home: Path) -> None:
    """Build all of it or nothing."""
    for left in home.parent.glob(f"{home.name}{_BUILDING}*"):  # of who was killed
        shutil.rmtree(left)
    with TemporaryDirectory(prefix=f"{home.name}{_BUILDING}", dir=home.parent) as folder:
        work = Path(folder)
        made = work / "made"
        made.mkdir()
        _system(work / "system.tar", made, home.name.partition("-")[0])
        _disk(work / "system.tar", made / DISK)
        _save_ready(Image(made))
        made.rename(home)


def _system(path: Path, made: Path, release: str) -> None:
    """Make an archive of the system of a release; kernel and initrd go to `made`."""
    options = path.with_name("apt.conf")
    options.write_text(debian.download_options())
    sources = path.with_name("sources.list")
    sources.write_text(debian.source_lines(release))
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
        release,
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
