"""A record is whole, and ends what was under way."""

import json
from pathlib import Path

from tools.provision.journal import Begun, Journal

MAC = "24:0a:c4:00:00:01"


def test_what_was_noted_is_found_again(tmp_path: Path) -> None:
    Journal(tmp_path).note(MAC, Begun("a", "digest", ("flash",)))
    assert Journal(tmp_path).begun(MAC) == Begun("a", "digest", ("flash",))
    assert Journal(tmp_path).begun("24:0a:c4:00:00:02") is None


def test_a_record_ends_what_was_under_way(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note(MAC, Begun("a", "digest", ()))
    path = journal.record(MAC, "a", {"place": "Étage 2"})
    assert json.loads(path.read_text()) == {"place": "Étage 2"}
    assert journal.has("a")
    assert journal.begun(MAC) is None


def test_a_record_from_before_stays(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for board in ("one", "two", "three"):
        journal.record(MAC, "a", {"board": board})
    kept = [tmp_path / "earlier" / "a.1.json", tmp_path / "earlier" / "a.2.json", journal.path("a")]
    assert [json.loads(path.read_text())["board"] for path in kept] == ["one", "two", "three"]


def test_a_note_that_is_none_is_no_note(tmp_path: Path) -> None:
    (tmp_path / "unfinished").mkdir()
    for text in ("", "[]", "{}", '{"device": "a", "image": "b", "done": 5}'):
        (tmp_path / "unfinished" / "240ac4000001.json").write_text(text)
        assert Journal(tmp_path).begun(MAC) is None
