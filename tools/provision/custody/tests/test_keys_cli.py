"""`tocsin keys` as an installer uses it; a whole run leaves no key in clear anywhere."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from typer.testing import CliRunner, Result

from gateway.tests.process import GatewayProcess
from tools.cli import app
from tools.provision.custody import search
from tools.provision.custody.reader import Reader
from tools.provision.custody.store import Custody
from tools.provision.custody.tests.builders import planned

PASSPHRASE = "a lamp in the quiet cellar"
MAC = "34:85:18:00:00:01"


class Laptop:
    """Runs commands of one reader, and keeps all that was printed."""

    def __init__(self, folder: Path, store: Path) -> None:
        self.identity = folder / "identity.age"
        self.store = store
        self.printed = ""

    def keys(self, command: str, *arguments: str | Path, typed: str | None = PASSPHRASE) -> Result:
        options = [] if command == "reader" else ["--store", str(self.store)]
        line = ["keys", command, *map(str, arguments), *options, "--identity", str(self.identity)]
        result = CliRunner().invoke(app, line, input=f"{typed}\n{typed}\n")
        self.printed += result.output
        return result


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    (tmp_path / "laptop").mkdir(mode=0o700)
    return Laptop(tmp_path / "laptop", tmp_path / "laptop" / "keys.age")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, reader: Reader) -> Reader:
    spare_scrypt(monkeypatch, reader)
    return reader


def spare_scrypt(monkeypatch: pytest.MonkeyPatch, reader: Reader) -> None:
    """Let whoever knows the passphrase be `reader`, without the second that scrypt takes."""

    def load(_path: Path, ask: Callable[[], str]) -> Reader:
        assert ask() == PASSPHRASE
        return reader

    monkeypatch.setattr(Reader, "load", load)


@pytest.fixture
def opened(laptop: Laptop, quick: Reader) -> Laptop:
    Custody.make(laptop.store, quick, "laptop", "Maison de santé")
    laptop.identity.write_bytes(b"sealed")
    laptop.identity.chmod(0o600)
    return laptop


@pytest.mark.slow
def test_from_nothing_to_an_enrolled_device_no_file_and_no_line_has_a_key_in_clear(
    laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = laptop.keys("new", "--organisation", "Maison de santé", "--name", "laptop")
    assert made.exit_code == 0
    assert stat.S_IMODE(laptop.identity.stat().st_mode) == 0o600
    reader = Reader.load(laptop.identity, lambda: PASSPHRASE)
    spare_scrypt(monkeypatch, reader)
    (tmp_path / "gateway").mkdir()
    gateway = GatewayProcess(tmp_path / "gateway", 1883)
    recipient = gateway.ask("key", "show").out.strip()
    assert laptop.keys("allow", "gateway", "cellar", recipient).exit_code == 0

    custody = Custody(laptop.store, reader)
    for name, role in (("button-01", "panic_button"), ("box-01", "call_box")):
        custody.given(custody.issue(planned(name, role)), MAC)
    out = tmp_path / "for-the-cellar"
    assert laptop.keys("enrol", "cellar", "--out", out).exit_code == 0
    for file in sorted(out.iterdir()):
        assert gateway.ask("enrol", file).code == 0
    told = gateway.ask("devices", "--json")
    assert {each["device"] for each in json.loads(told.out)} == {"button-01", "box-01"}

    lone = laptop.keys("audit", "--search", tmp_path)
    assert lone.exit_code == 1  # one reader only
    safe = Reader.make()
    assert laptop.keys("allow", "reader", "safe", safe.recipient).exit_code == 0
    well = laptop.keys("audit", "--search", tmp_path)
    assert (well.exit_code, "none in clear" in well.output) == (0, True)

    secrets = [*search.secrets_of(custody.content()), PASSPHRASE.encode()]
    (tmp_path / "printed").write_text(laptop.printed + told.out + told.err)
    assert list(search.leaks([tmp_path], secrets)) == []
    assert "AGE-SECRET-KEY" not in laptop.printed
    planted = tmp_path / "gateway" / "run.log"
    planted.write_text(f"key {secrets[0].hex()}")
    told_so = laptop.keys("audit", "--search", tmp_path)
    assert (told_so.exit_code, str(planted) in told_so.output.replace("\n", "")) == (1, True)


@pytest.mark.slow
def test_an_identity_opens_with_its_passphrase_alone_and_is_never_made_over(laptop: Laptop) -> None:
    assert laptop.keys("reader", typed="short").exit_code == 1
    assert not laptop.identity.exists()
    assert laptop.keys("reader").exit_code == 0
    before = laptop.identity.read_bytes()
    assert laptop.keys("reader").exit_code == 1
    assert laptop.identity.read_bytes() == before
    assert laptop.keys("new", "--organisation", "x", typed="another passphrase").exit_code == 1
    assert not laptop.store.exists()


def test_a_passphrase_mistyped_the_second_time_makes_nothing(laptop: Laptop) -> None:
    line = ["keys", "reader", "--identity", str(laptop.identity)]
    result = CliRunner().invoke(app, line, input=f"{PASSPHRASE}\n{PASSPHRASE}!\n")
    assert (result.exit_code, laptop.identity.exists()) == (1, False)


@pytest.mark.slow
def test_an_identity_that_age_itself_has_made_and_encrypted_is_read(laptop: Laptop) -> None:
    secret = pyrage.x25519.Identity.generate()
    text = f"# created: 2026-01-31\n# public key: {secret.to_public()}\n{secret}\n"
    laptop.identity.write_bytes(pyrage.passphrase.encrypt(text.encode(), PASSPHRASE))
    assert Reader.load(laptop.identity, lambda: PASSPHRASE).recipient == str(secret.to_public())


def test_an_identity_in_clear_is_refused_before_anything_is_asked(laptop: Laptop) -> None:
    laptop.identity.write_text("# created: 2026-01-31\nAGE-SECRET-KEY-1QQQ\n")
    result = laptop.keys("audit", typed=None)
    assert result.exit_code == 1
    assert "in clear" in result.output
    assert "Passphrase" not in result.output


def test_a_passphrase_file_spares_the_question(opened: Laptop, tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\n")
    result = opened.keys("audit", "--passphrase-file", file, "--json", typed="")
    assert json.loads(result.stdout)["organisation"] == "Maison de santé"


def test_the_audit_fails_until_there_is_nothing_to_do(opened: Laptop) -> None:
    assert opened.keys("audit").exit_code == 1  # one reader only
    opened.keys("allow", "reader", "safe", Reader.make().recipient)
    assert opened.keys("audit").exit_code == 0


def test_a_lost_gateway_is_revoked_and_says_whose_key_is_due(
    opened: Laptop, quick: Reader, tmp_path: Path
) -> None:
    custody = Custody(opened.store, quick)
    custody.given(custody.issue(planned("button-01")), MAC)
    opened.keys("allow", "gateway", "cellar", Reader.make().recipient)
    opened.keys("enrol", "cellar", "button-01", "--out", tmp_path / "out")
    result = opened.keys("revoke", "cellar")
    assert (result.exit_code, "button-01" in result.output) == (0, True)
    found = json.loads(opened.keys("audit", "--json").stdout)
    assert {"subject": "button-01", "reason": "due"} in found["findings"]
    assert found["gateways"] == {}


def test_rotation_is_of_one_thing_at_a_time(opened: Laptop) -> None:
    assert opened.keys("rotate").exit_code == 2
    assert opened.keys("rotate", "--all", "--signing").exit_code == 2
    before = opened.keys("public").stdout
    rotated = opened.keys("rotate", "--signing")
    assert (rotated.exit_code, rotated.stdout == before) == (0, False)
    assert opened.keys("public").stdout == rotated.stdout
    assert opened.keys("public", "--past").stdout == before
    assert opened.keys("rotate", "--all").exit_code == 0
    assert opened.keys("rotate", "button-99").exit_code == 1
    gate = Reader.make()
    opened.keys("allow", "gateway", "cellar", gate.recipient)
    assert opened.keys("rotate", "--age", "cellar", Reader.make().recipient).exit_code == 0


def test_a_revoked_device_is_to_be_unenrolled(opened: Laptop, quick: Reader) -> None:
    custody = Custody(opened.store, quick)
    custody.given(custody.issue(planned("button-01")), MAC)
    assert "tocsin-gateway unenrol button-01" in opened.keys("revoke", "button-01").output
    assert opened.keys("revoke", "button-01").exit_code == 1


def test_files_that_others_may_read_are_told(opened: Laptop) -> None:
    opened.store.chmod(0o644)
    found = json.loads(opened.keys("audit", "--json").stdout)
    assert {"subject": str(opened.store), "reason": "exposed"} in found["findings"]


def test_a_crash_leaves_no_core_and_shows_no_locals(opened: Laptop) -> None:
    import resource

    from tools.provision.opening import no_core_dump

    limits = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        no_core_dump()
        assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, limits)
    assert app.pretty_exceptions_show_locals is False


def test_it_speaks_french(opened: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "fr")
    assert "lecteur" in opened.keys("audit").output
