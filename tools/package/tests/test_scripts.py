"""The scripts that dpkg runs, and the command: plain sh, run again without harm, keys kept unless told."""

import os
import subprocess
from pathlib import Path

import pytest

DEBIAN = Path(__file__).resolve().parents[3] / "gateway/packaging/debian"
SCRIPTS = ("postinst", "prerm", "postrm", "bluetooth-recovery", "tocsin-gateway.sh")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_syntax_is_that_of_sh(name: str) -> None:
    subprocess.run(["sh", "-n", DEBIAN / name], check=True)


class System:
    """A system below a folder, whose programs only note that they were called."""

    def __init__(self, folder: Path, *programs: str, groups: str = "bluetooth dialout") -> None:
        self.root = folder
        self._bin = folder / "bin"
        self._bin.mkdir()
        for name in programs:
            (self._bin / name).write_text(
                f'#!/bin/sh\necho "{name} $*" >>{folder}/called\n', encoding="utf-8"
            )
            (self._bin / name).chmod(0o755)
        if "getent" in programs:
            with (self._bin / "getent").open("a") as getent:
                getent.write(f"for one in {groups}; do echo $one:x:1:; done\nexit 2\n")

    def run(
        self, script: str, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script with the folders of this system in the place of the real ones."""
        text = (DEBIAN / script).read_text(encoding="utf-8")
        for folder in ("/var/lib/tocsin", "/etc/tocsin", "/run/", "/usr/bin/", "/usr/lib/"):
            text = text.replace(folder, f"{self.root}{folder}")
        env = {"PATH": f"{self._bin}:{os.environ['PATH']}"} | environment
        return subprocess.run(
            ["sh", "-c", text, script, *arguments],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def called(self) -> list[str]:
        there = self.root / "called"
        return there.read_text(encoding="utf-8").splitlines() if there.exists() else []

    def state(self) -> Path:
        state = self.root / "var/lib/tocsin"
        (state / "enrolments").mkdir(parents=True)
        for name in ("gateway.key", "signing.key", "gateway.sqlite", ".hidden", "enrolments/a.age"):
            (state / name).touch()
        (self.root / "etc/tocsin").mkdir(parents=True)
        for name in ("gateway.toml", "gateway.toml.before", "mqtt.password"):
            (self.root / "etc/tocsin" / name).touch()
        return state


INSTALLING = (
    "deb-systemd-helper", "deb-systemd-invoke", "getent", "install", "systemd-sysusers",
    "systemd-tmpfiles", "systemctl", "udevadm", "busctl", "usermod",
)  # fmt: skip


def test_without_a_running_systemd_nothing_is_started_and_all_else_is_done(tmp_path: Path) -> None:
    system = System(tmp_path, *INSTALLING)
    for _ in range(2):
        done = system.run("postinst", "configure", "")
        assert done.returncode == 0, done.stderr
        assert "tocsin-gateway setup" in done.stderr
    programs = {line.split()[0] for line in system.called}
    assert {"systemd-sysusers", "install", "usermod", "deb-systemd-helper"} <= programs
    assert not {"deb-systemd-invoke", "systemctl", "systemd-tmpfiles"} & programs
    assert "usermod --append --groups bluetooth,dialout tocsin" in system.called


def test_where_there_is_none_of_its_groups_it_is_in_none(tmp_path: Path) -> None:
    system = System(tmp_path, *INSTALLING, groups="")
    assert system.run("postinst", "configure", "").returncode == 0
    assert not any(line.startswith("usermod") for line in system.called)


def test_only_what_somebody_may_have_decided_is_asked_of_the_units(tmp_path: Path) -> None:
    system = System(tmp_path, *INSTALLING)
    units = "tocsin-gateway.service tocsin-bluetooth-recovery.path"
    assert system.run("postinst", "configure", "").returncode == 0
    asked = [line for line in system.called if line.startswith("deb-systemd-helper")]
    assert asked == [f"deb-systemd-helper enable {units}"]
    assert system.run("postinst", "configure", "0.0.9").returncode == 0
    asked = [line for line in system.called if line.startswith("deb-systemd-helper")][1:]
    assert asked[0] == f"deb-systemd-helper unmask {units}"
    assert sum("was-enabled" in line for line in asked) == len(units.split())


def test_with_it_the_gateway_is_started_anew_and_bluetooth_only_at_first(tmp_path: Path) -> None:
    system = System(tmp_path, *INSTALLING)
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert system.run("postinst", "configure", "").returncode == 0
    restarts = [line for line in system.called if line.startswith("deb-systemd-invoke")]
    units = "tocsin-gateway.service tocsin-bluetooth-recovery.path"
    assert restarts == [f"deb-systemd-invoke restart bluetooth.service {units}"]
    assert system.run("postinst", "configure", "0.0.9").returncode == 0
    assert system.called[-1] == f"deb-systemd-invoke restart {units}"


def test_an_upgrade_stops_nothing_and_a_removal_does(tmp_path: Path) -> None:
    system = System(tmp_path, "deb-systemd-invoke")
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    system.run("prerm", "upgrade", "0.2")
    assert system.called == []
    system.run("prerm", "remove")
    assert system.called[0].startswith("deb-systemd-invoke stop")


def test_a_removal_leaves_what_the_gateway_knows(tmp_path: Path) -> None:
    system = System(tmp_path)
    state = system.state()
    assert system.run("postrm", "remove").returncode == 0
    assert (state / "gateway.sqlite").exists()
    assert (tmp_path / "etc/tocsin/gateway.toml").exists()


def test_a_purge_keeps_the_keys_and_says_so(tmp_path: Path) -> None:
    system = System(tmp_path)
    state = system.state()
    for _ in range(2):
        done = system.run("postrm", "purge")
        assert done.returncode == 0
        assert "kept" in done.stderr
        assert sorted(path.name for path in state.iterdir()) == ["gateway.key", "signing.key"]
        assert not (tmp_path / "etc/tocsin").exists()


@pytest.mark.parametrize("told", ["file", "variable"])
def test_a_purge_takes_the_keys_where_it_is_told_to(told: str, tmp_path: Path) -> None:
    system = System(tmp_path)
    state = system.state()
    if told == "file":
        (tmp_path / "etc/tocsin/purge-keys").touch()
    environment = {"TOCSIN_PURGE_KEYS": "1"} if told == "variable" else {}
    assert system.run("postrm", "purge", **environment).returncode == 0
    assert not state.exists()
    assert not (tmp_path / "etc/tocsin").exists()


@pytest.mark.parametrize(
    ("user", "arguments", "expected"),
    [
        (0, ["status"], "setpriv --reuid=tocsin --regid=tocsin --init-groups --inh-caps=-all -- "),
        (0, ["enrol", "x.age"], "+dac_override -- "),
        (0, ["setup"], "python -I -m gateway setup"),
        (1000, ["status"], "python -I -m gateway status"),
    ],
)
def test_what_root_asks_for_is_done_as_the_gateway_s_user(
    user: int, arguments: list[str], expected: str, tmp_path: Path
) -> None:
    system = System(tmp_path, "setpriv", "python")
    (tmp_path / "bin/id").write_text(f"#!/bin/sh\necho {user}\n", encoding="utf-8")
    (tmp_path / "bin/id").chmod(0o755)
    (tmp_path / "usr/lib/tocsin/current/bin").mkdir(parents=True)
    (tmp_path / "usr/lib/tocsin/current/bin/python").symlink_to(tmp_path / "bin/python")
    assert system.run("tocsin-gateway.sh", *arguments).returncode == 0
    assert expected in system.called[0]
    assert system.called[0].endswith(" ".join(["-m gateway", *arguments]))
