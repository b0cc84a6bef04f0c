"""Flash erased in silence, as ESP-IDF does with pages of a newer version: nobody is falsely safe."""

from pathlib import Path

import pytest

from firmware.tests.boxed import Boxed
from firmware.tests.worn import Worn
from protocol.kinds import STORED

HOUR_S = 3_600


def test_a_button_feels_faulty_when_it_is_touched_and_never_transmits(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0) as worn:
        worn.gateway.answer_op = STORED
        worn.start(settle_s=3_600)
        heard = len(worn.gateway.heard)
        assert heard
        worn.device.nvs.of_newer_version = True
        worn.world.run_for(HOUR_S)
        assert worn.device.nvs.silent_erases == 1
        before = len(worn.felt())
        worn.press(1.0)
        assert worn.feels("fault", 10)
        assert worn.sleeps(20)
        assert set(worn.felt()[before:]) == {"fault"}
        assert len(worn.gateway.heard) == heard, "neither an old counter nor a new one"
        assert worn.log.read_text() == ""


@pytest.mark.slow
def test_a_call_box_falls_silent_so_that_its_gateway_misses_it(tmp_path: Path) -> None:
    """It does not even know that it is a box: what it is stood in flash, too."""
    with Boxed(tmp_path, answer=STORED) as box:
        box.start(settle_s=400)
        heard = len(box.heard())
        assert heard
        box.device.power_cut()
        box.device.nvs.of_newer_version = True
        box.device.power_on()
        box.run(2 * HOUR_S)
        box.press()
        box.run(60)
        assert len(box.heard()) == heard
        assert box.level("siren") == 0
        assert box.device.boots < 20, "nor does it start for ever"
