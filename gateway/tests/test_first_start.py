"""The first start as an installer does it, at a terminal or from a file: a gateway to enrol to."""

import os
import pty
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

import gateway
from gateway import config as configuration
from gateway.cli import main
from gateway.commands import exits
from gateway.disk.gateway_key import GatewayKey
from gateway.fields import Problem
from gateway.first_start import answers, hardware, placing
from gateway.first_start.hardware import Found
from gateway.radio.radio_config import BluezConfig, HeadConfig
from gateway.upstream.mqtt_config import MqttConfig
from gateway.upstream.people_config import MailConfig

ROOT = Path(gateway.__file__).parents[1]
FOUND = Found(("/dev/tocsin-head-1",), ("hci0",))
MQTT = {"host": "broker.example.org"}


class Terminal:
    """A person at a terminal: waits for a question, then types the answer."""

    def __init__(self, argv: Sequence[str], lang: str) -> None:
        self.seen = ""
        self._read = 0
        ours, theirs = pty.openpty()
        self._fd = ours
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway", *argv],
            cwd=ROOT,
            env=os.environ | {"TOCSIN_LANG": lang},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def answer(self, question: str, typed: str) -> None:
        self.wait(question)
        os.write(self._fd, typed.encode() + b"\n")

    def wait(self, text: str, within_s: float = 20.0) -> None:
        due = time.monotonic() + within_s
        while text not in self.seen[self._read :]:
            assert time.monotonic() < due, self.seen
            self.seen += os.read(self._fd, 4096).decode()
        self._read = self.seen.index(text, self._read) + len(text)

    def end(self) -> int:
        try:
            while chunk := os.read(self._fd, 4096):
                self.seen += chunk.decode()
        except OSError:  # EIO: the other end has closed
            pass
        os.close(self._fd)
        return self.process.wait(20)


@pytest.fixture
def answered(tmp_path: Path) -> Path:
    """A file of answers for a gateway in folders of its own."""
    path = tmp_path / "answers.toml"
    path.write_text(
        f"""
        site = "cabinet"
        ports = ["/dev/tocsin-head-*"]
        state_dir = "{tmp_path}/state"
        runtime_dir = "{tmp_path}/run"
        [mqtt]
        host = "127.0.0.1"
        port = 1
        username = "us"
        password = "secret"
        """,
        encoding="utf-8",
    )
    return path


def planned(table: dict[str, object], found: Found = FOUND) -> tuple[answers.Plan, list[Problem]]:
    problems: list[Problem] = []
    return answers.plan(table, found, Path("/etc/tocsin"), problems), problems


def test_what_is_plugged_in_is_found_and_a_connection_is_no_adapter(tmp_path: Path) -> None:
    assert hardware.look(tmp_path) == Found()
    for name in (
        "sys/class/bluetooth/hci1",
        "sys/class/bluetooth/hci0",
        "sys/class/bluetooth/hci0:11",
    ):
        (tmp_path / name).mkdir(parents=True)
    by_id = tmp_path / "dev/serial/by-id"
    by_id.mkdir(parents=True)
    (by_id / "usb-Espressif_1").touch()
    assert hardware.look(tmp_path) == Found(
        ("/dev/serial/by-id/usb-Espressif_1",), ("hci0", "hci1")
    )
    (tmp_path / "dev/tocsin-head-ab").touch()  # the same head, by a better name
    assert hardware.look(tmp_path).ports == ("/dev/tocsin-head-ab",)


def test_few_answers_make_a_configuration_with_all_radios_found(tmp_path: Path) -> None:
    plan, problems = planned({"site": "cabinet", "mqtt": MQTT})
    assert not problems
    config = placing.place(plan, tmp_path / "gateway.toml")
    assert [type(radio) for radio in config.radios] == [HeadConfig, BluezConfig]
    assert config.place.site == "cabinet"


def test_every_way_out_and_its_password_in_a_file_of_its_own(tmp_path: Path) -> None:
    mail = {"host": "m.example.org", "sender": "a@b.fr", "recipients": ["c@d.fr"]}
    table: dict[str, object] = {
        "site": "cabinet",
        "name": "étage-2".replace("é", "e"),
        "mark": 2,
        "adapters": ["00:11:22:33:44:55"],
        "ports": [],
        "mqtt": MQTT | {"username": "u", "password": 'p"\\é'},
        "webhook": {"url": "https://x.example.org/in"},
        "mail": mail | {"username": "m", "password": "n"},
    }
    problems: list[Problem] = []
    plan = answers.plan(table, Found(), tmp_path, problems)
    assert not problems
    assert "p\\" not in plan.text
    assert 'p"' not in repr(plan)
    config = placing.place(plan, tmp_path / "gateway.toml")
    broker, _, letters = config.upstreams
    assert isinstance(broker, MqttConfig)
    assert isinstance(letters, MailConfig)
    assert broker.password_file == tmp_path / "mqtt.password"
    assert (tmp_path / "mqtt.password").read_text(encoding="utf-8") == 'p"\\é\n'
    assert (tmp_path / "mqtt.password").stat().st_mode & 0o007 == 0
    assert config.mark == 2


