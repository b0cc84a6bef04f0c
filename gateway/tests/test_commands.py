"""The commands as a person uses them, on a gateway that runs: in both languages, and every exit status."""

import asyncio
import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage
import pytest

from gateway.cli import main
from gateway.commands import exits
from gateway.commands.options import FILE
from gateway.telemetry import status as status_file
from gateway.tests.brokers import Mosquitto
from gateway.tests.builders import KEY
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import GatewayProcess, Said
from gateway.tests.waiting import eventually
from protocol.kinds import STORED

LANGUAGES = pytest.mark.parametrize("lang", ["en", "fr"])


@pytest.fixture
def gateway(tmp_path: Path, broker: Mosquitto) -> Iterator[GatewayProcess]:
    folder = tmp_path / "g"
    folder.mkdir()
    gateway = GatewayProcess(folder, broker.port)
    yield gateway
    gateway.kill()


@pytest.fixture
async def running(gateway: GatewayProcess) -> AsyncIterator[PtyHead]:
    """The radio head of a gateway that runs, with a device."""
    assert gateway.ask("enrol", gateway.enrolment("button-01", KEY)).code == exits.DONE
    head = PtyHead(gateway.port)
    gateway.start()
    await eventually(lambda: len(gateway.lines("up")) == 2)
    yield head
    head.unplug()


