"""A commission: what was heard comes from the journal, what was felt from a person; both are signed."""

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner, Result

from tools.cli import app
from tools.provision import plan
from tools.provision.commission import evidence, findings, progress, record, record_pdf, sheet
from tools.provision.commission.evidence import Entry, Heard
from tools.provision.commission.findings import Pressed, Room, Visit
from tools.provision.commission.provisioned import Provisioned
from tools.provision.custody import search, signing
from tools.provision.custody.content import Content
from tools.provision.custody.reader import Reader
from tools.provision.custody.store import Custody
from tools.provision.journal import Journal
from tools.verify import Invalid, check

EXAMPLE = Path(__file__).resolve().parents[4] / "examples" / "plan.toml"
FLOORS = EXAMPLE.with_name("floors.toml")
PLAN = plan.read(EXAMPLE)
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
PLACES = ["Cabinet 1", "Accueil", "Parking"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")


def heard(rssi: int = -60, medium: str = "ble") -> Heard:
    return Heard(100.0, "test", medium, rssi)


def room(place: str, felt: int = 3, *rssi: int, medium: str = "ble") -> Room:
    return Room(place, "button-01", 100.0, 3, felt, tuple(heard(r, medium) for r in rssi))


def whole() -> Visit:
    story = alert()
    taken = evidence.escalation(story)
    assert taken is not None
    return Visit(
        {place: room(place, 3, -60, -61, -62) for place in PLACES},
        {d.id: Pressed(d.id, 100.0, heard(), felt=True) for d in findings.tested(PLAN)},
        replace(taken, felt=True),
    )


def entry(n: int, event: str, at: float, incident: str = "ab" * 16, **detail: object) -> Entry:
    return Entry(n, at, event, incident, "button-01", detail)


def alert() -> list[Entry]:
    return [
        entry(1, "raised", 10.0, kind="panic", medium="ble", rssi=-70),
        entry(2, "delivered", 10.4, kind="panic", target="desk"),
        entry(3, "wearer_felt", 12.0, kind="panic", stage="delivered"),
        entry(4, "acknowledged", 31.5, kind="panic", by="Mme Durand (desk)"),
        entry(5, "wearer_felt", 33.0, kind="panic", stage="acknowledged"),
    ]


def exported(entries: Sequence[Entry]) -> str:
    lines: list[dict[str, object]] = [{"head": {"n": len(entries), "sha256": "00" * 32}}]
    for each in entries:
        content = json.dumps({"device": each.device, "detail": each.detail})
        lines.append(
            {"n": each.n, "at": each.at, "event": each.event, "incident": each.incident}
            | {"content": content, "salt": "00", "digest": "00"}
        )
    return "\n".join(map(json.dumps, lines))


def test_presses_of_one_device_are_read_from_the_journal() -> None:
    entries = [
        entry(1, "raised", 10.0, kind="test", medium="ble", rssi=-70),
        entry(2, "wearer_felt", 11.0, kind="test", stage="stored"),
        Entry(3, 12.0, "raised", "cd" * 16, "box-01", {"kind": "test", "rssi": -90}),
        entry(4, "raised", 20.0, "ef" * 16, kind="test", medium="lora", rssi=-110),
    ]
    journal = evidence.read(exported(entries).splitlines())
    assert [(p.medium, p.rssi) for p in evidence.presses(journal.entries, "button-01")] == [
        ("ble", -70),
        ("lora", -110),
    ]
    later = evidence.read(exported(entries).splitlines(), after=3)
    assert len(evidence.presses(later.entries, "button-01")) == 1


def test_an_escalation_is_complete_when_a_person_took_it_and_the_wearer_felt_so() -> None:
    story = alert()
    found = evidence.escalation(story)
    assert found is not None
    assert (found.by, found.acknowledged_s, found.wearer_knows_s) == ("Mme Durand (desk)", 21.5, 23)
    assert found.delivered == {"desk": 0.4}
    assert not found.complete  # nobody has said yet that it was felt
    assert replace(found, felt=True).complete
    untaken = evidence.escalation([each for each in story if each.event != "acknowledged"])
    assert untaken is not None
    assert not replace(untaken, felt=True).complete
    unsaid = evidence.escalation(story[:4])  # a button whose clock the gateway does not know
    assert unsaid is not None
    assert replace(unsaid, felt=True).complete
    assert evidence.escalation([entry(1, "raised", 1.0, kind="test", rssi=-50)]) is None


@pytest.mark.parametrize("text", ["", "no journal", "[]", '{"n": 1}', '{"head": 5}'])
def test_what_is_no_journal_is_refused(text: str) -> None:
    with pytest.raises(evidence.NotAJournal):
        evidence.read(text.splitlines())


def test_an_entry_whose_content_was_erased_is_read() -> None:
    lines = exported(alert()).splitlines()
    erased = json.loads(lines[1]) | {"content": None}
    journal = evidence.read([lines[0], json.dumps(erased)])
    assert journal.entries[0].device is None


@pytest.mark.parametrize(
    ("tested", "verdict"),
    [
        (room("a", 3, -60, -61, -88), findings.GOOD),
        (room("a", 3, -60, -61, -89), findings.WEAK),
        (room("a", 2, -60, -61, -62), findings.WEAK),
        (room("a", 3, -60, -61), findings.WEAK),
        (room("a", 0, -60, -61, -62), findings.NONE),
        (room("a", 3), findings.NONE),
        (room("a", 3, -120, -121, -122, medium="lora"), findings.GOOD),
        (room("a", 3, -120, -121, -123, medium="lora"), findings.WEAK),
    ],
)
def test_a_room_is_good_when_every_press_was_heard_and_felt_and_none_was_weak(
    tested: Room, verdict: str
) -> None:
    assert tested.verdict == verdict


def test_everything_that_is_missing_is_told_in_the_order_of_the_plan() -> None:
    assert [(lack.reason, lack.subject) for lack in findings.lacks(PLAN, Visit())] == [
        ("not_walked", "Cabinet 1"),
        ("not_walked", "Accueil"),
        ("not_walked", "Parking"),
        ("not_pressed", "button-01"),
        ("not_pressed", "button-02"),
        ("not_pressed", "box-01"),
        ("no_escalation", "-"),
    ]
    assert findings.lacks(PLAN, whole()) == []
    visit = whole()
    visit.rooms["Parking"] = room("Parking", 0)
    visit.devices["box-01"] = Pressed("box-01", 1.0, heard(), felt=False)
    assert [lack.reason for lack in findings.lacks(PLAN, visit)] == ["room_none", "not_answered"]


def test_progress_is_kept_between_visits(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    assert progress.load(file) == Visit()
    progress.save(file, whole())
    assert progress.load(file) == whole()
    for damage in ("", "[]", "{}", '{"rooms": {"a": 1}, "devices": {}}'):
        file.write_text(damage)
        with pytest.raises(progress.ProgressBroken):
            progress.load(file)


def made(visit: Visit, *reservations: str) -> record.Record:
    sign_off = record.SignOff("Maison de santé", "A. Petit", "Mme Durand", reservations)
    provisioned = {
        "button-01": Provisioned("2026-01-30T10:00:00+00:00", "24:0a:c4:00:00:01", -58, -61),
        "button-02": Provisioned("2026-01-30T10:05:00+00:00", "24:0a:c4:00:00:02"),
    }
    head = {"n": 5, "sha256": "00" * 32}
    return record.make(PLAN, visit, sign_off, head, NOW, provisioned=provisioned)


def test_the_signed_record_verifies_and_any_change_of_it_or_of_the_paper_shows() -> None:
    custody_content = signing_content()
    paper = record_pdf.pdf(made(whole()), "fr")
    signed = signing.signed(custody_content, record.document(made(whole()), paper))
    jwk = json.dumps(signing.jwk(custody_content))
    text = json.dumps(signed)
    assert check(text, jwk)["pdf_sha256"] == hashlib.sha256(paper).hexdigest()
    for name, value in (("accepted_by", "X"), ("pdf_sha256", "00"), ("lacks", [1]), ("new", "1")):
        with pytest.raises(Invalid):
            check(json.dumps(signed | {name: value}), jwk)
    other = json.dumps(signing.jwk(signing_content()))
    with pytest.raises(Invalid):
        check(text, other)


def signing_content() -> Content:
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader.make()
        return Custody.make(Path(folder) / "k", reader, "laptop", "Maison").content()


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("fr", ["Mise en service : MSP des Lilas", "Couverture, par lieu", "Mme Durand (desk)"]),
        ("en", ["Commission of MSP des Lilas", "Coverage, by room", "after 21.5 s"]),
    ],
)
def test_the_paper_tells_all_of_it_in_its_language(language: str, sentences: list[str]) -> None:
    shown = _text(record_pdf.pdf(made(whole()), language))
    for sentence in [*sentences, *PLACES, "button-01", "box-01", "A. Petit"]:
        assert sentence in shown


