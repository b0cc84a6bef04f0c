"""The organisation's keys: issued once, on disk before they are used, and never in clear."""

import itertools
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tools.provision.custody import changes, content, enrolments, sealed_file, search
from tools.provision.custody.audit import findings
from tools.provision.custody.content import GATEWAY, READER
from tools.provision.custody.errors import CustodyRefused
from tools.provision.custody.reader import Reader, seal
from tools.provision.custody.store import Custody
from tools.provision.custody.tests.builders import planned
from tools.provision.identity import Identity, Planned

MAC = "34:85:18:00:00:01"


def provision(custody: Custody, name: str) -> Identity:
    identity = custody.issue(planned(name))
    custody.given(identity, MAC)
    return identity


def refused(reason: str) -> "pytest.RaisesExc[CustodyRefused]":
    return pytest.raises(CustodyRefused, check=lambda error: error.reason == reason)


def reasons(custody: Custody) -> set[tuple[str, str]]:
    return {(each.subject, each.reason) for each in findings(custody.content())}


def test_an_issued_key_is_on_disk_before_a_board_has_it(
    custody: Custody, button: Planned, reader: Reader
) -> None:
    identity = custody.issue(button)
    device = Custody(custody.path, reader).content().device("button-01")
    assert device is not None
    assert device.pending is not None
    assert (device.held, device.pending.value) == (None, identity.key.hex())
    assert ("button-01", "pending") in reasons(custody)


def test_a_key_counts_once_its_board_was_read_back(custody: Custody, button: Planned) -> None:
    identity = custody.issue(button)
    custody.given(identity, MAC)
    device = custody.content().device("button-01")
    assert device is not None
    assert device.held is not None
    assert (device.held.value, device.held.board) == (identity.key.hex(), MAC)
    assert device.pending is None


def test_a_key_is_never_issued_twice_for_its_counters_begin_with_it(
    custody: Custody, button: Planned
) -> None:
    first = custody.issue(button)
    second = custody.issue(button)
    assert first.key != second.key
    with refused("not_issued"):
        custody.given(first, MAC)
    custody.given(second, MAC)


def test_while_a_device_is_provisioned_anew_the_store_still_has_the_key_it_works_with(
    custody: Custody,
) -> None:
    old = provision(custody, "button-01")
    custody.issue(planned("button-01"))
    device = custody.content().device("button-01")
    assert device is not None
    assert device.held is not None
    assert device.held.value == old.key.hex()


def test_a_radio_head_gets_no_key(custody: Custody) -> None:
    before = custody.content()
    identity = custody.issue(planned("head-01", "radio_head"))
    custody.given(identity, MAC)
    assert identity.key == b""
    assert custody.content() == before


def test_forty_devices_from_four_ports_at_once_are_all_there(custody: Custody) -> None:
    names = [f"button-{number:03}" for number in range(40)]
    with ThreadPoolExecutor(4) as ports:
        given = list(ports.map(lambda name: provision(custody, name), names))
    held = {device.id: device.held for device in custody.content().devices}
    for identity in given:
        key = held[identity.id]
        assert key is not None
        assert key.value == identity.key.hex()
    assert len({identity.key for identity in given}) == len(names)


