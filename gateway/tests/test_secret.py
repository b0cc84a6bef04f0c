"""Secrets of targets: the file, the credential before it, and what cannot be read."""

from pathlib import Path

import pytest

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
