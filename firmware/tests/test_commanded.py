"""A gateway asks a button which one it is: done once, reported, felt, and never against the wearer."""

from pathlib import Path

import pytest

from firmware.tests.worn import Worn
from protocol.kinds import IDENTIFY, SIREN, STORED
from protocol.messages import Report


def reports(worn: Worn) -> list[Report]:
    return [heard.message for heard in worn.gateway.heard if isinstance(heard.message, Report)]


@pytest.mark.parametrize(("op", "ok"), [(IDENTIFY, 1), (SIREN, 0)])
def test_a_command_is_reported_once_however_often_it_is_heard(
    tmp_path: Path, op: int, ok: int
) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = STORED
        worn.start(settle_s=5)
        worn.press(0.9)
        assert worn.feels("received", 5, 0)
        counter = worn.gateway.heard[-1].counter
        worn.gateway.answer_op = None
        worn.gateway.answer(op, counter, 3.0, seq=1)
        worn.world.run_for(6)

        assert [(report.op, report.seq, report.ok) for report in reports(worn)] == [(op, 1, ok)]
        assert ("identify" in worn.felt()) is bool(ok)
