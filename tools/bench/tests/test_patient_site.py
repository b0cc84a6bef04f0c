"""What is played of a site is what its boxes and its gateway would do."""

from random import Random

from gateway.frames.patience import CERTIFIED_S, LATER_S
from tools.bench.patient_site import PatientSite, last_beats

HEARTBEAT_S = 300.0
HOUR_S = 3600.0


def test_each_box_beats_and_none_is_left_without_a_certificate() -> None:
    beats = list(PatientSite(100, HEARTBEAT_S, Random(1)).beats(6 * HOUR_S))
    assert len(beats) in range(7_199, 7_202)
    # Due behind an even counter, told by the next but one at the latest.
    assert CERTIFIED_S < max(beat.age_s for beat in beats) < CERTIFIED_S + 4 * HEARTBEAT_S


def test_most_groups_are_as_long_as_they_may_be() -> None:
    site = PatientSite(100, HEARTBEAT_S, Random(1))
    list(site.beats(24 * HOUR_S))
    assert 24 * HOUR_S / (LATER_S + 3.5) < site.commits < 24 * HOUR_S / (LATER_S - 6)


def test_a_box_alone_is_answered_in_time_as_often_as_it_must_be() -> None:
    site = PatientSite(1, HEARTBEAT_S, Random(1))
    ages = [beat.age_s for beat in site.beats(24 * HOUR_S)]
    assert site.commits in (287, 288)
    assert max(ages) < CERTIFIED_S + 4 * HEARTBEAT_S


def test_after_days_there_is_one_beat_of_each_within_an_interval() -> None:
    beats = last_beats(20, HEARTBEAT_S, Random(2))
    assert sorted(beat.box for beat in beats) == list(range(20))
    assert [beat.at for beat in beats] == sorted(beat.at for beat in beats)
    assert beats[0].at == 0
    assert beats[-1].at < HEARTBEAT_S * 1.001
