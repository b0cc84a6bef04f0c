"""Secrets of targets: the file, the credential before it, what cannot be read, and where none is seen."""

import asyncio
import base64
from pathlib import Path

import pytest

from gateway.tests.brokers import free_port
from gateway.tests.process import GatewayProcess
from gateway.tests.receivers import receiving, reply
from gateway.tests.waiting import eventually
from gateway.upstream import UpstreamDown
from gateway.upstream.secret import place, secret_text


def test_a_secret_is_what_its_file_holds_now(tmp_path: Path) -> None:
    file = tmp_path / "mqtt.password"
    file.write_text("first\n", encoding="utf-8")
    assert secret_text(file, "password_file") == "first"
    file.write_text("sécond", encoding="utf-8")
    assert secret_text(file, "password_file") == "sécond"
    assert secret_text(None, "password_file") is None


def test_a_credential_of_the_same_name_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    file = tmp_path / "mqtt.password"
    assert place(file) == file
    (credentials / "mqtt.password").write_text("handed over", encoding="utf-8")
    assert secret_text(file, "password_file") == "handed over"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_what_cannot_be_read_is_a_fault_with_a_word_and_without_the_content(
    content: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UpstreamDown) as caught:
        secret_text(file, "secret_file")
    assert str(caught.value) == "secret_file"


SECRET = base64.b64encode(b"nobody but the two may know this").decode()
KEY = b"sixteen secrets!".hex()
URL = f"json://{SECRET[:8]}:{SECRET}@127.0.0.1:{{port}}/{SECRET}"
TABLES = """
username = "gateway"
password_file = "{secret}"
[[upstream]]
type = "webhook"
url = "http://127.0.0.1:{refuses}/in"
secret_file = "{secret}"
token_file = "{secret}"
[[upstream]]
type = "cap"
url = "http://127.0.0.1:{refuses}/in"
sender = "tocsin@clinic.example.org"
addresses = ["arc"]
token_file = "{secret}"
[[upstream]]
type = "sia"
host = "127.0.0.1"
port = {nobody}
account = "1234"
key_file = "{key}"
[[upstream]]
type = "mail"
host = "127.0.0.1"
port = {nobody}
username = "gateway"
password_file = "{secret}"
sender = "tocsin@example.org"
recipients = ["anne@example.org"]
[[upstream]]
type = "apprise"
url_file = "{url}"
"""


def written(folder: Path, **contents: str) -> dict[str, Path]:
    """Return files that hold secrets."""
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="utf-8")
    return {name: folder / name for name in contents}


def seen(process: GatewayProcess) -> bytes:
    """Return what others may come to see: log, status, database, and what the kernel shows."""
    files = [process.log, *(process.folder / "run").glob("*.json")]
    files += list(process.state_dir.glob("gateway.sqlite*"))
    files += [Path("/proc") / str(process.pid) / name for name in ("cmdline", "environ")]
    return b"".join(file.read_bytes() for file in files)


@pytest.mark.slow
async def test_while_every_target_fails_no_secret_is_seen_anywhere(tmp_path: Path) -> None:
    nobody, folder = free_port(), tmp_path / "g"
    folder.mkdir()
    process = GatewayProcess(folder, nobody)
    async with receiving(reply("401 Unauthorized")) as receiver:
        url = URL.format(port=receiver.port)
        files = written(tmp_path, secret=SECRET, key=KEY, url=url)
        with process.config.open("a", encoding="utf-8") as table:
            table.write(TABLES.format(refuses=receiver.port, nobody=nobody, **files))
        process.start()
        try:
            await eventually(lambda: process.lines("started"))
            await asyncio.to_thread(process.ask, "test-alert", "--within-s", "1")
            targets = ("broker", "webhook", "cap", "centre", "mail", "apprise")
            wrong = {f"upstream.{name}" for name in targets}
            await eventually(lambda: wrong <= {one.get("source") for one in process.lines("fault")})
            await eventually((folder / "run" / "status.json").exists)
            found = seen(process)
        finally:
            process.kill()
    assert b"http_401" in found
    for secret in (SECRET, SECRET[:-2], KEY, bytes.fromhex(KEY).decode()):
        assert secret.encode() not in found
    assert any(SECRET in one.headers.get("authorization", "") for one in receiver.requests)
