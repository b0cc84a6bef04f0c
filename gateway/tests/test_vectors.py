"""The vectors of SPEC.md that a gateway replays: what it looks for, and what it enrols."""

import json
from pathlib import Path

import pytest

from gateway.disk.enrolment import EnrolmentError, parse
from gateway.frames.lookahead import LookAhead
from protocol.errors import BadTag
from protocol.keys import Keys

FOLDER = Path(__file__).parents[2] / "protocol/tests/vectors"


def cases(name: str) -> list[dict[str, object]]:
    loaded: list[dict[str, object]] = json.loads((FOLDER / f"{name}.json").read_text())
    return loaded


@pytest.mark.parametrize("case", cases("enrolment"))
def test_enrolment(case: dict[str, object]) -> None:
    text = str(case["text"])
    if not case["wrong"]:
        assert parse(text.encode()).id == json.loads(text)["id"]
        return
    with pytest.raises(EnrolmentError) as refusal:
        parse(text.encode())
    assert sorted(problem.key for problem in refusal.value.problems) == case["wrong"]


def resolve(lookahead: LookAhead, frame: bytes) -> tuple[int | None, int | None]:
    for chunk in lookahead.find(frame):
        counter = chunk.counter_of(frame[:4])
        try:
            chunk.unprotect(counter, frame)
        except BadTag:
            continue
        return int(chunk.device), counter
    return None, None


@pytest.mark.parametrize("case", cases("resolution"))
def test_resolution(case: dict[str, list[dict[str, object]]]) -> None:
    lookahead = LookAhead()
    for number, device in enumerate(case["devices"]):
        keys = Keys(bytes.fromhex(str(device["device_key"])))
        lookahead.add(str(number), keys, int(str(device["highest"])))

    for sent in case["frames"]:
        found = resolve(lookahead, bytes.fromhex(str(sent["frame"])))
        assert found == (sent["device"], sent["counter"])
