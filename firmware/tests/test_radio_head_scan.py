"""A scan that dies without a word, a jammed band, a silent air: what the radio head does and tells."""

from pathlib import Path

from firmware.tests.wired import Wired
from protocol.advert import to_advert
from protocol.causes import DELIBERATE, POWER_UP
from protocol.link_messages import BLE, Health, Hello, Identity, Received, Stats
from tools.virtual.ble_air import BleRadio
from tools.virtual.tests.scripted import Scripted

FOREIGN = b"\x02\x01\x06\x03\x03\xaa\xfe"
FRAME = bytes(range(15))


def crowd(wired: Wired) -> None:
    """Put four strangers beside the head, for long enough to call the air lively."""
    for number in range(4):
        wired.advertiser(f"stranger {number}", FOREIGN, 1_000_000)
    wired.world.run_for(310)


def heard_of_a_button(wired: Wired) -> int:
    before = len(wired.said(Received))
    button = wired.advertiser("button", bytes(to_advert(FRAME)))
    wired.world.run_for(2)
    button.stop_advertising()
    return len(wired.said(Received)) - before


def ble_stats(wired: Wired) -> list[Stats]:
    return [one for one in wired.said(Stats) if one.medium == BLE]


def deafen(radio: BleRadio) -> None:
    """Let the radio ignore every scan it is asked for."""

    def ignore(interval_us: int, window_us: int) -> None:
        del interval_us, window_us

    radio.stop_scanning()
    radio.scan = ignore  # type: ignore[method-assign]


def test_a_scan_that_died_in_silence_is_begun_again_and_told(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        crowd(wired)
        wired.device.radio.stop_scanning()
        assert heard_of_a_button(wired) == 0
        wired.world.run_for(35)
        assert heard_of_a_button(wired) > 5
        wired.world.run_for(60)
        assert [(one.rescans, one.restarts) for one in wired.said(Health)][-1] == (1, 0)
        assert wired.device.boots == 1
        assert wired.log.read_text() == ""


def test_a_head_that_stays_deaf_restarts_stack_and_chip(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        crowd(wired)
        assert wired.said(Identity)[-1].cause == POWER_UP
        deafen(wired.device.radio)
        wired.world.run_for(150)
        assert [(one.rescans, one.restarts) for one in wired.said(Health)][-1] == (1, 1)
        assert wired.device.boots == 1
        wired.world.run_for(40)
        assert wired.device.boots == 2
        assert wired.said(Identity)[-1].cause == DELIBERATE
        assert len({hello.boot for hello in wired.said(Hello)}) == 2
        wired.world.run_for(1_000)
        assert wired.device.boots == 2, "a head that never heard anything does not reset"


def test_an_answer_under_way_is_on_air_again_after_the_stack_was_restarted(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        crowd(wired)
        deafen(wired.device.radio)
        wired.world.run_for(40)
        wired.transmit(1, 1, FRAME, 60_000)
        wired.world.run_for(40)
        late = wired.world.clock.now_us - 10_000_000
        assert [data for at_us, data in wired.on_air if at_us > late and data[7:] == FRAME]


def test_a_jammed_band_shows_as_silence(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        crowd(wired)
        before = ble_stats(wired)[-1]
        assert before.foreign > 8
        now_us = wired.world.clock.now_us
        wired.world.ble.jam(now_us, now_us + 25_000_000, -40.0)
        wired.world.run_for(20)
        assert [one.foreign for one in ble_stats(wired)[-2:]] == [0, 0]
        assert heard_of_a_button(wired) == 0
        wired.world.run_for(15)
        assert ble_stats(wired)[-1].foreign > 8
        assert heard_of_a_button(wired) > 5
        assert wired.device.boots == 1


def test_an_air_that_was_never_lively_costs_no_reset(tmp_path: Path) -> None:
    with Wired(tmp_path) as wired:
        wired.world.run_for(1_200)
        health = wired.said(Health)[-1]
        assert (health.rescans, health.restarts) == (18, 1)
        assert health.uptime >= 1_140
        assert wired.device.boots == 1
        assert heard_of_a_button(wired) > 5


MENDING = """
import bluetooth, time
from firmware.hal.ble import Ble
from firmware.hal.wait import WakeFlag
from protocol.advert import frame_span

def heard(seconds):
    before = ble.heard
    time.sleep(seconds)
    return ble.heard - before > 3

flag = WakeFlag()
ble = Ble(frame_span, flag, 8)
frame = bytearray(24)
ble.scan(30_000, 30_000)
print("at first", heard(1))
{fault}
print("broken", heard(1))
{mend}
print("mended", heard(1))
"""


def mending(tmp_path: Path, fault: str, mend: str) -> list[str]:
    with Scripted(tmp_path) as scripted:
        stranger = scripted.world.ble.radio("stranger", lambda _report: None)
        scripted.board(MENDING.format(fault=fault, mend=mend)).power_on()
        Wired.advertise(stranger, FOREIGN)
        scripted.world.run_for(10)
        return scripted.printed()


def test_a_handler_the_port_has_dropped_is_registered_again(tmp_path: Path) -> None:
    lines = mending(tmp_path, "ble._ble._handler = None", "ble.rescan()")
    assert lines == ["at first True", "broken False", "mended True"]


def test_a_scan_that_ended_by_itself_is_begun_again_by_the_next_take(tmp_path: Path) -> None:
    ended = "ble._ble._scanning = True; import _air; _air.call('ble_scan', None); ble._ble._done()"
    lines = mending(tmp_path, ended, "ble.take(frame)")
    assert lines == ["at first True", "broken False", "mended True"]


def test_a_stack_that_was_switched_off_scans_again(tmp_path: Path) -> None:
    lines = mending(tmp_path, "ble._ble.active(False)", "ble.restart()")
    assert lines == ["at first True", "broken False", "mended True"]
