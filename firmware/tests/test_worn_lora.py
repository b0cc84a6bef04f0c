"""A button with BLE and LoRa: the same bytes on both, and an answer by either counts."""

from pathlib import Path

import pytest

from firmware.core.sealed import CRC_LEN, unseal
from firmware.tests.worn import SECOND_US, Worn
from protocol import kinds
from protocol.airtime import time_on_air_us
from protocol.duty import RECORD_LEN, Ledger
from protocol.kinds import ACKNOWLEDGED, COVERED, RADIO_FAILED, STORE_OK, STORED
from protocol.messages import Condition, IncidentMessage
from tools.virtual.lora_peer import LoraPeer

OUT_OF_RANGE_DB = 200.0
LEDGER = 122  # where RTC memory has it (`firmware.hal.power`), behind its length


def by_lora(worn: Worn) -> LoraPeer:
    assert worn.lora_gateway is not None
    return worn.lora_gateway


def no_ble(worn: Worn) -> None:
    """Carry the wearer out of reach of every BLE gateway."""
    worn.world.ble.set_path_loss("button", "peer", OUT_OF_RANGE_DB)


def test_an_alert_is_the_same_bytes_on_both_and_ble_does_not_wait(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, lora=True) as worn:
        worn.start(settle_s=5)
        complete_us = worn.raise_alert()
        at_us = worn.feels("sent", 2)
        worn.world.run_for(10)
        assert at_us is not None
        assert worn.incidents()[0][0].at_us - complete_us < 0.1 * SECOND_US
        ble = {heard.counter: heard.frame for heard in worn.gateway.heard}
        lora = [h for h in by_lora(worn).heard if isinstance(h.message, IncidentMessage)]
        assert len(lora) >= 4
        assert lora[0].at_us - complete_us < 0.6 * SECOND_US, (
            "one time on air, and activity detection"
        )
        assert all(ble[heard.counter] == heard.frame for heard in lora)
        assert worn.log.read_text() == ""


@pytest.mark.parametrize("sf", [7, 9, 12])
def test_where_no_ble_gateway_hears_it_lora_brings_help(tmp_path: Path, sf: int) -> None:
    with Worn(tmp_path, loss=0.0, lora=True, lora_sf=sf) as worn:
        no_ble(worn)
        by_lora(worn).answer_op = STORED
        worn.start(settle_s=5)
        worn.raise_alert()
        assert worn.feels("received", 20)
        by_lora(worn).answer_op = ACKNOWLEDGED
        assert worn.feels("help", 60)
        assert worn.sleeps(30)
        assert worn.gateway.heard == []
        assert by_lora(worn).heard[-1].message.word() >> 17 & 3 == ACKNOWLEDGED, "help was felt"


@pytest.mark.slow
def test_lora_keeps_to_the_duty_cycle_for_an_hour_of_an_alert(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, lora=True, lora_sf=12) as worn:
        no_ble(worn)
        worn.start(settle_s=5)
        worn.raise_alert()
        worn.world.run_for(1_200)
        sent = len(by_lora(worn).hearings)
        assert 60 <= sent <= 8 + 1_200 / 16.17 + 1
        assert sent * 1.155 < 0.1 * 1_200


@pytest.mark.slow
def test_an_alert_by_lora_survives_a_power_cut_without_a_counter_twice(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, lora=True) as worn:
        worn.start(settle_s=5)
        worn.raise_alert()
        for _ in range(4):
            worn.world.run_for(2.3)
            worn.device.power_cut()
            worn.world.run_for(1)
            worn.device.power_on()
        worn.world.run_for(4)
        frames: dict[int, set[bytes]] = {}
        for counter, frame in [
            *((h.counter, h.frame) for h in worn.gateway.heard),
            *((h.counter, h.frame) for h in by_lora(worn).heard),
        ]:
            frames.setdefault(counter, set()).add(frame)
        assert all(len(same) == 1 for same in frames.values())
        assert len({(h.counter >> 4) - m.block for h, m in worn.incidents()}) == 1


@pytest.mark.parametrize(
    ("arg", "feeling"), [(COVERED, "covered"), (STORE_OK, "not_covered"), (None, "not_covered")]
)
def test_a_question_is_answered_by_lora_where_ble_is_silent(
    tmp_path: Path, arg: int | None, feeling: str
) -> None:
    with Worn(tmp_path, loss=0.0, lora=True) as worn:
        no_ble(worn)
        by_lora(worn).answer_op = None if arg is None else STORED
        by_lora(worn).answer_arg = arg or 0
        worn.start(settle_s=5)
        since_us = worn.now_us
        worn.press(0.6)
        assert worn.feels(feeling, 5, since_us)
        assert worn.sleeps(10)
        assert worn.felt() == [feeling]


@pytest.mark.slow
def test_heartbeats_go_by_lora_only_where_ble_does_not_answer(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, lora=True, heartbeat_s=60) as worn:
        worn.gateway.answer_op = STORED
        by_lora(worn).answer_op = STORED
        worn.start()
        worn.world.run_for(600)
        told = len(by_lora(worn).heard)
        assert told <= 2
        no_ble(worn)
        worn.world.run_for(900)
        assert len(by_lora(worn).heard) - told >= 8
        worn.world.ble.set_path_loss("button", "peer", 65.0)
        worn.world.run_for(200)
        told = len(by_lora(worn).heard)
        worn.world.run_for(600)
        assert len(by_lora(worn).heard) - told <= 1


@pytest.mark.slow
def test_a_lora_chip_that_is_dead_is_told_by_ble_and_holds_nothing_up(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, lora=True, heartbeat_s=60) as worn:
        worn.chip.silent = 0xFF
        worn.gateway.answer_op = STORED
        worn.start()
        complete_us = worn.raise_alert()
        assert worn.incidents()[0][0].at_us - complete_us < 0.2 * SECOND_US
        worn.gateway.answer_op = ACKNOWLEDGED
        assert worn.sleeps(20)
        worn.gateway.answer_op = STORED
        worn.world.run_for(300)
        worn.chip.silent = None
        worn.chip.reset(0)
        worn.chip.reset(1)
        worn.world.run_for(200)
        said = [h.message for h in worn.gateway.heard if isinstance(h.message, Condition)]
        assert [(one.kind, one.code, one.value) for one in said] == [
            (kinds.FAULT, RADIO_FAILED, 1),
            (kinds.RESTORE, RADIO_FAILED, 1),
        ]


@pytest.mark.slow
def test_the_ledger_is_kept_over_sleep(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.0, lora=True) as worn:
        by_lora(worn).answer_op = ACKNOWLEDGED
        no_ble(worn)
        worn.start(settle_s=5)
        before = ledger(worn)
        worn.raise_alert()
        assert worn.feels("help", 10)
        assert worn.sleeps(20)
        spent_us = 2 * time_on_air_us(15, 9)
        assert ledger(worn) - before == pytest.approx(spent_us, abs=2_000)


def ledger(worn: Worn) -> int:
    """Return the time on air that RTC memory holds, in us."""
    record = unseal(bytes(worn.device.memories.rtc)[LEDGER : LEDGER + RECORD_LEN + CRC_LEN])
    assert record is not None
    now_s = worn.now_us // SECOND_US
    return Ledger(record, now_s).used_us(now_s)
