"""Who must be heard, and when silence is late and missing."""

from dataclasses import replace

import pytest

from gateway.tests.builders import device
from gateway.watching.duty import FIXED, NEVER, WORN, Rule, chemistry, limits
from gateway.watching.signs import Signs

BOX = replace(device("box-1"), role="call_box")
BUTTON = replace(device(), heartbeat_s=900)


def test_a_call_box_is_missing_after_18_minutes_and_a_button_after_50() -> None:
    box, button = limits((), BOX), limits((), BUTTON)
    assert (box.duty, box.missing_s, box.late_s) == (FIXED, 1_080, 660)
    assert (button.duty, button.missing_s, button.late_s) == (WORN, 3_000, 2_250)


def test_the_shortest_is_36_seconds() -> None:
    assert limits((), replace(BOX, heartbeat_s=10)).missing_s == 36
    assert limits((), replace(BUTTON, heartbeat_s=10)).missing_s == 36


def test_the_rule_of_a_device_goes_before_that_of_its_role() -> None:
    rules = (
        Rule(role="button", missing_s=7_200, chemistry="lipo"),
        Rule(device=BUTTON.id, duty=FIXED),
        Rule(device=BUTTON.id, missing_s=60),
    )
    found = limits(rules, BUTTON)
    assert (found.duty, found.missing_s) == (FIXED, 60)
    assert found.late_s == pytest.approx(60 * 2.2 / 3.6)
    assert limits(rules, replace(BUTTON, id="other")).missing_s == 7_200
    assert chemistry(rules, BUTTON.id, "button") == "lipo"
    assert chemistry(rules, BOX.id, "call_box") is None


def test_a_spare_is_never_judged_and_its_limits_are_those_of_a_fixed_one() -> None:
    found = limits((Rule(device=BOX.id, duty=NEVER),), BOX)
    assert (found.duty, found.missing_s) == (NEVER, 1_080)


def test_the_grace_after_a_start_is_a_heartbeat_and_never_more_than_missing() -> None:
    assert limits((), BOX).grace_s == 540
    assert limits((Rule(device=BOX.id, missing_s=60),), BOX).grace_s == 60


def test_a_device_by_lora_is_given_time_by_what_its_counters_show() -> None:
    judged, unknown = limits((), BOX), Signs(medium="lora")
    assert judged.given(Signs(medium="ble")) == judged
    assert judged.given(unknown) == judged, "a box repeats what nobody answers"
    worn = limits((), BUTTON).given(unknown)
    assert worn.missing_s / 900 == pytest.approx(11.4, abs=0.1), "a button does not"
    whole, lossy = unknown.alive(0.0, asked=False), unknown.alive(0.0, asked=False)
    for beat in range(1, 3_000):
        whole = whole.missed(0, 300.0 * beat, 300).alive(300.0 * beat, asked=False)
        lossy = lossy.missed(1, 600.0 * beat, 300).alive(600.0 * beat, asked=False)
    assert judged.given(whole).missing_s == 1_080
    assert judged.given(lossy).missing_s / 300 == pytest.approx(26.6, abs=0.5)
    repeated = unknown._replace(sent=1_000.0, lost=1_000 * 0.2**4)
    assert judged.given(repeated).missing_s == 1_080, "a fifth of single transmissions lost"
    ratio = judged.late_s / judged.missing_s
    assert judged.given(lossy).late_s == pytest.approx(ratio * judged.given(lossy).missing_s)
    ruled = limits((Rule(device=BOX.id, missing_s=60),), BOX)
    assert ruled.given(lossy) == ruled, "what a person has set is meant"


def test_a_press_a_start_and_a_long_alert_are_no_loss() -> None:
    signs = Signs(medium="lora").alive(0.0, asked=False)
    for counters, now in ((15, 20.0), (48, 300.0), (0, 9_000.0)):
        assert signs.missed(counters, now, 300).lost == signs.lost
    assert signs.missed(2, 900.0, 300).lost == signs.lost + 2
    assert signs.missed(900, 9e9, 300).lost == signs.lost + 12
