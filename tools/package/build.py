"""From a checkout to one .deb: the same bytes wherever and whenever the same commit is built."""

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.package import bundle, control, lock, papers, tree, wheels
from tools.package.python import python_of
from tools.package.suites import Arch, PackageFault, Suite, target

ROOT = Path(__file__).resolve().parents[2]
# Hashes instead of times in what is compiled, and never looked at: the sources beside it cannot change.
_COMPILE = """
import pathlib, py_compile, sys
root = pathlib.Path(sys.argv[1])
for path in sorted(root.rglob("*.py")):
    if not path.is_symlink():
        py_compile.compile(str(path), dfile=f"/{path.relative_to(root)}", doraise=True, quiet=2,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
"""


def build(
    suite: str, arch: str, out: Path, source: Path = ROOT, made_at: int | None = None
) -> Path:
    """Build the package of the checkout `source` for `suite` and `arch` into `out`; return the .deb.

    `made_at`: the time every file is given, Unix seconds; None: that of the commit. Raise `PackageFault`.
    """
    there, machine = target(suite, arch)
    project = _project(source)
    at = epoch(source) if made_at is None else made_at
    text = (source / "requirements.lock").read_text(encoding="utf-8")
    pins = lock.needed(text, project, there, machine)
    found = wheels.download(pins, there, machine)
    release = str(project["version"])
    version = control.version_of(release, there)
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="tocsin-package-") as folder:
        root = Path(folder) / "root"
        home = tree.home(root, version)
        site = home / there.site
        tree.lay_modules(source, site, release)
        tree.lay_environment(home, there, machine)
        tree.lay_around(source, root)
        wheels.unpack(found, site)
        modules = bundle.gather(site)
        _compile(root, there)
        bundle.close(modules)
        parts = papers.parts(site, pins, found)
        eupl = (source / "LICENSE").read_text(encoding="utf-8")
        tree.put(
            root / tree.DOC / "copyright",
            papers.copyright_text(parts, f"/{site.relative_to(root)}", eupl),
        )
        bill = papers.bill_of_materials(parts, version, machine, there, at)
        tree.put(root / tree.SHARE / "sbom.cdx.json", json.dumps(bill, indent=1) + "\n")
        _describe(root, source, version, there, machine)
        tree.settle(root, at)
        return _pack(root, out / f"{control.NAME}_{version}_{arch}.deb", at)


def _project(source: Path) -> Mapping[str, object]:
    with (source / "pyproject.toml").open("rb") as file:
        project: Mapping[str, object] = tomllib.load(file)["project"]
    return project


def epoch(source: Path) -> int:
    """Return the time of what `source` is built to: SOURCE_DATE_EPOCH, or its commit's, Unix seconds."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not told:
        argv = ["git", "-C", str(source), "log", "-1", "--format=%ct"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        told = done.stdout.strip()
    if not told.isdigit():
        raise PackageFault("no commit here: set SOURCE_DATE_EPOCH to the time of the release")
    return int(told)


def _compile(root: Path, suite: Suite) -> None:
    """Compile all modules below `root` as `suite` would, so that nothing is written at run time."""
    python_of(suite).run(["-IS", "-c", _COMPILE, root], root, PYTHONHASHSEED="0")


def _describe(root: Path, source: Path, version: str, suite: Suite, arch: Arch) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    sums = [f"{_md5(path)}  {path.relative_to(root)}\n" for path in files]
    size_kib = sum(-(-path.stat().st_size // 1024) for path in files)
    tree.put(root / "DEBIAN" / "md5sums", "".join(sums))
    tree.put(root / "DEBIAN" / "control", control.control(version, suite, arch, size_kib))
    tree.lay_scripts(source, root / "DEBIAN")


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _pack(root: Path, deb: Path, at: int) -> Path:
    if shutil.which("dpkg-deb") is None:
        raise PackageFault("no dpkg-deb here: build on Debian or a relative of it")
    # One thread: how many there are would change the bytes. Zstandard: a Pi unpacks it five times as fast.
    argv = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--threads-max=1", "--build"]
    done = subprocess.run(
        [*argv, str(root), str(deb)],
        env=os.environ | {"SOURCE_DATE_EPOCH": str(at)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PackageFault(f"dpkg-deb: {done.stderr.strip()}")
    return deb
