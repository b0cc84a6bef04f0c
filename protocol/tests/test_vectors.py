"""Every case of every file of vectors, and the files themselves."""

import pytest

from protocol.tests import make_vectors
from protocol.tests.independent import mac
from protocol.tests.vector_checks import CHECKS, OF_THE_GATEWAY, load, unhex

CASES = [(name, number) for name in CHECKS for number in range(len(load(name)))]


@pytest.mark.parametrize(("name", "number"), CASES)
def test_vector(name: str, number: int) -> None:
    CHECKS[name](load(name)[number])


def test_every_file_is_checked() -> None:
    files = {path.stem for path in make_vectors.FOLDER.glob("*.json")}
    assert files == {*CHECKS, *OF_THE_GATEWAY}


@pytest.mark.parametrize("name", make_vectors.files())
def test_independent_implementation_makes_these_bytes(name: str) -> None:
    assert (make_vectors.FOLDER / name).read_bytes() == make_vectors.files()[name].encode()


def test_independent_implementation_imports_nothing_of_ours() -> None:
    for name in (
        "independent",
        "make_vectors",
        "make_rim_vectors",
        "make_freshness_vectors",
        "make_word_vectors",
    ):
        source = (make_vectors.FOLDER.parent / f"{name}.py").read_text()
        ours = [line for line in source.splitlines() if line.startswith("from protocol")]
        assert all(line.startswith("from protocol.tests.") for line in ours)
        assert "import protocol" not in source


def test_both_implementations_read_rfc_4493_alike() -> None:
    for case in load("rfc4493"):
        key, message, expected = unhex(case, "key", "message", "mac")
        assert mac(key, message) == expected


def test_rfc_3610_is_complete() -> None:
    assert [case["tag_len"] for case in load("rfc3610")] == ([8] * 6 + [10] * 6) * 2


def test_every_kind_and_length_has_a_vector() -> None:
    found = {(c["fields"]["kind"], len(c["body"]) // 2) for c in load("uplinks")}
    assert {(kind, length) for kind in range(16) for length in (3, 11)} <= found
    answers = {(c["fields"]["op"], len(c["content"]) // 2) for c in load("downlinks")}
    assert {(op, length) for op in range(16) for length in (3, 7)} <= answers