@LANGUAGES
def test_help_is_in_the_language_of_the_reader(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_LANG", lang)
    texts = []
    for command in ([], ["run"], ["enrol"], ["close"], ["key"], ["journal", "verify"]):
        with pytest.raises(SystemExit) as caught:
            main([*command, "--help"])
        assert caught.value.code == 0
        texts.append(capsys.readouterr().out)
    english = ("usage: ", "show this help", "the configuration", "commands:", "needed:")
    french = ("usage : ", "afficher cette aide", "la configuration", "commandes:", "requis:")
    spoken, other = (english, french) if lang == "en" else (french, english)
    assert all(any(words in text for text in texts) for words in spoken)
    assert not any(words in text for text in texts for words in other if words not in spoken)


@pytest.mark.parametrize(
    ("arguments", "english", "french"),
    [
        ((), "missing: COMMAND", "manque : COMMANDE"),
        (("dance",), "'dance' is none of: ", "'dance' n'est aucun de : "),
        (("close", "ab"), "missing: --by", "manque : --by"),
        (("command", "b", "dance"), "COMMAND: 'dance' is none", "COMMANDE : 'dance' n'est aucun"),
        (("status", "--jsonn"), "not known: --jsonn", "inconnu : --jsonn"),
        (("incidents", "--config"), "--config: needs a value", "--config : il faut une valeur"),
        (("test-alert", "--within-s", "x"), "'x' is no whole", "'x' n'est pas un nombre"),
        (("journal", "verify", "--head", "x"), "64 hexadecimal", "64 chiffres hexadécimaux"),
    ],
)
def test_a_wrong_command_line_is_explained_in_both_languages(
    arguments: tuple[str, ...],
    english: str,
    french: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for lang, words in (("en", english), ("fr", french)):
        monkeypatch.setenv("TOCSIN_LANG", lang)
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == exits.USAGE
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_every_command_and_option(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == exits.DONE
    script = capsys.readouterr().out
    for word in ("acknowledge", "test-alert", "verify", "--eta-minutes", FILE[shell]):
        assert word in script


def test_bash_completes_what_is_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == exits.DONE
    script = tmp_path / "completion"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    for words, offered in (
        ("tocsin-gateway ackn", "acknowledge"),
        ("tocsin-gateway journal ver", "verify"),
        ("tocsin-gateway close --b", "--by"),
    ):
        assert offered in _completed(script, words.split())


def _completed(script: Path, words: list[str]) -> list[str]:
    """Return what bash offers for the last of `words`, as at a prompt."""
    lines = f"""
        source {script}
        function_of_it=$(complete -p tocsin-gateway | sed 's/.*-F //; s/ .*//')
        COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}
        $function_of_it tocsin-gateway {words[-1]} {words[-2]}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.slow
@LANGUAGES
async def test_from_a_press_to_the_end_of_its_incident(
    lang: str, gateway: GatewayProcess, running: PtyHead
) -> None:
    async def said(*arguments: str) -> Said:
        return await asyncio.to_thread(gateway.ask, *arguments, lang=lang)

    wearer = Wearer(KEY)
    running.hear(wearer.press())
    await running.answered(wearer, STORED)
    done = Said(exits.DONE, {"en": "done\n", "fr": "fait\n"}[lang], "")
    assert await said("acknowledge", wearer.incident, "--by", "Jo") == done
    busy = await said("unenrol", "button-01")
    assert busy.code == exits.FAULT
    assert {"en": "close it first", "fr": "clôturez-le"}[lang] in busy.out
    assert await said("close", wearer.incident, "--by", "Jo") == done
    for arguments, flag in (
        (("close", "5", "--by", "Jo"), "ID"),
        (("close", wearer.incident, "--by", ""), "--by"),
        (("acknowledge", wearer.incident, "--by", "Jo", "--eta-minutes", "-1"), "--eta-minutes"),
    ):
        refused = await said(*arguments)
        assert (refused.code, refused.out.split()[0]) == (exits.FAULT, flag)
    again = await said("close", wearer.incident, "--by", "Jo", "--json")
    assert (again.code, json.loads(again.out)) == (exits.FAULT, {"result": "already_closed"})
    listed = (await said("incidents")).out.splitlines()
    heading, verdict = {"en": ("freshness", "unverified"), "fr": ("fraîcheur", "non vérifiée")}[
        lang
    ]
    assert listed[0].index(heading) == listed[1].index(verdict)
    await _the_journal_tells(wearer.incident, said)
    assert (await said("unenrol", "button-01")).code == exits.DONE
    assert not list((gateway.state_dir / "enrolments").glob("*.age"))
    assert (await said("unenrol", "button-01")).code == exits.FAULT


async def _the_journal_tells(incident: str, said: Callable[..., Awaitable[Said]]) -> None:
    head = json.loads((await said("journal", "verify", "--json")).out)["head"]
    known = f"{head['n']}:{head['sha256']}"
    assert (await said("journal", "verify", "--head", known)).code == exits.DONE
    assert (await said("journal", "verify", "--head", f"1:{'0' * 64}")).code == exits.FAULT
    unknown = await said("journal", "export", "--incident", "0" * 32)
    assert (unknown.code, bool(unknown.err)) == (exits.FAULT, True)
    exported = (await said("journal", "export", "--incident", incident)).out
    names = [json.loads(line)["event"] for line in exported.splitlines()[1:]]
    assert names[0] == "raised"
    assert names[-1] == "closed"


@pytest.mark.slow
@LANGUAGES
async def test_a_test_alert_shows_each_hop_and_what_it_still_waits_for(
    lang: str, gateway: GatewayProcess, running: PtyHead, broker: Mosquitto
) -> None:
    sent = await asyncio.to_thread(gateway.ask, "test-alert", lang=lang)
    assert sent.code == exits.DONE
    stored, confirmed = sent.out.splitlines()
    assert stored.startswith({"en": "on disk after", "fr": "sur le disque après"}[lang])
    assert confirmed.startswith({"en": "broker: confirmed", "fr": "broker : confirmé"}[lang])
    broker.freeze(frozen=True)
    kept = await asyncio.to_thread(gateway.ask, "test-alert", "--within-s", "1", lang=lang)
    assert kept.code == exits.NOT_YET
    assert {"en": "not confirmed yet", "fr": "pas encore confirmé"}[lang] in kept.out
    broker.freeze(frozen=False)
    told = json.loads((await asyncio.to_thread(gateway.ask, "test-alert", "--json", lang=lang)).out)
    assert told["result"] == "done"
    assert set(told["hops_s"]) == {"disk", "broker"}
    status = await asyncio.to_thread(gateway.ask, "status", lang=lang)
    assert "radios:" in status.out


@pytest.mark.slow
@LANGUAGES
async def test_check_says_what_to_do(lang: str, gateway: GatewayProcess, broker: Mosquitto) -> None:
    head = PtyHead(gateway.port)
    good = await asyncio.to_thread(gateway.ask, "check", lang=lang)
    assert good.code == exits.DONE, good.out
    broker.stop()
    head.unplug()
    bad = await asyncio.to_thread(gateway.ask, "check", lang=lang)
    assert bad.code == exits.FAULT
    assert bad.out.count({"en": "FAULT", "fr": "DÉFAUT"}[lang]) == 2
    assert "radio.port" in bad.out
    told = json.loads((await asyncio.to_thread(gateway.ask, "check", "--json", lang=lang)).out)
    assert {one["topic"] for one in told if one["weight"] == "fault"} == {"radio", "upstream"}


@LANGUAGES
def test_every_other_exit_status(lang: str, gateway: GatewayProcess) -> None:
    def status(*arguments: str | Path) -> int:
        said = gateway.ask(*arguments, lang=lang)
        assert said.err
        return said.code

    assert status("status") == exits.NOT_RUNNING
    assert status("enrol", gateway.folder / "none") == exits.NO_FILE
    assert status("enrol", gateway.config) == exits.BAD_FILE
    assert status("key", "new") == exits.CONFIG
    (gateway.state_dir / "gateway.sqlite").write_bytes(b"no database" * 999)
    assert status("devices") == exits.DISK
    gateway.config.write_text("[gateway]\n", encoding="utf-8")
    assert status("check") == exits.CONFIG


def test_the_status_of_a_gateway_that_has_gone_is_shown_and_is_no_success(
    gateway: GatewayProcess,
) -> None:
    folder = gateway.folder / "run"
    folder.mkdir(parents=True, exist_ok=True)
    for age_s, code in ((5.0, exits.DONE), (60.0, exits.NOT_RUNNING)):
        status_file.write(folder, {"at": time.time() - age_s, "site": "north"})
        said = gateway.ask("status", lang="en")
        assert (said.code, "north" in said.out) == (code, True)
    assert "s ago: is the gateway running?" in said.err


@pytest.mark.slow
@LANGUAGES
def test_a_process_of_its_own_ends_with_that_status_and_no_traceback(
    lang: str, gateway: GatewayProcess
) -> None:
    done = gateway.call("acknowledge", "ab" * 16, "--by", "Jo", lang=lang)
    assert done.returncode == exits.NOT_RUNNING
    words = {"en": "the gateway is not running", "fr": "la passerelle n'est pas en marche"}[lang]
    assert done.stderr.startswith(words)
    assert done.stdout == ""


def test_what_a_user_may_not_do(capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = _config(folder)
        folder.chmod(0o555)
        with _as_nobody():
            assert main(["key", "new", "--config", str(config)]) == exits.NOT_ALLOWED
        folder.chmod(0o755)
    assert "may not use" in capsys.readouterr().err


@LANGUAGES
def test_a_backup_and_the_way_back(lang: str, gateway: GatewayProcess) -> None:
    def code(*arguments: str | Path) -> int:
        return gateway.ask(*arguments, lang=lang).code

    assert code("enrol", gateway.enrolment("button-01", KEY)) == exits.DONE
    copy = gateway.folder / "copy.age"
    assert code("backup", copy) == exits.DONE
    assert code("backup", copy, "--to", "age1x") == exits.USAGE
    assert code("backup", gateway.folder / "none" / "copy.age") == exits.NO_FILE
    assert code("unenrol", "button-01") == exits.DONE
    restored = gateway.ask("restore", copy, lang=lang)
    assert restored.code == exits.DONE, restored.err
    assert {"en": "1 devices", "fr": "1 appareils"}[lang] in restored.out
    (device,) = json.loads(gateway.ask("devices", "--json").out)
    assert device["device"] == "button-01"
    assert code("restore", gateway.config) == exits.BAD_FILE
    assert code("restore", gateway.folder / "none") == exits.NO_FILE


def test_a_backup_for_another_identity_sets_a_gateway_up_anew(gateway: GatewayProcess) -> None:
    assert gateway.ask("enrol", gateway.enrolment("button-01", KEY)).code == exits.DONE
    identity = pyrage.x25519.Identity.generate()
    secret, copy = gateway.folder / "identity", gateway.folder / "copy.age"
    secret.write_text(f"# created: today\n{identity}\n", encoding="utf-8")
    told = gateway.ask("backup", copy, "--to", str(identity.to_public()))
    assert "stand in for this gateway" in told.out
    assert gateway.ask("restore", copy).code == exits.BAD_FILE
    for path in gateway.state_dir.glob("gateway*"):
        path.unlink()
    told = gateway.ask("restore", copy, "--identity", secret)
    assert told.code == exits.DONE, told.err
    assert "the gateway's key, too" in told.out
    assert gateway.recipient in gateway.ask("key", "show").out


def test_unenrol_where_the_gateway_does_not_run(gateway: GatewayProcess) -> None:
    assert gateway.ask("enrol", gateway.enrolment("button-01", KEY)).code == exits.DONE
    kept = gateway.state_dir / "enrolments" / "button-01.age"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert gateway.ask("unenrol", "button-01").code == exits.DONE
    assert not kept.exists()
    with sqlite3.connect(gateway.state_dir / "gateway.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM device").fetchone() == (0,)
    connection.close()


def _config(folder: Path) -> Path:
    path = folder / "gateway.toml"
    path.write_text(
        f"""
        [gateway]
        site = "msp"
        state_dir = "{folder}/state"
        [[radio]]
        type = "radio_head"
        port = "/dev/null"
        [[upstream]]
        type = "mqtt"
        host = "localhost"
        """,
        encoding="utf-8",
    )
    return path


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Let this process have no rights beyond those of everybody; root has them all."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65_534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