def test_paper_and_json_tell_whose_radio_was_tried_at_provisioning() -> None:
    shown = _text(record_pdf.pdf(made(whole()), "en"))
    assert "at provisioning heard at -58 dBm, hears at -61 dBm" in shown
    assert shown.count("NO radio round trip") == 1  # button-02
    assert shown.count("no record of provisioning") == 1  # box-01
    devices = record.document(made(whole()), b"")["devices"]
    assert isinstance(devices, list)
    told = {each["id"]: each["provisioned"] for each in devices}
    assert told["button-01"]["round_trip"]
    assert (told["button-01"]["up_dbm"], told["button-01"]["down_dbm"]) == (-58, -61)
    assert not told["button-02"]["round_trip"]
    assert told["box-01"] is None


def test_the_picture_shows_a_stronger_room_further_right_and_weak_in_another_colour() -> None:
    visit = whole()
    visit.rooms["Accueil"] = room("Accueil", 2, -86, -87, -88)
    image = pypdfium2.PdfDocument(record_pdf.pdf(made(visit, "later"), "en"))[0]
    pixels = image.render(scale=2).to_pil().convert("RGB")
    colours = {colour: count for count, colour in pixels.getcolors(1 << 20)}
    good, weak = colours[sheet.INK["good"]], colours[sheet.INK["weak"]]
    assert good > 2 * 2 * weak > 0  # two rooms of -61 dBm, one of -87
    assert sheet.INK["none"] not in colours


