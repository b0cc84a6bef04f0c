"""How soon a wearer feels the answer to "am I covered here?", at 10 % loss."""

from pathlib import Path

import pytest

from firmware.tests.worn import Worn
from protocol.kinds import STORED
from protocol.messages import Query


def asked_to_felt_s(tmp_path: Path, seed: int) -> float | None:
    """Ask once, in reach; return the seconds from the question on air to the feeling, None for a no."""
    with Worn(tmp_path, seed=seed, loss=0.1) as worn:
        worn.gateway.answer_op = STORED
        worn.start(settle_s=1)
        on_air: list[int] = []
        worn.device.radio.on_advertising = lambda _: on_air.append(worn.now_us)
        worn.press(0.3)
        felt_us = worn.feels("covered", 3)
        assert any(isinstance(heard.message, Query) for heard in worn.gateway.heard)
        return None if felt_us is None else (felt_us - on_air[0]) / 1_000_000


def answered_in_time(tmp_path: Path, trials: int) -> int:
    took = [asked_to_felt_s(tmp_path, seed) for seed in range(trials)]
    felt = sorted(s for s in took if s is not None)
    print(f"of {trials}: {len(felt)} felt, p50 {felt[len(felt) // 2]:.3f} s, most {felt[-1]:.3f} s")
    return sum(seconds <= 1.0 for seconds in felt)


def test_a_coverage_check_is_answered_within_a_second(tmp_path: Path) -> None:
    assert answered_in_time(tmp_path, 3) == 3


@pytest.mark.slow
def test_coverage_checks_are_answered_within_a_second_in_99_of_100(tmp_path: Path) -> None:
    assert answered_in_time(tmp_path, 60) >= 60 * 99 // 100
