"""The command line: what it prints, in which language, and its exit codes; never a traceback."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pyrage
import pytest

from gateway import cli
from gateway.cli import main, parser
from gateway.commands.options import Commands, Parser
from gateway.tests.builders import KEY
from gateway.tests.test_enrolment import GOOD


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.toml"
    path.write_text(
        f"""
        [gateway]
        site = "msp"
        state_dir = "{tmp_path}/state"
        runtime_dir = "{tmp_path}/run"
        [[radio]]
        type = "radio_head"
        port = "{tmp_path}/tty"
        [[upstream]]
        type = "mqtt"
        host = "broker.example.org"
        tls = false
        """,
        encoding="utf-8",
    )
    return path


Capture = pytest.CaptureFixture[str]


def call(config: Path, *arguments: str) -> int:
    return main([*arguments, "--config", str(config)])


def enrolment(config: Path, capsys: Capture, **fields: object) -> Path:
    capsys.readouterr()
    assert call(config, "key", "show") == 0
    recipient = pyrage.x25519.Recipient.from_str(capsys.readouterr().out.strip())
    path = config.parent / "button.age"
    path.write_bytes(pyrage.encrypt(json.dumps(GOOD | fields).encode(), [recipient]))
    return path


def test_from_a_new_key_to_an_enrolled_device(config: Path, capsys: Capture) -> None:
    assert call(config, "key", "new") == 0
    assert capsys.readouterr().out.startswith("age1")
    assert call(config, "key", "new") == os.EX_CONFIG
    assert "never overwritten" in capsys.readouterr().err
    file = enrolment(config, capsys)
    assert call(config, "enrol", str(file)) == 0
    out = capsys.readouterr().out
    assert "button-01: enrolled" in out
    assert "is not running" in out
    assert call(config, "devices", "--json") == 0
    (device,) = json.loads(capsys.readouterr().out)
    assert device["label"] == "Dr Martin"
    assert [device[name] for name in ("battery_mv", "reset", "uptime_h")] == [None] * 3
    assert call(config, "devices") == 0
    shown = capsys.readouterr()
    assert "Room 3" in shown.out
    assert KEY.hex() not in shown.out + shown.err


def test_the_key_that_signs_is_made_once_and_shown_in_both_forms(
    config: Path, capsys: Capture
) -> None:
    assert call(config, "key", "signing") == 0
    jwk, webhook = capsys.readouterr().out.splitlines()
    assert call(config, "key", "signing", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"jwk": json.loads(jwk), "webhook_key": webhook}
    assert webhook.startswith("whpk_")
    (config.parent / "state" / "signing.key").write_text("?")
    assert call(config, "key", "signing") == os.EX_CONFIG


@pytest.mark.parametrize("name", ["schema", "asyncapi"])
def test_the_documents_of_events_are_printed(name: str, config: Path, capsys: Capture) -> None:
    assert call(config, "events", name) == 0
    assert "tocsin.alert" in capsys.readouterr().out


def test_a_wrong_enrolment_is_told_field_by_field(config: Path, capsys: Capture) -> None:
    call(config, "key", "new")
    file = enrolment(config, capsys, role="watch", counter="x")
    assert call(config, "enrol", str(file)) == os.EX_DATAERR
    err = capsys.readouterr().err
    assert f"{file}: role: must be one of: button, call_box" in err
    assert f"{file}: counter: must be a whole number" in err
    file.write_bytes(b"not age")
    assert call(config, "enrol", str(file)) == os.EX_DATAERR
    assert f"{file}: -: is not encrypted to the recipient" in capsys.readouterr().err
    assert call(config, "enrol", str(file.with_name("missing"))) == os.EX_NOINPUT
    assert "missing" in capsys.readouterr().err


def test_without_a_key_nothing_runs(config: Path, capsys: Capture) -> None:
    assert call(config, "key", "show") == os.EX_CONFIG
    assert call(config, "run") == os.EX_CONFIG
    assert "tocsin-gateway key new" in capsys.readouterr().err


def test_before_anything_happened(config: Path, capsys: Capture) -> None:
    call(config, "key", "new")
    capsys.readouterr()
    assert call(config, "incidents") == 0
    assert capsys.readouterr().out == "none\n"
    assert call(config, "incidents", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert call(config, "status") == os.EX_UNAVAILABLE
    assert "is the gateway running?" in capsys.readouterr().err
    assert call(config, "acknowledge", "ab" * 16, "--by", "Jo") == os.EX_UNAVAILABLE
    assert "is not running" in capsys.readouterr().err


def test_a_database_that_is_none_is_told(config: Path, capsys: Capture) -> None:
    call(config, "key", "new")
    (config.parent / "state" / "gateway.sqlite").write_bytes(b"no database at all" * 100)
    assert call(config, "devices") == os.EX_IOERR
    assert "cannot be used" in capsys.readouterr().err


def test_wrong_usage(config: Path, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        call(config, "dance")
    assert caught.value.code == 2
    assert "dance" in capsys.readouterr().err


def test_each_command_is_found_without_loading_the_others() -> None:
    """So all that is offered has to be known beforehand."""
    for family, offers in cli._FAMILIES.items():
        whole = Parser(prog="family")
        commands = Commands(whole)
        import_module(f"gateway.commands.{family}").add(commands)
        assert tuple(commands._commands.choices) == (offers or ("completion",))


READ_IN = """
import sys
from gateway import cli
cli.parser(sys.argv[1])
print(*sorted({"aiomqtt", "apprise", "bleak", "gateway.service", "httpx", "uvloop"} & sys.modules.keys()))
"""


@pytest.mark.parametrize(
    ("command", "read"),
    [("setup", ""), ("status", ""), ("incidents", ""), ("run", "gateway.service uvloop")],
)
def test_what_somebody_waits_for_reads_in_only_what_it_needs(command: str, read: str) -> None:
    argv = [sys.executable, "-c", READ_IN, command]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert said.strip() == read


@pytest.mark.parametrize("command", ["setup", "status", "run", "check", "incidents"])
def test_a_command_is_described_in_the_same_words_however_it_is_found(
    command: str, capsys: Capture
) -> None:
    for first in ("", command):
        with pytest.raises(SystemExit):
            parser(first).parse_args([command, "--help"])
    first, second = capsys.readouterr().out.split("usage: ")[1:]
    assert first == second
