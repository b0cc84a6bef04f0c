"""A plan is checked as a whole: every mistake with its line, its field and what to do."""

import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.core import settings
from tools.provision import device_plan, plan, rows
from tools.provision.plan import PlanRefused

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
HEADING = "id;role;label;place;board;heartbeat_s;main;hold_ms;cancel_ms"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")


def device(number: int, **changes: str) -> str:
    fields = {
        "id": f'"button-{number:03}"',
        "role": '"panic_button"',
        "label": f'"Dr {number}"',
        "place": f'"Room {number}"',
        "board": '"esp32c3_devkit"',
    }
    lines = [f"{name} = {value}" for name, value in (fields | changes).items() if value]
    return "\n".join(["[[device]]", *lines])


def mistakes(content: str) -> list[tuple[int, str, str]]:
    with pytest.raises(PlanRefused) as refused:
        plan.of_toml(content.encode(), "site")
    return [(problem.line, problem.field, problem.what) for problem in refused.value.problems]


def of_spreadsheet(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(PlanRefused) as refused:
        plan.of_csv(content, "site")
    return [(problem.line, problem.field) for problem in refused.value.problems]


@pytest.mark.parametrize("name", ["plan.toml", "plan.csv"])
def test_the_examples_are_plans_of_the_same_devices(name: str) -> None:
    read = plan.read(EXAMPLES / name)
    assert [planned.id for planned in read.devices] == [
        "button-01",
        "button-02",
        "box-01",
        "head-01",
    ]
    for planned in read.devices:
        assert not settings.of(dict(planned.settings)).refused
    box = read.named("box-01")
    assert box is not None
    assert (box.settings["heartbeat_s"], box.enrolled_as) == (300, "call_box")
    assert read.named("nobody") is None


def test_of_200_devices_all_five_mistakes_are_told_with_line_field_and_fix() -> None:
    devices = [device(number) for number in range(200)]
    devices[7] = device(7, board='"heltec_v33"')
    devices[50] = device(50, label="Dr 50")  # no quotes: not even TOML
    devices[99] = device(99, id='"Button-003"')
    devices[150] = device(150, heartbeat_s="5")
    devices[199] = device(199, place="")
    found = mistakes("\n".join(devices))
    expected = [
        (7 * 6 + 6, "board", "heltec_v3?"),
        (50 * 6 + 4, "label", '"text"'),
        (99 * 6 + 2, "id", "line 20 already"),
        (150 * 6 + 7, "heartbeat_s", "10 to 86400"),
        (199 * 6 + 2, "place", 'place = "Room 3"'),
    ]
    assert [(line, field) for line, field, _ in found] == [each[:2] for each in expected]
    for (_, _, what), (_, _, fix) in zip(found, expected, strict=True):
        assert fix in what


def test_of_a_spreadsheet_of_200_lines_all_five_are_told_too() -> None:
    lines = [f"b-{n};panic_button;Dr {n};Room {n};heltec_v3;900;;;" for n in range(200)]
    lines[0] = "b-0;panic_button;Dr 0;Room 0;heltec_v3;neuf cents;;;"
    lines[20] = "b-20;panik_button;Dr 20;Room 20;heltec_v3;900;;;"
    lines[21] = "b-5;panic_button;Dr 21;Room 21;heltec_v3;900;;;"
    lines[120] = "b-120;panic_button;Dr 120;Room 120;heltec_v3;900;;9000;5000"
    lines[198] = "b-198;panic_button;Dr 198;Room 198;heltec_v3;900;;;;surplus"
    assert of_spreadsheet("\r\n".join([HEADING, *lines]).encode("utf-8-sig")) == [
        (2, "heartbeat_s"),
        (22, "role"),
        (23, "id"),
        (122, "hold_ms"),
        (200, "cancel_ms"),
    ]


@pytest.mark.parametrize(
    ("changes", "field", "fix"),
    [
        ({"id": '"bouton é"'}, "id", "without accents"),
        ({"id": "7"}, "id", "letters"),
        ({"role": '"button"'}, "role", "panic_button"),
        ({"role": ""}, "role", "is missing"),
        ({"label": '""'}, "label", "1 to 200"),
        ({"label": '"a\\tb"'}, "label", "one line"),
        ({"board": ""}, "board", "is missing"),
        ({"board": "3"}, "board", "one of"),
        ({"hold_ms": "800.0"}, "hold_ms", "whole number from 300 to 5000"),
        ({"siren_s": "true"}, "siren_s", "whole number"),
        ({"discreet": "1"}, "discreet", "true or false"),
        ({"visit_min": "31"}, "visit_min", "multiple of 5"),
        ({"main": '"qphp"'}, "main", "five letters"),
        ({"main": '"q---c"', "second": '"-----"'}, "main", "raises an alert"),
        ({"second": '"-----"', "main": '"q---c"'}, "main", "raises an alert"),
        ({"hold_ms": "5000"}, "hold_ms", "lower hold_ms"),
        ({"chemistry": '"lipoo"'}, "chemistry", "lipo?"),
        ({"lora_hz": "868100000"}, "lora_hz", "869462500 to 869587500"),
        ({"lora_dbm": "28"}, "lora_dbm", "-9 to 27"),
        ({"lora_dbm": "25", "board": '"heltec_v3"'}, "lora_dbm", "22 dBm at most"),
        ({"role": '"call_box"'}, "board", "esp32s3_lora"),
        ({"labell": '"x"'}, "labell", "label?"),
        ({"heartbeat_s": "[9"}, "heartbeat_s", "not TOML"),
    ],
)
def test_each_mistake_names_its_field_and_says_what_to_do(
    changes: dict[str, str], field: str, fix: str
) -> None:
    text = "# a plan\n" + device(1, **changes)
    ((line, told, what),) = mistakes(text)
    assert told == field
    assert fix in what
    named = [n for n, line in enumerate(text.split("\n"), 1) if line.startswith(f"{field} =")]
    assert line == (named[0] if named else 2)


def test_a_value_over_several_lines_is_one_mistake_and_hides_no_other() -> None:
    text = device(1, heartbeat_s="[\n  9,\n  10,\n]", board='"nowhere"')
    assert [each[:2] for each in mistakes(text)] == [(6, "board"), (7, "heartbeat_s")]


def test_a_mistake_in_the_defaults_is_told_once_where_it_stands() -> None:
    text = "[defaults]\nheartbeat_s = 9\n" + "\n".join(map(device, range(3)))
    assert [each[:2] for each in mistakes(text)] == [(2, "heartbeat_s")]


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("", 1, "device"),
        ('id = "a"', 1, "id"),
        ("[device]\n", 1, "device"),
        ("[[defaults]]", 1, "defaults"),
        ("[default]", 1, "default"),
        ("[plan]\n[plan]\n", 2, "plan"),
        ("[plan]\nsite = 3", 2, "site"),
        ("[plan]\nsite = 'a'\nsite = 'b'", 3, "site"),
        ("[plan]\nowner = 'a'", 2, "owner"),
        ("[[device]\n", 1, "device"),
    ],
)
def test_what_is_wrong_with_the_file_itself_is_told(text: str, line: int, field: str) -> None:
    assert (line, field) in [each[:2] for each in mistakes(text)]


