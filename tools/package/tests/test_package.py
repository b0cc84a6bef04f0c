"""The package itself: the same bytes each time, whole, offline, small enough, and it runs on its suite."""

import json
import subprocess
import sys
import time
from email.parser import HeaderParser
from importlib.resources import files
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import jsonschema
import pytest
from referencing import Registry, Resource

from tools.package import bundle, tree
from tools.package.build import build, epoch
from tools.package.earlier import VERSION, build_earlier, earlier
from tools.package.python import python_of
from tools.package.suites import SUITES, PackageFault
from tools.package.tests.conftest import Package, alone, native, unpacked

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
LIMIT_MB = 25
FILES_MAX = 1300
KILLS = 6


def environment(package: Package) -> Path:
    return (package.root / tree.LIB / "current").resolve()


def test_built_twice_it_is_the_same_byte_for_byte(package: Package, tmp_path: Path) -> None:
    again = build("trixie", native(), tmp_path)
    assert again.name == package.deb.name
    assert again.read_bytes() == package.deb.read_bytes()


def test_all_is_root_s_and_of_the_time_of_the_commit(package: Package) -> None:
    listed = subprocess.check_output(
        ["dpkg-deb", "--contents", package.deb],
        text=True,
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
    ).splitlines()
    assert {line.split()[1] for line in listed} == {"root/root"}
    assert len({tuple(line.split()[3:5]) for line in listed}) == 1
    modes = {line.split()[0] for line in listed}
    assert modes == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}


def test_the_link_to_the_environment_is_the_last_thing_put_into_place(package: Package) -> None:
    listed = subprocess.check_output(["dpkg-deb", "--contents", package.deb], text=True)
    version = environment(package).name
    assert listed.splitlines()[-1].endswith(f"./usr/lib/tocsin/current -> {version}")


def test_it_is_small_enough_for_a_slow_line(package: Package) -> None:
    assert package.deb.stat().st_size < LIMIT_MB * 1_000_000


