"""Where the key comes from, and whether it is the gateway's alone."""

from pathlib import Path

import pytest

from gateway.disk.gateway_key import GatewayKey, KeyFault, exposed, place


def test_it_is_for_the_gateway_s_user_alone_and_never_overwritten(tmp_path: Path) -> None:
    key = GatewayKey.make(tmp_path)
    assert place(tmp_path).stat().st_mode & 0o777 == 0o600
    assert GatewayKey.load(tmp_path).recipient == key.recipient
    with pytest.raises(KeyFault, match="key_exists"):
        GatewayKey.make(tmp_path)


def test_a_credential_of_systemd_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "handed").mkdir()
    GatewayKey.make(tmp_path)
    handed = GatewayKey.make(tmp_path / "handed")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "handed"))
    assert GatewayKey.load(tmp_path).recipient == handed.recipient
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "none"))
    assert GatewayKey.load(tmp_path).recipient != handed.recipient


@pytest.mark.parametrize(("key", "folder", "open_"), [
    (0o600, 0o755, False), (0o640, 0o700, True), (0o604, 0o700, True), (0o600, 0o777, True),
])  # fmt: skip
def test_what_others_may_read_or_replace_is_exposed(
    tmp_path: Path, key: int, folder: int, *, open_: bool
) -> None:
    GatewayKey.make(tmp_path)
    place(tmp_path).chmod(key)
    tmp_path.chmod(folder)
    assert exposed(tmp_path) is open_
