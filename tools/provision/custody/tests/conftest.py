"""A key store on no laptop: readers made here, without the second that a passphrase takes."""

from pathlib import Path

import pytest

from tools.provision.custody.reader import Reader
from tools.provision.custody.store import Custody
from tools.provision.custody.tests.builders import planned
from tools.provision.identity import Planned


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_LANG", "en")


@pytest.fixture
def reader() -> Reader:
    return Reader.make()


@pytest.fixture
def custody(tmp_path: Path, reader: Reader) -> Custody:
    return Custody.make(tmp_path / "keys.age", reader, "laptop", "Maison de santé")


@pytest.fixture
def button() -> Planned:
    return planned("button-01")