def test_everything_is_compiled_and_nothing_of_tests_or_tools_is_in_it(package: Package) -> None:
    site = environment(package) / SUITES["trixie"].site
    sources = [path for path in site.rglob("*.py") if not path.is_symlink()]
    assert len(sources) > 200
    for path in sources:
        assert (path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc").exists(), path
    with ZipFile(site / bundle.NAME) as archive:
        bundled = {PurePosixPath(name) for name in archive.namelist()}
    assert len(bundled) > 1000
    assert all(path.with_suffix(".pyc") in bundled for path in bundled)
    assert {"gateway", "protocol"} <= {path.parts[0] for path in bundled}
    folders = {path.parts[:-1] for path in bundled} | {
        path.relative_to(site).parts for path in site.rglob("*") if path.is_dir()
    }
    assert not {("tools",), ("pip",)} & folders
    assert not [parts for parts in folders if "tests" in parts]


def test_few_enough_files_are_left_for_a_small_board_to_unpack(package: Package) -> None:
    assert sum(path.is_file() for path in package.root.rglob("*")) < FILES_MAX


def test_what_it_brings_needs_no_module_that_it_does_not_bring(package: Package) -> None:
    """colorzero names setuptools, which is left out: nothing that the gateway imports imports it."""
    site = environment(package) / SUITES["trixie"].site
    texts = [path.read_text(encoding="utf-8") for path in (site / "gpiozero").rglob("*.py")]
    with ZipFile(site / bundle.NAME) as archive:
        colorzero = [name for name in archive.namelist() if name.startswith("colorzero/")]
        texts += [archive.read(name).decode() for name in colorzero if name.endswith(".py")]
    assert len(texts) > 30
    for text in texts:
        assert "setuptools" not in text
        assert "pkg_resources" not in text


@pytest.mark.parametrize("suite", SUITES)
def test_the_gateway_starts_on_the_python_of_its_suite(
    suite: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    built = unpacked(suite, tmp_path_factory)
    site = environment(built) / SUITES[suite].site
    imports = "import apprise, bleak, gpiozero, gateway.service, gateway.radio.ble, uvloop"
    begin = (
        f"import site; site.addsitedir({str(site)!r})"  # as the interpreter of the environment does
    )
    code = f"{begin}; {imports}; from gateway.cli import main; main(['--help'])"
    python = python_of(SUITES[suite])
    said = python.run(["-c", code], tmp_path, TOCSIN_LANG="fr")
    assert "Entend les boutons" in said
    assert sorted(tmp_path.iterdir()) == []


def test_the_bill_of_materials_is_one_by_the_schema_of_cyclonedx(package: Package) -> None:
    bill = json.loads((package.root / tree.SHARE / "sbom.cdx.json").read_text(encoding="utf-8"))
    folder = files("cyclonedx.schema") / "_res"
    schemas = {
        name: json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text(encoding="utf-8"))
        for name in ("bom-1.6", "spdx", "jsf-0.82", "cryptography-defs")
    }
    registry = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    jsonschema.Draft7Validator(schemas["bom-1.6"], registry=registry).validate(bill)
    site = environment(package) / SUITES["trixie"].site
    told = {(part["name"], part["version"]) for part in bill["components"]}
    there = {
        (metadata["Name"].lower().replace("_", "-").replace(".", "-"), metadata["Version"])
        for metadata in map(read_metadata, site.glob("*.dist-info/METADATA"))
    }
    assert there - told == {("tocsin", VERSION_NOW)}
    assert told <= there
    assert all(part["hashes"][0]["content"] for part in bill["components"])
    assert all(part["licenses"][0]["license"]["name"] for part in bill["components"])


VERSION_NOW = "0.1.0"


def read_metadata(path: Path) -> dict[str, str]:
    return dict(HeaderParser().parsestr(path.read_text(encoding="utf-8")).items())


def test_every_licence_is_named_and_its_text_is_there(package: Package) -> None:
    text = (package.root / tree.DOC / "copyright").read_text(encoding="utf-8")
    texts = [line.strip() for line in text.splitlines() if line.startswith("  /usr/lib/tocsin/")]
    assert len(texts) > 20
    for path in texts:
        assert (package.root / path[1:]).is_file()
    assert "European Union Public Licence".lower() in text.lower()


def test_without_a_commit_or_a_time_there_is_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with pytest.raises(PackageFault, match="SOURCE_DATE_EPOCH"):
        epoch(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert epoch(tmp_path) == 1_700_000_000


def test_the_command_builds_and_says_where(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "tools.package", "--suite=bookworm", "--arch=arm64"]
    done = subprocess.run(
        [*argv, f"--out={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (deb,) = tmp_path.iterdir()
    assert done.stdout.strip() == str(deb)
    told = subprocess.check_output(["dpkg-deb", "--field", deb, "Architecture"], text=True)
    assert told.strip() == "arm64"


def test_the_earlier_package_has_one_step_less_and_the_lower_version(
    package: Package, tmp_path: Path
) -> None:
    schema = (earlier(tmp_path) / "gateway/disk/schema.py").read_text(encoding="utf-8")
    now = (ROOT / "gateway/disk/schema.py").read_text(encoding="utf-8")
    assert len(now.splitlines()) - len(schema.splitlines()) == 1
    assert VERSION not in package.deb.name


def unpack(deb: Path, root: Path) -> list[str]:
    """Return what unpacks `deb` as dpkg does it, below `root`, for any user and without its scripts."""
    (root / "var/lib/dpkg").mkdir(parents=True, exist_ok=True)
    (root / "var/lib/dpkg/status").touch()
    forced = "--force-not-root,depends,script-chrootless,bad-path,confold,downgrade"
    return ["dpkg", f"--root={root}", forced, "--unpack", str(deb)]


def in_force(root: Path) -> tuple[str, set[tuple[str, int]]]:
    """Return the version that would start, and each of its files with its size."""
    home = (root / tree.LIB / "current").resolve()
    paths = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    return home.name, {(str(path.relative_to(home)), path.stat().st_size) for path in paths}


def test_an_upgrade_killed_at_any_moment_leaves_a_whole_gateway(
    package: Package, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with alone(package.deb.parent):
        before = build_earlier("trixie", native(), tmp_path)
    whole, took_s = {}, 0.0
    for deb in (before, package.deb):  # what each looks like when nothing went wrong
        begin = time.monotonic()
        subprocess.run(unpack(deb, tmp_path / deb.stem), check=True, capture_output=True)
        took_s = time.monotonic() - begin
        version, there = in_force(tmp_path / deb.stem)
        whole[version] = there
    root = tmp_path / before.stem
    for attempt in range(1, KILLS + 1):
        process = subprocess.Popen(
            unpack(package.deb, root), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(took_s * attempt / KILLS)
        process.kill()
        process.wait()
        version, there = in_force(root)
        assert whole[version] - there == set()
    subprocess.run(unpack(package.deb, root), check=True, capture_output=True)
    version, there = in_force(root)
    assert version == environment(package).name
    assert there == whole[version]