def test_sixty_rooms_and_devices_go_over_several_pages() -> None:
    visit = whole()
    for number in range(60):
        visit.rooms[f"Room {number}"] = room(f"Room {number}", 3, -60, -61, -62)
    shown = _text(record_pdf.pdf(made(visit), "en"))
    assert "Room 0" in shown
    assert "Room 59" in shown
    assert "Signatures" in shown


def _text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(document[n].get_textpage().get_text_bounded() for n in range(len(document)))


Run = Callable[..., Result]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A gateway whose journal is a list of files, one more each time it is asked."""
    script = tmp_path / "gateway.py"
    script.write_text(
        "import pathlib, sys\n"
        f"left = sorted(pathlib.Path({str(tmp_path)!r}).glob('journal.*'))\n"
        "print(left[0].read_text())\n"
        "if len(left) > 1: left[0].unlink()\n"
        "assert sys.argv[1:] == ['journal', 'export', '--config', '/etc/tocsin.toml']\n"
    )

    def run(*words: str, answers: str = "") -> Result:
        gateway = f"{sys.executable} {script}"
        line = ["commission", words[0], str(EXAMPLE), *words[1:]]
        line += ["--progress", str(tmp_path / "progress.json")]
        if words[0] != "status":
            line += ["--gateway", gateway, "--config", "/etc/tocsin.toml"]
        return CliRunner().invoke(app, line, input=answers)

    return run


def journals(folder: Path, *stories: Sequence[Entry]) -> None:
    for old in folder.glob("journal.*"):
        old.unlink()
    for number, story in enumerate(stories):
        (folder / f"journal.{number:03}").write_text(exported(story))


def presses(count: int, device: str = "button-01") -> list[Entry]:
    how = {"kind": "test", "medium": "ble", "rssi": -60}
    return [Entry(n, float(n), "raised", f"{n:032x}", device, how) for n in range(1, count + 1)]


def test_a_room_is_walked_and_the_next_visit_goes_on(tmp_path: Path, site: Run) -> None:
    journals(tmp_path, [], presses(3))
    walk = ["walk", "--device", "button-01", "--place", "Parking"]
    result = site(*walk, answers="\n7\n3\n")  # seven of three is asked again
    assert (result.exit_code, "Parking: good; 3 of 3 heard, 3 felt" in result.output) == (0, True)
    told = site("status")
    assert told.exit_code == 1
    assert "Cabinet 1: not walked" in told.output
    assert "Parking: not walked" not in told.output


def test_every_device_is_pressed_until_it_has_answered(tmp_path: Path, site: Run) -> None:
    journals(tmp_path, [], presses(1), presses(1), presses(1), presses(1))
    first = site("press", answers="\ny\n\ny\n\ny\n")
    assert "button-01: answered" in first.output
    assert "box-01: NOT ANSWERED" in first.output  # its press was not in the journal
    journals(tmp_path, [], presses(1, "button-02"), [], presses(1, "box-01"))
    second = site("press", answers="\ny\n\ny\n")
    assert "button-01" not in second.output
    assert second.output.count("answered") == 2 + second.output.count("NOT ANSWERED")


def test_an_alert_that_nobody_took_does_not_count(tmp_path: Path, site: Run) -> None:
    words = ["escalate", "--device", "button-01", "--within-s", "0"]
    journals(tmp_path, [], [])
    assert "No alert was heard" in site(*words).output
    journals(tmp_path, [], [])
    for story, answer, code in ((alert()[:3], "", 1), (alert(), "n", 1), (alert(), "y", 0)):
        journals(tmp_path, [], story)
        assert site(*words, answers=f"{answer}\n").exit_code == code


def test_a_record_is_signed_when_nothing_lacks_or_somebody_says_why(
    tmp_path: Path, site: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader.make()
    custody = Custody.make(tmp_path / "keys.age", reader, "laptop", "Maison de santé")
    monkeypatch.setattr(Reader, "load", lambda _path, _ask: reader)
    journals(tmp_path, alert())
    names = ["--installer", "A. Petit", "--accepted-by", "Mme Durand"]
    words = ["sign", *names, "--out", str(tmp_path / "pv"), "--store", str(custody.path)]
    words += ["--records", str(tmp_path / "records"), "--floors", str(FLOORS)]
    refused = site(*words)
    assert (refused.exit_code, "not walked" in refused.output) == (1, True)
    assert not (tmp_path / "pv.pdf").exists()
    reserved = site(*words, "--reservation", "Parking after the works")
    assert reserved.exit_code == 0
    jwk = json.dumps(signing.jwk(custody.content()))
    document = check((tmp_path / "pv.json").read_text(), jwk)
    assert document["reservations"] == ["Parking after the works"]
    assert len(document["lacks"]) == 7  # type: ignore[arg-type]
    progress.save(tmp_path / "progress.json", whole())
    radio = {"address": "240ac4000001", "round_trip": True, "up_dbm": -58, "down_dbm": -61}
    table = {"at": "2026-01-30T10:00:00+00:00", "mac": "24:0a:c4:00:00:01"}
    Journal(tmp_path / "records").record(
        "24:0a:c4:00:00:01", "button-01", table | {"self_test": {"radio": radio}}
    )
    assert site(*words).exit_code == 0
    document = check((tmp_path / "pv.json").read_text(), jwk)
    paper = (tmp_path / "pv.pdf").read_bytes()
    assert document["lacks"] == []
    assert document["pdf_sha256"] == hashlib.sha256(paper).hexdigest()
    floor = document["floors"][0]  # type: ignore[index]
    assert sorted(floor["places"]) == sorted(PLACES)
    assert "Rez-de-chaussée" in _text(paper)
    first = document["devices"][0]["provisioned"]  # type: ignore[index]
    assert (first["mac"], first["up_dbm"]) == ("24:0a:c4:00:00:01", -58)
    assert document["journal_head"] == {"n": 5, "sha256": "00" * 32}
    assert not list(search.leaks([tmp_path], search.secrets_of(custody.content())))


def test_the_map_of_what_was_walked_needs_no_gateway(tmp_path: Path) -> None:
    out = tmp_path / "coverage.pdf"
    line = ["commission", "map", str(EXAMPLE), "--out", str(out), "--floors"]
    line = [*line, str(FLOORS), "--progress", str(tmp_path / "progress.json")]
    progress.save(tmp_path / "progress.json", whole())
    assert CliRunner().invoke(app, line).exit_code == 0
    shown = _text(out.read_bytes())
    assert all(place in shown for place in PLACES)
    line[line.index(str(FLOORS))] = str(EXAMPLE)
    refused = CliRunner().invoke(app, line)
    assert (refused.exit_code, "[[floor]]" in refused.output) == (1, True)


def test_a_gateway_that_cannot_be_asked_is_said(tmp_path: Path) -> None:
    line = ["commission", "walk", str(EXAMPLE), "--device", "button-01"]
    line += ["--progress", str(tmp_path / "p.json"), "--gateway"]
    for gateway in ("/nowhere/tocsin-gateway", f"{sys.executable} -c 'raise SystemExit(69)'"):
        result = CliRunner().invoke(app, [*line, gateway])
        assert (result.exit_code, "command line failed" in result.output) == (1, True)


def test_a_device_that_is_not_in_the_plan_or_has_no_button_is_refused(site: Run) -> None:
    for device in ("button-99", "head-01"):
        assert site("walk", "--device", device).exit_code == 1
