"""Every vector explained: each field that the vectors name, and why what cannot be cannot."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from protocol import kinds
from protocol.keys import Keys
from protocol.protect import Uplink
from tools import cli, decode
from tools.decoding.keyring import Owner
from tools.decoding.parts import Part, as_json, as_text

VECTORS = Path(__file__).parents[2] / "protocol" / "tests" / "vectors"
KEY = bytes(range(16))
ARG_BITS = (("store", 7), ("upstream", 6), ("plan", 5))
Case = dict[str, Any]


def vectors(name: str) -> list[Case]:
    cases: list[Case] = json.loads((VECTORS / f"{name}.json").read_text())
    return cases


def owner(key: bytes = KEY, name: str = "button-01") -> Owner:
    return Owner(name, Keys(key))


def said(part: Part) -> dict[str, object]:
    return {each.name: each.value for one in part.all() for each in one.fields}


def meant(part: Part) -> dict[str, str]:
    return {each.name: each.meaning for one in part.all() for each in one.fields}


def check_places(part: Part, data: bytes) -> None:
    """What is shown as hexadecimal is what stands there."""
    for one in part.all():
        for each in one.fields:
            assert 0 <= each.start <= each.end <= len(data)
            if each.name in {"hint", "tag", "sealed", "unfinished"}:
                assert data[each.start : each.end].hex() == each.value


@pytest.mark.parametrize("case", vectors("uplinks"), ids=lambda case: case["frame"][:8])
def test_uplinks(case: Case) -> None:
    frame = bytes.fromhex(case["frame"])
    owners = [owner(b"another key here", "other"), owner(bytes.fromhex(case["device_key"]))]
    counter = case["counter"] if case["counter"] >= 1 << 12 else None
    part = decode.explain(frame, None, owners, counter)
    fields = dict(case["fields"])
    found = said(part)
    assert (found["direction"], found["device"]) == ("uplink", "button-01")
    assert found["counter"] == case["counter"]
    assert found.pop("extra", "") == fields.pop("extra")
    if "bits" in fields:  # of a reserved kind all 24
        assert found["bits"] == fields.pop("bits") & 0xFFFFF
    assert {name: found[name] for name in fields} == fields
    check_places(part, frame)


@pytest.mark.parametrize("case", vectors("downlinks"), ids=lambda case: case["frame"][:8])
def test_downlinks(case: Case) -> None:
    frame = bytes.fromhex(case["frame"])
    counter = case["counter"] if case["counter"] >= 1 << 12 else None
    part = decode.explain(frame, None, [owner(bytes.fromhex(case["device_key"]))], counter)
    found = said(part)
    assert (found["direction"], found["counter"]) == ("downlink", case["counter"])
    fields = dict(case["fields"])
    arg = fields.pop("arg")
    if "estimate" in found:
        assert [found[name] for name, _ in ARG_BITS] == [arg >> bit & 1 for _, bit in ARG_BITS]
        assert found["estimate"] == arg & 31
    else:
        assert found["arg"] == arg
    assert found.pop("extra", "") == fields.pop("extra")
    assert {name: found[name] for name in fields} == fields
    check_places(part, frame)


@pytest.mark.parametrize("case", vectors("refused"), ids=lambda case: case["frame"][-8:])
def test_refused(case: Case) -> None:
    frame = bytes.fromhex(case["frame"])
    part = decode.explain(frame, "frame", [owner()], case["counter"])
    if part.is_whole:  # reflected: authentic, but the other way
        assert said(part)["direction"] != {"up": "uplink", "down": "downlink"}[case["direction"]]
        return
    # Where the hint was damaged, or there is none, nobody knows whose frame it was.
    assert part.reason in {case["reason"], "unknown_device"}
    assert not part.parts


@pytest.mark.parametrize("case", vectors("adverts"), ids=lambda case: case["payload"][:20])
def test_adverts(case: Case) -> None:
    payload = bytes.fromhex(case["payload"])
    part = decode.explain(payload, "advert", None)
    if case["frame"] is None:
        assert part.problem is not None
        assert part.problem.startswith("no frame in the advertisement")
        return
    assert decode.explain(payload, None, None) == part
    assert part.is_whole
    found = said(part)
    assert f"{found['hint']}{found['sealed']}{found['tag']}" == case["frame"]
    check_places(part, payload)


@pytest.mark.parametrize("case", vectors("serial_link"), ids=lambda case: case["wire"][:16])
def test_the_serial_line(case: Case) -> None:
    wire = bytes.fromhex(case["wire"])
    part = decode.explain(wire, None, None)
    assert part.name == "serial line"
    assert sum(not packet.is_whole for packet in part.parts) == case["malformed"]
    messages = [message for packet in part.parts for message in packet.parts]
    assert len(messages) == len(case["messages"])
    for message, shown in zip(messages, case["messages"], strict=True):
        names = dict(shown)
        assert message.name.lower() == names.pop("type").replace("_", "")
        found = said(message)
        if "frame" in names:
            assert f"{found['hint']}{found['sealed']}{found['tag']}" == names.pop("frame")
        assert {name: found[name] for name in names} == names
    if case["to_send"]:
        check_places_on_the_line(part, wire)


def check_places_on_the_line(part: Part, wire: bytes) -> None:
    """Each byte of the line belongs to one field, its delimiter apart."""
    spans = sorted(
        (each.start, each.end) for one in part.all() for each in one.fields if each.start < each.end
    )
    ends = [0, *(end for _, end in spans)]
    assert [start for start, _ in spans] == ends[:-1]
    assert ends[-1] == len(wire) - 1


def test_the_worked_example() -> None:
    (case,) = vectors("example")
    for name in ("advert", "uplink"):
        part = decode.explain(bytes.fromhex(case[name]), None, [owner()])
        assert said(part)["incident"] == case["incident_id"]
        assert said(part)["first_counter"] == 32
        assert meant(part)["kind"] == "panic"
    part = decode.explain(bytes.fromhex(case["downlink"]), None, [owner()])
    assert (meant(part)["op"], meant(part)["estimate"]) == ("stored", "time of arrival unknown")


@pytest.mark.parametrize(
    ("counter", "word", "name", "meaning"),
    [
        (
            4,
            kinds.heartbeat_word(1, 0, kinds.status_page(2, 1, 0, 0, 1), 5),
            "data",
            "page 4: last reset watchdog; battery low, settings are defaults",
        ),
        (
            4,
            kinds.heartbeat_word(1, 0, kinds.status_page(1, 0, 0, 0, 0), 5),
            "data",
            "page 4: last reset none; nothing wrong",
        ),
        (
            6,
            kinds.heartbeat_word(1, 0, kinds.uptime_page(72 * 3_600), 5),
            "data",
            "page 6: up for 72 hours",
        ),
        (14, kinds.heartbeat_word(1, 0, 77, 5), "data", "page 6: digest 77 of the last exception"),
        (14, kinds.heartbeat_word(1, 0, 0, 5), "data", "page 6: no exception"),
        (
            9,
            kinds.condition_word(kinds.FAULT, kinds.RADIO_FAILED, 1, 5),
            "code",
            "radio_failed; value: 0 BLE, 1 LoRa",
        ),
        (9, kinds.condition_word(kinds.RESTORE, kinds.MAINS_LOST, 0, 5), "code", "mains_lost"),
        (
            9,
            kinds.condition_word(kinds.FAULT, 9, 0, 5),
            "code",
            "reserved: kept and shown by its number",
        ),
        (
            9,
            kinds.report_word(kinds.WALK_TEST, 1, 1, 5),
            "op",
            "walk_test; arg: minutes, 0 ends it",
        ),
        (9, kinds.report_word(15, 1, 1, 5), "op", "reserved for commands"),
    ],
)
def test_what_codes_and_pages_mean(counter: int, word: int, name: str, meaning: str) -> None:
    frame = bytearray(15)
    Uplink(Keys(KEY)).protect(counter, word.to_bytes(3), frame)
    assert meant(decode.explain(bytes(frame), None, [owner()]))[name] == meaning


def test_without_keys_what_can_be_known_is_said() -> None:
    frame = bytes.fromhex(vectors("example")[0]["uplink"])
    part = decode.explain(frame, None, None)
    assert part.is_whole
    assert [each.name for each in part.fields] == ["hint", "sealed", "tag", "direction"]
    assert "--keys" in as_text(part)
    assert "only in an uplink" in as_text(decode.explain(bytes(20), "frame", None))


def test_a_wrong_tag_names_whose_hint_it_is() -> None:
    frame = bytearray.fromhex(vectors("example")[0]["uplink"])
    frame[-1] ^= 1
    part = decode.explain(bytes(frame), None, [owner()], 32)
    assert part.reason == "bad_tag"
    assert "uplink 32 of button-01" in str(part.problem)


def test_of_several_candidates_the_tag_decides() -> None:
    frame = bytes.fromhex(vectors("example")[0]["uplink"])
    wrong = Keys(b"another key here")
    right = Keys(KEY)
    wrong.up_hint = right.up_hint  # every hint collides
    part = decode.explain(frame, None, [Owner("wrong", wrong), Owner("right", right)], 32)
    assert said(part)["device"] == "right"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11" * 14, "14 bytes; a frame has 15 to 23"),
        ("", "0 bytes; a frame"),
        ("aa" * 40, "40 bytes; a frame"),
        ("020106", "no frame in the advertisement: none of its structures has our"),
        ("02010605ffffff0102", "ours has 2 bytes of data, a frame 15 to 23"),
        ("02010613ffffff" + "11" * 14, "structure at byte 3 goes past the end"),
        ("0e0101030102deadbeefe074e66e00", "CRC is wrong: damaged on the line"),
        ("0e0101030102dead", "the capture ends before the 00"),
        ("ff" * 60 + "00", "60 bytes; a packet has at most 55"),
    ],
)
def test_why_not(text: str, expected: str) -> None:
    kind = "serial" if text.startswith("0e01") else None
    explained = decode.explain(bytes.fromhex(text), kind, None)
    assert not explained.is_whole
    assert expected in as_text(explained)


@given(st.binary(max_size=80), st.sampled_from([None, *decode.KINDS]))
def test_any_bytes_are_explained_or_refused(data: bytes, kind: str | None) -> None:
    part = decode.explain(data, kind, [owner()], 5)
    json.dumps(as_json(part))
    assert as_text(part)


# --- the command --------------------------------------------------------------------------------


@pytest.fixture(name="keys")
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# ours\nbutton-01 {KEY.hex()}  # worn by one\n")
    path.chmod(0o600)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["decode", *arguments])


def test_the_command_takes_hex_as_people_write_it(keys: Path) -> None:
    uplink = vectors("example")[0]["uplink"]
    spaced = "0x" + " ".join(uplink[at : at + 2] for at in range(0, 30, 2))
    result = run(spaced, "--keys", str(keys), "--json")
    assert result.exit_code == 0
    shown = json.loads(result.output)
    body = {each["name"]: each for each in shown["parts"][0]["fields"]}
    assert body["kind"]["value"] == 1
    assert body["block"]["bytes"] == [4, 5]
    assert body["incident"]["bytes"] is None


def test_an_enrolment_will_do_and_no_key_is_ever_shown(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.json"
    path.write_text(json.dumps({"id": "button-01", "key": KEY.hex(), "role": "button"}))
    path.chmod(0o600)
    for form in ([], ["--json"]):
        result = run(vectors("example")[0]["uplink"], "--keys", str(path), *form)
        assert "button-01" in result.output
        assert KEY.hex() not in result.output


def test_a_file_others_can_read_is_refused_with_the_fix(keys: Path) -> None:
    for mode in (0o640, 0o604, 0o620):
        keys.chmod(mode)
        result = run("00" * 15, "--keys", str(keys))
        assert result.exit_code == decode.BAD_USAGE
        assert f"chmod 600 {keys}" in result.stderr


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("button-01\n", "line 1"),
        ("\nbutton-01 00112233\n", "line 2"),
        (f"b {KEY.hex()} more", "line 1"),
        ("{", "begins like JSON"),
        ('{"id": "b"}', "an enrolment has"),
        ('["b"]', "an enrolment has"),
        (json.dumps({"id": "b", "key": KEY.hex()[1:]}), "an enrolment has"),
        ("# nothing\n", "no key"),
        ("[]", "no key"),
    ],
)
def test_a_wrong_file_is_refused_without_showing_it(
    keys: Path, content: str, expected: str
) -> None:
    keys.write_text(content)
    result = run("00" * 15, "--keys", str(keys))
    assert result.exit_code == decode.BAD_USAGE
    assert expected in result.stderr
    assert KEY.hex()[1:] not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["xyz"], "hexadecimal"),
        (["123"], "hexadecimal"),
        (["00", "--as", "letter"], "--as"),
        (["00", "--counter", str(1 << 30)], "--counter"),
        (["00", "--keys", "/no/such/file"], "FileNotFoundError"),
    ],
)
def test_usage(arguments: list[str], expected: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (decode.BAD_USAGE, "")
    assert expected in result.stderr


def test_what_cannot_be_explained_has_its_own_status(keys: Path) -> None:
    result = run("11" * 15, "--keys", str(keys), "--counter", "7")
    assert result.exit_code == decode.NOT_EXPLAINED
    assert "unknown_device: no device of 1 has this hint with a counter 7" in result.output