def test_columns_that_are_missing_or_unknown_are_told_once() -> None:
    lines = ["id;role;labl;board", *(f"b-{n};panic_button;x;heltec_v3" for n in range(20))]
    assert of_spreadsheet("\n".join(lines).encode()) == [(1, "labl"), (1, "label"), (1, "place")]


def test_a_spreadsheet_as_excel_saves_it_in_france_is_read() -> None:
    text = "id;role;label;place;board;discreet;lora_hz\n"
    text += 'b-1;panic_button;"Dr Œuf; cabinet";Étage;heltec_v3;non;869 525 000\n'
    (only,) = plan.of_csv(text.encode("cp1252"), "site").devices
    assert (only.label, only.place) == ("Dr Œuf; cabinet", "Étage")
    assert (only.settings["discreet"], only.settings["lora_hz"]) == (False, 869_525_000)


def test_lines_count_as_an_editor_does_also_behind_quoted_breaks() -> None:
    text = 'id;role;label;place;board\n\nb-1;panic_button;"a\nb";Room;heltec_v3\nb 2;call_box;x;y;heltec_v3'
    assert of_spreadsheet(text.encode()) == [(3, "label"), (5, "id")]


@pytest.mark.parametrize("name", ["plan.ods", "missing.toml"])
def test_what_is_no_plan_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "plan.ods").write_bytes(b"PK")
    with pytest.raises(PlanRefused):
        plan.read(tmp_path / name)


def test_toml_must_be_utf8_and_the_line_that_is_not_is_named() -> None:
    with pytest.raises(PlanRefused) as refused:
        plan.of_toml("[plan]\nsite = 'Étage'".encode("cp1252"), "site")
    assert refused.value.problems[0].line == 2


def test_the_sentences_exist_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "fr")
    assert str(rows.Problem(3, "id", device_plan.wrong("id", "é") or "")).startswith(
        "ligne 3, id :"
    )


@given(st.text(alphabet="[]device.=\"'#\n;a1\u2028\x00 ") | st.text())
def test_any_text_is_a_plan_or_is_refused(text: str) -> None:
    for read in (plan.of_toml, plan.of_csv):
        with suppress(PlanRefused):
            read(text.encode("utf-8", "surrogatepass"), "site")


VALUES = st.one_of(st.integers(), st.booleans(), st.text(st.characters(codec="ascii")).map(ascii))


@given(st.lists(st.dictionaries(st.sampled_from(device_plan.FIELDS), VALUES, min_size=1)))
def test_rows_are_what_a_toml_parser_reads(devices: list[dict[str, object]]) -> None:
    text = "".join(
        "[[device]]\n"
        + "".join(
            f"{name} = {str(value).lower() if isinstance(value, bool) else _quoted(value)}\n"
            for name, value in each.items()
        )
        for each in devices
    )
    problems: list[rows.Problem] = []
    read = [
        {name: cell.value for name, cell in row.cells.items()}
        for row in rows.of_toml(text, problems)
    ]
    assert not problems
    assert read == tomllib.loads(text).get("device", [])


def _quoted(value: object) -> str:
    return (
        str(value)
        if isinstance(value, int)
        else '"' + str(value).replace("\\", "").replace('"', "") + '"'
    )
