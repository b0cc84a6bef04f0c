"""What the linker leaves is kept, and linked again when a source has changed."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import linked
from tools.firmware_closure import ROOT, boards_of

TEXTS = {"tocsin": "def run():\n    return 'é'\n", "firmware.start": "from tocsin import run\n"}


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Sequence[str]]]:
    """What the linker was asked for, with a cache of the test."""
    asked: list[tuple[str, Sequence[str]]] = []

    def link(role: str, boards: Sequence[str]) -> dict[str, str]:
        asked.append((role, boards))
        return TEXTS

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(linked, "link", link)
    return asked


def in_another_process(role: str) -> dict[str, str]:
    """Ask as a process does that has asked for nothing yet."""
    return linked.linked.__wrapped__(role)


def test_a_role_is_linked_once_for_all_processes(calls: list[object]) -> None:
    assert in_another_process("call_box") == TEXTS
    assert list(in_another_process("call_box").items()) == list(TEXTS.items())
    assert calls == [("call_box", boards_of("call_box"))]
    assert in_another_process("radio_head") == TEXTS
    assert len(calls) == 2
    assert sorted(path.name for path in linked.folder().iterdir()) == [
        "call_box.json",
        "radio_head.json",
    ]


def test_what_was_edited_while_it_was_linked_is_not_kept(
    calls: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linked, "digest", lambda: "before")
    monkeypatch.setattr(linked, "_digest_now", lambda: "after")
    assert in_another_process("call_box") == TEXTS
    assert not list(linked.folder().iterdir())


def test_a_changed_source_is_another_folder_and_only_the_last_ones_stay(
    calls: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = []
    for number in range(20):
        monkeypatch.setattr(linked, "digest", lambda number=number: f"digest-{number}")
        places.append(linked.folder())
        os.utime(places[-1], (number, number))
    left = [place for place in places if place.is_dir()]
    assert left == places[-12:]


def test_the_digest_is_that_of_all_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    files = list(linked._files())
    for name in ("firmware/start.py", "protocol/aes.py", "tools/linker/link.py"):
        assert ROOT / name in files
    assert not [file for file in files if "tests" in file.parts]
    whole = linked._digest_now()
    monkeypatch.setattr(linked, "_files", lambda: iter(files[1:]))
    assert linked._digest_now() != whole