@pytest.mark.parametrize(
    ("table", "found", "keys"),
    [
        ({"mqtt": MQTT}, FOUND, ["site"]),
        ({"site": "a b", "mqtt": MQTT}, FOUND, ["site"]),
        ({"site": "a", "mark": 8, "mqtt": MQTT}, FOUND, ["mark"]),
        ({"site": "a", "mqtt": MQTT}, Found(), ["ports"]),
        ({"site": "a", "ports": [], "adapters": [], "mqtt": MQTT}, FOUND, ["ports"]),
        ({"site": "a"}, FOUND, ["mqtt"]),
        ({"site": "a", "mqtt": MQTT, "sight": "b"}, FOUND, ["sight"]),
    ],
)
def test_what_cannot_be_written_is_named(
    table: dict[str, object], found: Found, keys: list[str]
) -> None:
    _, problems = planned(table, found)
    assert [problem.key for problem in problems] == keys


def test_what_the_reader_refuses_leaves_everything_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, given = tmp_path / "gateway.toml", tmp_path / "answers.toml"
    config.write_text("old", encoding="utf-8")
    given.write_text(
        'site = "a"\nports = ["p"]\n[mail]\nhost = "h"\nsender = "nobody"\nrecipients = ["x@y.fr"]\n'
        'username = "u"\npassword = "p"\n',
        encoding="utf-8",
    )
    code = main(["setup", "--again", "--config", str(config), "--answers", str(given)])
    assert code == exits.CONFIG
    assert "sender" in capsys.readouterr().err
    assert config.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.toml", "gateway.toml"]


def test_a_file_of_answers_asks_nothing_and_tells_what_to_enrol_to(
    tmp_path: Path,
    answered: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")
    monkeypatch.chdir(ROOT)
    config = tmp_path / "etc" / "gateway.toml"
    arguments = ["setup", "--config", str(config), "--answers", str(answered)]
    assert main(arguments) == exits.FAULT  # no broker answers there: `check` says so
    told = capfd.readouterr().out
    recipient = GatewayKey.load(tmp_path / "state").recipient
    assert recipient in told
    assert "FAULT" in told
    assert (config.parent / "mqtt.password").stat().st_mode & 0o777 == 0o600
    before = config.read_text(encoding="utf-8")
    assert main(arguments) == exits.FAULT
    assert "--again" in capfd.readouterr().err
    assert main([*arguments, "--again", "--json"]) == exits.DONE
    assert recipient in capfd.readouterr().out  # the key is kept, whatever is set up anew
    assert (config.parent / "gateway.toml.before").read_text(encoding="utf-8") == before


def test_a_file_that_is_not_there_or_no_toml_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["setup", "--config", str(tmp_path / "c"), "--answers"]
    assert main([*arguments, str(tmp_path / "none")]) == exits.NO_FILE
    (tmp_path / "bad").write_text("x", encoding="utf-8")
    assert main([*arguments, str(tmp_path / "bad")]) == exits.CONFIG
    assert not (tmp_path / "c").exists()


QUESTIONS = {
    "en": (
        ("Name of the site", "a b"),  # refused, and asked again
        ("Name of the site", "cabinet"),
        ("Name of this gateway", ""),
        ("Its number", "9"),
        ("Its number", "2"),
        ("Port of the radio head", ""),
        ("By an MQTT broker?", "perhaps"),
        ("By an MQTT broker?", "y"),
        ("Name or address", "127.0.0.1"),
        ("User name", "u"),
        ("Password", "hush"),
        ("webhook", ""),
        ("By e-mail?", "n"),
    ),
    "fr": (
        ("Nom du site", "cabinet"),
        ("Nom de cette passerelle", "etage-2"),
        ("Son numéro", "2"),
        ("Port de la tête radio", ""),
        ("Par un broker MQTT ?", "n"),
        ("webhook", "n"),
        ("Par courriel ?", "n"),
        ("Par un broker MQTT ?", "o"),  # nobody would be told: asked again
        ("Nom ou adresse", "127.0.0.1"),
        ("Identifiant", "u"),
        ("Mot de passe", "hush"),
        ("webhook", "n"),
        ("Par courriel ?", "n"),
    ),
}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_installer_answers_at_a_terminal(lang: str, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    folders = [f"--state-dir={tmp_path}/state", f"--runtime-dir={tmp_path}/run"]
    there = Terminal(["setup", "--config", str(config), *folders], lang)
    for question, typed in QUESTIONS[lang]:
        there.answer(question, typed)
    code = there.end()
    assert code == exits.FAULT, there.seen  # the head is not plugged in, and `check` says so
    assert GatewayKey.load(tmp_path / "state").recipient in there.seen
    assert "hush" not in there.seen
    written = configuration.load(config)
    assert (written.place.site, written.mark) == ("cabinet", 2)
    assert (tmp_path / "mqtt.password").read_text(encoding="utf-8") == "hush\n"


def test_who_leaves_has_changed_nothing(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    there = Terminal(["setup", "--config", str(config)], "en")
    there.answer("Name of the site", "cabinet")
    there.answer("Name of this gateway", "\x04")
    assert there.end() == exits.FAULT
    assert "nothing was changed" in there.seen
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_explains_where_to_read_on(tmp_path: Path) -> None:
    plan, _ = planned({"site": "cabinet", "mqtt": MQTT})
    assert "/usr/share/tocsin-gateway/gateway.toml" in plan.text
    assert tomllib.loads(plan.text)["radio"][1] == {
        "type": "bluez",
        "name": "bluetooth-hci0",
        "adapter": "hci0",
    }
