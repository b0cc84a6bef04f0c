"""Unpacks packages of a Debian release into a folder, and leaves the system as it is.

apt works on lists, state and a source list of its own, so that neither root nor a change to the
system's sources is needed. What the machine says about proxies and certificates stays in force,
and every index is checked against the Debian archive keyring that the machine already has.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
)

# What apt may be told of the way to a mirror.
DOWNLOADS = ("Acquire::http", "Acquire::Retries", "Acquire::ForceIP")

# The scripts of the machine's own configuration expect root and the system's folders: cleared.
APT_CONF = """\
#clear APT::Architectures;
#clear APT::Default-Release;
#clear APT::Update;
Dir::Etc::SourceList "{work}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "{work}/state";
Dir::State::Lists "{work}/lists";
Dir::State::status "{work}/status";
Dir::Cache "{work}/cache";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Retries "3";
"""


class DebianUnavailable(Exception):
    """The packages cannot be had from the machine's own Debian mirror: says why."""


def architecture() -> str:
    """Return Debian's name for this machine: amd64, arm64, ..."""
    return _run(["dpkg", "--print-architecture"]).strip()


def release() -> str:
    """Return the code name of this machine's Debian: bookworm, trixie, ..."""
    try:
        return platform.freedesktop_os_release()["VERSION_CODENAME"]
    except (OSError, KeyError) as error:
        raise DebianUnavailable("this system does not say which Debian it is") from error


def source_lines(release: str) -> str:
    """Return a source list for all of `release` from this machine's likeliest Debian mirror."""
    mirrors_here = _machine_mirrors()
    if not mirrors_here:
        raise DebianUnavailable("apt names no Debian mirror")
    return f"deb [signed-by={_keyring()}] {mirrors_here[0]} {release} main\n"


def download_options() -> str:
    """Return what the machine's apt is told of proxies, certificates and patience, as an apt.conf."""
    told = [line for line in _run(["apt-config", "dump"]).splitlines() if not line.endswith(' "";')]
    return "".join(f"{line}\n" for line in told if line.startswith(DOWNLOADS))


def unpack(packages: Sequence[str], release: str, architecture: str, work: Path) -> Path:
    """Download `packages` of `release`; return the folder below `work` they are unpacked into."""
    keyring = _keyring()
    conf = _prepare(work, architecture)
    refusals = []
    for mirror in _machine_mirrors():
        line = f"deb [signed-by={keyring} target=Packages] {mirror} {release} main\n"
        (work / "sources.list").write_text(line)
        try:
            _run(["apt-get", "-q", "-c", str(conf), "update"])
            _run(["apt-get", "-q", "-c", str(conf), "download", *packages], work / "packages")
        except DebianUnavailable as refusal:
            refusals.append(str(refusal))
        else:
            return _unpack_all(work / "packages", work / "root")
    raise DebianUnavailable("\n".join(refusals) or "apt names no Debian mirror")


def mirrors(described: str, configured: str) -> list[str]:
    """Return the mirrors worth asking, the likeliest first.

    `described` has lines `address|origin|label` of the mirrors whose lists were downloaded,
    `configured` the address of every mirror. One that was never asked comes last: if it is not
    Debian's, its signature says so.
    """
    origins = {}
    for line in described.splitlines():
        address, origin, label = line.split("|")
        origins[address] = origin == "Debian" and label != "Debian-Security"
    unknown = [address for address in configured.splitlines() if address not in origins]
    likely = [address for address, is_debian in origins.items() if is_debian]
    return list(dict.fromkeys(likely + unknown))


def _keyring() -> Path:
    keyring = next((path for path in KEYRINGS if path.exists()), None)
    if keyring is None:
        raise DebianUnavailable("the package debian-archive-keyring is not installed")
    return keyring


def _machine_mirrors() -> list[str]:
    described = _index_targets("$(REPO_URI)|$(ORIGIN)|$(LABEL)")
    return mirrors(described, _index_targets("$(REPO_URI)", "--no-release-info"))


def _index_targets(form: str, *options: str) -> str:
    argv = ["apt-get", "indextargets", *options, "--format", form, "Created-By: Packages"]
    return _run(argv)


def _prepare(work: Path, architecture: str) -> Path:
    for folder in ("state", "lists/partial", "cache/archives/partial", "packages", "root"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    conf = work / "apt.conf"
    conf.write_text(APT_CONF.format(work=work, architecture=architecture))
    return conf


def _unpack_all(packages: Path, root: Path) -> Path:
    for package in sorted(packages.glob("*.deb")):
        _run(["dpkg", "-x", str(package), str(root)])
    return root


def _run(argv: list[str], cwd: Path | None = None) -> str:
    """Return what a program prints; raise `DebianUnavailable` with its complaint."""
    if shutil.which(argv[0]) is None:
        raise DebianUnavailable(f"no {argv[0]} here: not a Debian system")
    env = os.environ | {"LC_ALL": "C"}
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        complaint = done.stderr.strip() or f"{argv[0]} ended with status {done.returncode}"
        raise DebianUnavailable(complaint)
    return done.stdout
