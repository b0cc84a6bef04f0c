"""What is made of the machine's own apt: its release, its mirror, and how it gets there."""

import platform
import subprocess

import pytest

from tools import debian

DUMP = """\
APT::Architecture "amd64";
Acquire::Retries "5";
Acquire::http "";
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https::CAInfo "/etc/ssl/ours.pem";
Acquire::cdrom::mount "/media/cdrom/";
Acquire::IndexTargets::deb::Packages "";
"""


def test_the_release_is_this_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"VERSION_CODENAME": "trixie"})
    assert debian.release() == "trixie"


def test_a_system_without_a_release_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "gentoo"})
    with pytest.raises(debian.DebianUnavailable, match="does not say which"):
        debian.release()


def test_a_builder_asks_the_machines_first_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "_machine_mirrors", lambda: ["http://near.example/debian/", "b"])
    line = debian.source_lines("trixie")
    assert line.endswith(" http://near.example/debian/ trixie main\n")
    assert line.startswith("deb [signed-by=")


def test_without_a_mirror_there_is_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "_machine_mirrors", list)
    with pytest.raises(debian.DebianUnavailable, match="no Debian mirror"):
        debian.source_lines("trixie")


def test_proxies_and_certificates_are_handed_on_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dump(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, DUMP, "")

    monkeypatch.setattr(subprocess, "run", dump)
    assert debian.download_options().splitlines() == [
        'Acquire::Retries "5";',
        'Acquire::http::Proxy "http://proxy.example:3128";',
        'Acquire::https::CAInfo "/etc/ssl/ours.pem";',
    ]