def test_what_fails_while_it_is_written_changes_nothing(
    custody: Custody, button: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = custody.path.read_bytes()

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    for call in ("fsync", "open"):
        with monkeypatch.context() as patch, refused("unwritable"):
            patch.setattr(os, call, full)
            custody.issue(button)
        assert custody.path.read_bytes() == before
    assert custody.issue(button).key


def test_only_its_user_may_read_the_store_and_nothing_else_is_left(
    custody: Custody, button: Planned, tmp_path: Path
) -> None:
    custody.issue(button)
    assert stat.S_IMODE(custody.path.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"keys.age", ".keys.age.lock"}
    assert not sealed_file.exposed(custody.path)
    custody.path.chmod(0o640)
    assert sealed_file.exposed(custody.path)


def test_a_second_reader_opens_the_same_store_and_one_who_was_revoked_does_not(
    custody: Custody,
) -> None:
    provision(custody, "button-01")
    safe = Reader.make()
    changes.allow(custody, READER, "safe", safe.recipient)
    theirs = Custody(custody.path, safe)
    assert theirs.content() == custody.content()
    assert changes.revoke(theirs, "laptop") == {"button-01"}
    with refused("not_a_reader"):
        custody.content()


def test_a_lost_laptop_leaves_every_key_due_until_it_is_provisioned_anew(custody: Custody) -> None:
    safe = Reader.make()
    changes.allow(custody, READER, "safe", safe.recipient)
    theirs = Custody(custody.path, safe)
    half_done = custody.issue(planned("button-02"))
    provision(custody, "button-01")
    signing = custody.content().signing
    changes.revoke(theirs, "laptop")
    assert theirs.content().signing != signing
    assert theirs.content().past_signing == (changes.public_half(signing),)
    assert {("button-01", "due"), ("button-02", "due")} <= reasons(theirs)
    with refused("not_issued"):
        theirs.given(half_done, MAC)  # the lost laptop has read that key, too
    provision(theirs, "button-01")
    assert ("button-01", "due") not in reasons(theirs)


def test_a_lost_gateway_leaves_due_what_it_was_enrolled_with(
    custody: Custody, tmp_path: Path
) -> None:
    for name in ("button-01", "button-02"):
        provision(custody, name)
    changes.allow(custody, GATEWAY, "cellar", Reader.make().recipient)
    enrolments.write(custody, "cellar", tmp_path / "cellar", ["button-01"])
    assert changes.revoke(custody, "cellar") == {"button-01"}
    assert {("button-01", "due")} == {each for each in reasons(custody) if each[1] == "due"}
    with refused("unknown_party"):
        enrolments.write(custody, "cellar", tmp_path / "again")
    changes.allow(custody, GATEWAY, "cellar", Reader.make().recipient)
    (lacking,) = [each for each in findings(custody.content()) if each.reason == "not_enrolled"]
    assert "button-01, button-02" in lacking.what  # the new one has its name, not its keys


def test_a_new_key_or_a_new_gateway_key_is_to_be_enrolled(custody: Custody, tmp_path: Path) -> None:
    provision(custody, "button-01")
    changes.allow(custody, GATEWAY, "cellar", Reader.make().recipient)
    assert ("cellar", "not_enrolled") in reasons(custody)
    enrolments.write(custody, "cellar", tmp_path / "out")
    assert ("cellar", "not_enrolled") not in reasons(custody)
    provision(custody, "button-01")
    assert ("cellar", "not_enrolled") in reasons(custody)
    enrolments.write(custody, "cellar", tmp_path / "out")
    changes.replace_party(custody, "cellar", Reader.make().recipient)
    assert ("cellar", "not_enrolled") in reasons(custody)
    assert not [each for each in reasons(custody) if each[1] == "due"]


def test_an_enrolment_opens_with_the_key_of_its_gateway_alone(
    custody: Custody, reader: Reader, tmp_path: Path
) -> None:
    provision(custody, "button-01")
    cellar, attic = Reader.make(), Reader.make()
    changes.allow(custody, GATEWAY, "cellar", cellar.recipient)
    changes.allow(custody, GATEWAY, "attic", attic.recipient)
    (file,) = enrolments.write(custody, "cellar", tmp_path / "out")
    told = json.loads(cellar.open(file.read_bytes()))
    assert (told["id"], told["role"], told["counter"]) == ("button-01", "button", 0)
    assert (told["heartbeat_s"], told["chemistry"]) == (900, "li_mno2")  # the firmware's defaults
    assert ("attic", "not_enrolled") in reasons(custody)
    assert ("cellar", "not_enrolled") not in reasons(custody)
    for other in (attic, reader):
        with refused("not_a_reader"):
            other.open(file.read_bytes())


def test_what_cannot_be_is_refused(custody: Custody, tmp_path: Path) -> None:
    stranger = Reader.make()
    with refused("last_reader"):
        custody.content().without_party("laptop", "now")
    changes.allow(custody, READER, "safe", stranger.recipient)
    with refused("oneself"):
        changes.revoke(custody, "laptop")
    with refused("oneself"):
        changes.replace_party(custody, "laptop", Reader.make().recipient)
    with refused("name_taken"):
        changes.allow(custody, GATEWAY, "safe", Reader.make().recipient)
    with refused("recipient_taken"):
        changes.allow(custody, GATEWAY, "cellar", stranger.recipient)
    with refused("bad_recipient"):
        changes.allow(custody, GATEWAY, "cellar", "age1nonsense")
    with refused("bad_name"):
        changes.allow(custody, GATEWAY, "../cellar", Reader.make().recipient)
    with refused("no_gateway"):
        enrolments.write(custody, "safe", tmp_path)
    with refused("unknown_device"):
        changes.rotate_devices(custody, {"button-99"})
    with refused("exists"):
        Custody.make(custody.path, stranger, "x", "y")


def test_a_recipient_that_was_revoked_never_comes_back(custody: Custody) -> None:
    lost = Reader.make()
    changes.allow(custody, READER, "tablet", lost.recipient)
    changes.revoke(custody, "tablet")
    with refused("recipient_taken"):
        changes.allow(custody, READER, "tablet", lost.recipient)


def test_a_lost_device_is_dropped_with_its_key(custody: Custody) -> None:
    key = provision(custody, "button-01").key
    assert changes.revoke(custody, "button-01") == set()
    assert key not in search.secrets_of(custody.content())


def test_rotation_makes_due_what_is_named_or_all(custody: Custody) -> None:
    for name in ("button-01", "button-02"):
        provision(custody, name)
    assert changes.rotate_devices(custody, {"button-02"}) == {"button-02"}
    assert changes.rotate_devices(custody, None) == {"button-01", "button-02"}


def test_the_history_tells_who_did_what(custody: Custody) -> None:
    provision(custody, "button-01")
    told = [(each.by, each.what, each.subject) for each in custody.content().history]
    assert told[1:] == [("laptop", "issue", "button-01"), ("laptop", "given", "button-01")]


def test_a_store_that_is_not_there_is_refused(reader: Reader, tmp_path: Path) -> None:
    missing = Custody(tmp_path / "none" / "keys.age", reader)
    with refused("unreadable"):
        missing.content()
    with refused("unwritable"):
        missing.issue(planned("button-01"))


def test_who_can_open_a_store_that_does_not_name_them_changes_nothing(custody: Custody) -> None:
    stranger = Reader.make()
    whole = content.pack(custody.content())
    custody.path.write_bytes(seal(whole, [stranger.recipient]))
    with refused("not_a_reader"):
        Custody(custody.path, stranger).issue(planned("button-01"))


@pytest.mark.parametrize("damage", [b"", b"age-encryption.org/v1\n", b"\x00" * 200])
def test_a_damaged_store_is_refused_and_left_alone(
    custody: Custody, button: Planned, damage: bytes
) -> None:
    custody.path.write_bytes(damage)
    with refused("not_a_reader"):
        custody.issue(button)
    assert custody.path.read_bytes() == damage


@pytest.mark.parametrize("plain", [b"", b"[]", b"{}", b'{"version": 1}', b'{"version": 2}'])
def test_what_is_no_store_inside_is_refused(custody: Custody, reader: Reader, plain: bytes) -> None:
    custody.path.write_bytes(seal(plain, [reader.recipient]))
    with pytest.raises(CustodyRefused):
        custody.content()


def test_what_is_packed_is_read_again(custody: Custody) -> None:
    provision(custody, "button-01")
    custody.issue(planned("box-01", "call_box"))
    whole = custody.content()
    assert content.unpack(content.pack(whole)) == whole


def test_no_key_is_shown_by_what_a_program_may_print(custody: Custody) -> None:
    key = provision(custody, "button-01")
    shown = repr(custody.content()) + repr(key)
    for secret in search.secrets_of(custody.content()):
        for spelling in search.spellings(secret):
            assert spelling.decode("latin-1") not in shown


SECRET = bytes(range(0x9B, 0xAB))


@pytest.mark.parametrize("spelling", sorted(search.spellings(SECRET)))
def test_a_secret_in_clear_is_found_however_it_is_written(spelling: bytes, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    leak = tmp_path / "log" / "run.log"
    leak.write_bytes(b"at 12:00 " + spelling + b" done")
    (tmp_path / "clean").write_bytes(bytes(reversed(SECRET)))
    assert list(search.leaks([tmp_path], [SECRET])) == [leak]


@pytest.mark.parametrize(("before", "after"), list(itertools.product(range(4), repeat=2)))
def test_a_secret_within_something_in_base64_is_found(
    before: int, after: int, tmp_path: Path
) -> None:
    import base64

    leak = tmp_path / "blob"
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        leak.write_bytes(encode(b"\xff" * before + SECRET + b"\xff" * after))
        assert list(search.leaks([leak], [SECRET])) == [leak]
