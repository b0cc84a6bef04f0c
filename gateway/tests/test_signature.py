"""The signature: vectors of the RFCs, other libraries, its key file, and how long it takes."""

import base64
import json
import time
from pathlib import Path

import jcs
import pytest
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.disk.gateway_key import KeyFault
from gateway.disk.outbox_rows import Row
from gateway.disk.signing_key import FILE_NAME, load_or_make, load_or_stand_in
from gateway.events import Fault, Restore
from gateway.upstream.cloudevent import to_json
from gateway.upstream.signature import Signer, key_id
from tools.verify import check

# RFC 8037, appendix A.
SEED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
EVENT = {
    "id": "ab.1",
    "data": {
        "é": "€\n",
        "b": 1e21,
        "a": [0.1, -0.0, 333333333.3333333],
        "c": None,
        "\U0001f600": True,
    },
}


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_key_is_that_of_rfc_8037() -> None:
    signer = Signer(raw(SEED))
    assert signer.public == raw(PUBLIC)
    assert signer.jwk()["x"] == PUBLIC
    assert signer.key_id == key_id(raw(PUBLIC)) == THUMBPRINT


def test_two_libraries_by_others_agree_on_bytes_and_signature() -> None:
    signer = Signer(raw(SEED))
    header, payload, signature = signer.detached(EVENT).split(".")
    assert payload == ""
    assert json.loads(raw(header)) == {"alg": "EdDSA", "kid": THUMBPRINT}
    canonical = base64.urlsafe_b64encode(jcs.canonicalize(EVENT)).rstrip(b"=").decode()
    public = ECC.import_key(bytes.fromhex("302a300506032b6570032100") + signer.public)
    eddsa.new(public, "rfc8032").verify(f"{header}.{canonical}".encode(), raw(signature))


_PRINTABLE = st.text().filter(str.isprintable)  # what gateway.toml, enrolments and people may say
_NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_DATA = st.dictionaries(_PRINTABLE, _PRINTABLE | _NUMBERS | st.none() | st.booleans(), max_size=6)


@settings(max_examples=30)
@given(data=_DATA)
def test_whatever_an_event_may_hold_it_can_be_signed_written_and_checked(
    data: dict[str, object],
) -> None:
    signer = Signer(raw(SEED))
    row = Row(1, "x.1", "x", "tocsin.alert.raised", 1_000.25, "x", 1, data)
    assert (
        check(to_json(row, "/tocsin/a/b", signer).decode(), json.dumps(signer.jwk()))["data"]
        == data
    )


def test_the_key_is_made_once_and_for_its_user_alone(tmp_path: Path) -> None:
    first = load_or_make(tmp_path)
    assert load_or_make(tmp_path).public == first.public
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_damaged_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    for content in (b"", b"AAAA\n", b"\xff\n"):
        (tmp_path / FILE_NAME).write_bytes(content)
        with pytest.raises(KeyFault, match="key_unreadable"):
            load_or_make(tmp_path)
        assert (tmp_path / FILE_NAME).read_bytes() == content


def test_where_the_key_is_damaged_another_signs_and_that_is_a_fault_until_it_is_mended(
    tmp_path: Path,
) -> None:
    good = load_or_make(tmp_path)
    kept = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(b"?")
    signer, told = load_or_stand_in(tmp_path)
    assert isinstance(told, Fault)
    assert (told.source, told.code, told.why) == ("gateway", "signing_key", "key_unreadable")
    assert signer.public != good.public
    assert signer.detached(EVENT)
    (tmp_path / FILE_NAME).write_bytes(kept)
    signer, told = load_or_stand_in(tmp_path)
    assert isinstance(told, Restore)
    assert signer.public == good.public


def test_a_credential_of_systemd_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(base64.b64encode(raw(SEED)))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    assert load_or_make(tmp_path).public == raw(PUBLIC)


def test_signing_an_event_takes_less_than_its_budget() -> None:
    signer, event = Signer(raw(SEED)), {**EVENT, "data": {f"key{n}": f"v{n}" for n in range(40)}}
    took: list[float] = []
    for _ in range(50):
        begin = time.thread_time()
        signer.detached(event)
        took.append(time.thread_time() - begin)
    print(f"sign {sorted(took)[25] * 1000:.3f} ms")
    assert sorted(took)[25] < 0.3e-3
