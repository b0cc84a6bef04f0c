"""The files of the package, each where Debian has such files. Nothing is run here or downloaded.

/usr/bin/tocsin-gateway          the commands
/usr/lib/tocsin/VERSION/         the environment: bin/python is the system's, modules are its own (`bundle`)
/usr/lib/tocsin/current          -> VERSION
/usr/lib/systemd, sysusers.d, tmpfiles.d, udev, dbus-1     who runs it, as whom, with what
/usr/share/tocsin-gateway/       gateway.toml to copy, rules for Prometheus, dashboard; bill of materials
/usr/share/doc/tocsin-gateway/   README, copyright

Two versions share no file of the environment, and dpkg puts links into place behind all files, each at
once: wherever the power fails in an upgrade, `current` is the whole old gateway or the whole new one.
"""

import gzip
import os
import shutil
from pathlib import Path

from tools.package.suites import Arch, Suite

LIB = "usr/lib/tocsin"
SHARE = "usr/share/tocsin-gateway"
DOC = "usr/share/doc/tocsin-gateway"
_OURS = ("gateway", "protocol")
_NOT_OURS = ("tests", "packaging", "model", "__pycache__")
# From gateway/packaging/debian to where it belongs: name there, place, mode.
_INSTALLED = (
    ("tocsin-gateway.sh", "usr/bin/tocsin-gateway", 0o755),
    ("bluetooth-recovery", f"{LIB}/bluetooth-recovery", 0o755),
    ("tocsin-gateway.service", "usr/lib/systemd/system/tocsin-gateway.service", 0o644),
    (
        "tocsin-bluetooth-recovery.service",
        "usr/lib/systemd/system/tocsin-bluetooth-recovery.service",
        0o644,
    ),
    (
        "tocsin-bluetooth-recovery.path",
        "usr/lib/systemd/system/tocsin-bluetooth-recovery.path",
        0o644,
    ),
    ("tocsin-gateway.sysusers", "usr/lib/sysusers.d/tocsin-gateway.conf", 0o644),
    ("tocsin-gateway.tmpfiles", "usr/lib/tmpfiles.d/tocsin-gateway.conf", 0o644),
    ("tocsin-gateway.rules", "usr/lib/udev/rules.d/70-tocsin-gateway.rules", 0o644),
    ("tocsin-gateway.dbus.conf", "usr/share/dbus-1/system.d/tocsin-gateway.conf", 0o644),
    (
        "tocsin-gateway.bash-completion",
        "usr/share/bash-completion/completions/tocsin-gateway",
        0o644,
    ),
    ("bluetooth.conf", f"{SHARE}/bluetooth.conf", 0o644),
    ("bluetooth.service.conf", "usr/lib/systemd/system/bluetooth.service.d/tocsin.conf", 0o644),
    ("clock.conf", f"{DOC}/examples/clock.conf", 0o644),
)
_SHARED = ("alerts.yml", "dashboard.json", "gateway.toml")

_SCRIPTS = ("postinst", "prerm", "postrm")
_METADATA = (
    "Metadata-Version: 2.1\nName: tocsin\nVersion: {version}\nLicense-Expression: EUPL-1.2\n"
)


def home(root: Path, version: str) -> Path:
    """Return where the environment of a version is, below `root`."""
    return root / LIB / version


def lay_modules(source: Path, site: Path, release: str) -> None:
    """Lay our modules, from the checkout `source`, among those of others in `site`."""
    for name in _OURS:
        _copy_modules(source / name, site / name)
    put(site / f"tocsin-{release}.dist-info/METADATA", _METADATA.format(version=release))


def lay_around(source: Path, root: Path) -> None:
    """Lay what is around the environment, from the checkout `source`, below `root`."""
    packaging = source / "gateway" / "packaging"
    for name, place, mode in _INSTALLED:
        _copy(packaging / "debian" / name, root / place, mode)
    for name in _SHARED:
        _copy(packaging / name, root / SHARE / name)
    readme = (source / "gateway" / "README.md").read_bytes()
    _put_bytes(root / DOC / "README.md.gz", gzip.compress(readme, mtime=0))


def lay_environment(home: Path, suite: Suite, arch: Arch) -> None:
    """Lay the virtual environment around the modules: the interpreter is the system's, no module is."""
    (home.parent / "current").symlink_to(home.name)
    program = home / "bin" / "python"
    program.parent.mkdir()
    program.symlink_to(f"/usr/bin/python{suite.python}")
    put(
        home / "pyvenv.cfg",
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {suite.patch}\n",
    )
    if not suite.lgpio:  # the system's, where it is installed: of its packages this alone
        _borrow_lgpio(home / suite.site, suite, arch)


def lay_scripts(source: Path, control: Path) -> None:
    """Lay what dpkg runs into its folder `control`."""
    for name in _SCRIPTS:
        _copy(source / "gateway" / "packaging" / "debian" / name, control / name, 0o755)


def put(path: Path, text: str) -> None:
    """Write a file for all to read."""
    _put_bytes(path, text.encode())


def settle(root: Path, epoch: int) -> None:
    """Give every file the time `epoch` and a mode that is no matter of this machine's umask."""
    for path in sorted(root.rglob("*"), reverse=True):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def _borrow_lgpio(site: Path, suite: Suite, arch: Arch) -> None:
    """Let the system's python3-lgpio be found among our modules; where it is missing, so are the pins."""
    tag = f"cpython-{suite.python.replace('.', '')}-{arch.machine}-linux-gnu"
    for name in ("lgpio.py", f"_lgpio.{tag}.so"):
        (site / name).symlink_to(f"/usr/lib/python3/dist-packages/{name}")


def _copy_modules(source: Path, place: Path) -> None:
    for path in sorted(source.rglob("*.py")):
        inside = path.relative_to(source)
        if not set(_NOT_OURS) & set(inside.parts[:-1]):
            _copy(path, place / inside)


def _copy(path: Path, place: Path, mode: int = 0o644) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, place)
    place.chmod(mode)


def _put_bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
