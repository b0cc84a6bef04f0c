"""A button with LoRa is pressed where BLE does not reach: LoRa carries the alert and what comes back."""

import pytest

from hil_tests.bench.virtual import Layout, VirtualBench
from tools.demonstration.boards import LORA_BUTTON_BOARD


@pytest.mark.slow
@pytest.mark.parametrize("bench", [Layout(button_board=LORA_BUTTON_BOARD)], indirect=True)
def test_the_wearer_is_answered_over_lora(bench: VirtualBench) -> None:
    bench.site.set_range(0, in_range=False)
    press = bench.press(0)

    assert bench.wait(lambda: bool(bench.events("tocsin.alert.raised", "button-1")))
    assert bench.wait(lambda: ("button-1", "received") in bench.felt)
    bench.acknowledge(press)
    assert bench.wait(lambda: ("button-1", "help") in bench.felt)
    assert len(bench.events("tocsin.alert.raised", "button-1")) == 1
