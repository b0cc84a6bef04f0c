"""The LoRa driver and its rules on the real MicroPython, with a virtual SX1262 behind its pins."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.core.channel import BUSY, DUTY_CYCLE, REFUSED, REPLACED, SENT
from firmware.tests.lora_node import FRAME, LoraNodes
from protocol.airtime import time_on_air_us
from protocol.duty import Ledger
from tools import micropython
from tools.virtual.chips import C3, S3, Chip
from tools.virtual.lora_radio import LoraRadio, Packet, Reception
from tools.virtual.lora_signal import channel
from tools.virtual.world import World

HEARD = f"heard {FRAME.hex()}"
BOOT_S = 0.4
TOA_US = time_on_air_us(15, 9)


def transmit(world: World, radio: LoraRadio, payload: bytes, after_s: float) -> None:
    def now() -> None:
        radio.transmit(payload, 14)

    world.clock.after(round(after_s * 1e6), now)


class Gateway:
    """A radio that the test transmits and listens with; it hears everything."""

    def __init__(self, nodes: LoraNodes, *, sf: int = 9, hz: int = 869_525_000) -> None:
        self.got: list[tuple[int, bytes]] = []
        self.on_packet: Callable[[], None] = lambda: None
        self._world = nodes.world
        self.radio: LoraRadio = nodes.world.lora.radio("gateway")
        self.radio.modulation = channel(sf, hz)
        self.radio.on_packet = self._heard
        self.radio.on_sent = self.radio.listen
        self.radio.listen()

    def say(self, payload: bytes = FRAME, after_s: float = 0.0) -> None:
        transmit(self._world, self.radio, payload, after_s)

    def babble(self, from_s: float, until_s: float, length: int = 200) -> None:
        """Keep the channel busy with long packets that nobody waits for."""
        each_s = self.radio.modulation.time_on_air_us(length) / 1e6
        while from_s < until_s:
            self.say(bytes(length), from_s)
            from_s += each_s + 0.000_1

    def _heard(self, reception: Reception) -> None:
        if reception.whole:
            self.got.append((self._world.clock.now_us, reception.payload))
            self.on_packet()


@pytest.mark.parametrize(
    ("chip", "sf", "tcxo_mv"), [(C3, 7, 0), (S3, 9, 1_800), (S3, 12, 3_300), (C3, 11, 1_600)]
)
def test_a_frame_goes_from_one_to_the_other_and_no_rule_of_the_chip_is_broken(
    tmp_path: Path, chip: Chip, sf: int, tcxo_mv: int
) -> None:
    pins: dict[str, int] = {
        "sck": 4,
        "mosi": 5,
        "miso": 6,
        "cs": 3,
        "reset": 7,
        "busy": 10,
        "dio1": 1,
    }
    wiring = (pins if chip is C3 else {}) | {"tcxo_mv": tcxo_mv, "dio2_switch": tcxo_mv > 0}
    settings = {"lora_sf": sf}
    with LoraNodes(tmp_path) as nodes:
        listener = nodes.node(
            "lora.listen(True)\nlora.survey(250)\nserve(6_000)\nprint(lora.noise_dbm())\n",
            name="listener",
            chip=chip,
            settings=settings,
            wiring=wiring,
        )
        sender = nodes.node(
            "serve(200)\nsend()\nserve(8_000)\nlora.sleep()\n",
            name="sender",
            chip=chip,
            settings=settings,
            wiring=wiring,
        )
        listener.power_on()
        sender.power_on()
        nodes.world.run_for(10)
        said = nodes.printed("listener")
        assert [line[: len(HEARD)] for line in said[:2]] == ["ok True", HEARD]
        assert -90 < int(said[1].split()[2]) < -78  # 100 dB of path
        assert -125 < int(said[2]) < -105
        assert [status for status, _ in nodes.ended("sender")] == [SENT]
        assert {name: chip.faults for name, chip in nodes.chips.items()} == {
            "listener": [],
            "sender": [],
        }


def test_a_chip_behind_a_switched_supply_is_given_power_first(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        nodes.run("send()\nserve(1_000)\n", 3, wiring={"power_pins": ((7, 1), (2, 0))})
        assert nodes.printed()[0] == "ok True"
        assert len(gateway.got) == 1


def test_the_power_is_what_was_asked_up_to_what_the_board_may(tmp_path: Path) -> None:
    on_air: list[Packet] = []
    with LoraNodes(tmp_path) as nodes:
        nodes.world.lora.on_air = on_air.append
        script = (
            "for dbm in range(-9, 28):\n"
            "    print(lora.set_channel(869_525_000, 7, dbm), end=' ')\n"
            "    send()\n"
            "    serve(150)\n"
        )
        nodes.run(script, 10, wiring={"max_dbm": 21})
        assert nodes.chips["board"].faults == []
        assert [packet.dbm for packet in on_air] == [*range(-9, 22)] + [21] * 6


def test_a_channel_outside_the_band_is_refused_and_the_old_one_kept(tmp_path: Path) -> None:
    on_air: list[Packet] = []
    with LoraNodes(tmp_path) as nodes:
        nodes.world.lora.on_air = on_air.append
        script = (
            "print(lora.set_channel(868_100_000, 9, 14), lora.set_channel(869_525_000, 9, 30))\n"
            "send()\n"
            "serve(500)\n"
            "print(lora.set_channel(869_500_000, 8, 10))\n"
            "send()\n"
            "serve(500)\n"
        )
        said = nodes.run(script, 3)
        assert said[1] == "False False"
        assert "True" in said
        tuned = [(packet.modulation.hz, packet.modulation.sf, packet.dbm) for packet in on_air]
        assert tuned == [(869_525_000, 9, 14), (869_500_000, 8, 10)]


def test_a_channel_set_while_a_frame_is_on_air_is_taken_after_it(tmp_path: Path) -> None:
    on_air: list[Packet] = []
    with LoraNodes(tmp_path) as nodes:
        nodes.world.lora.on_air = on_air.append
        gateway = Gateway(nodes)
        script = (
            "send()\n"
            "serve(100)\n"
            "lora.set_channel(869_475_000, 9, 14)\n"
            "serve(500)\n"
            "send()\n"
            "serve(500)\n"
        )
        nodes.run(script, 3)
        assert [round(packet.modulation.hz, -2) for packet in on_air] == [869_525_000, 869_475_000]
        assert len(gateway.got) == 1


def test_an_alert_waits_for_a_busy_channel_but_not_for_long(tmp_path: Path) -> None:
    on_air: list[Packet] = []
    with LoraNodes(tmp_path) as nodes:
        nodes.world.lora.on_air = lambda packet: (
            on_air.append(packet) if len(packet.payload) == 15 else None
        )
        Gateway(nodes).babble(0.1, 12)
        nodes.run("serve(600)\nsend()\nserve(5_000)\nsend(False)\nserve(12_000)\n", 20)
        (status, ended_ms), (other, _) = nodes.ended()
        assert (status, other) == (SENT, BUSY)
        sent_us = on_air[0].start_us
        assert 1_100_000 < sent_us < 3_100_000, "busy at first, and at most 2 s"
        assert ended_ms == pytest.approx((sent_us + TOA_US) / 1000, abs=10)
        assert len(on_air) == 1


def test_refreshes_do_not_keep_an_alert_off_a_busy_channel(tmp_path: Path) -> None:
    on_air: list[Packet] = []
    with LoraNodes(tmp_path) as nodes:
        nodes.world.lora.on_air = lambda packet: (
            on_air.append(packet) if len(packet.payload) == 15 else None
        )
        Gateway(nodes).babble(0.1, 14)
        nodes.run("serve(600)\nfor _ in range(11):\n    send()\n    serve(1_000)\n", 14)
        assert on_air[0].start_us < 3_100_000
        assert len(on_air) >= 3


def test_an_alert_lets_others_finish_that_speak_in_turn(tmp_path: Path) -> None:
    """At SF9 a frame of 23 bytes takes 206 ms: with 10 ms between them the channel is never free."""
    on_air: list[Packet] = []
    with LoraNodes(tmp_path) as nodes:
        nodes.world.lora.on_air = lambda packet: (
            on_air.append(packet) if packet.payload == FRAME else None
        )
        gateway = Gateway(nodes)
        for i in range(80):
            gateway.say(bytes([i]) * 23, 0.5 + 0.216 * i)
        nodes.run("lora.listen(True)\nserve(600)\nsend()\nserve(9_000)\n", 12)
        pressed_us = 970_000
        assert pressed_us + 2_100_000 < on_air[0].start_us <= pressed_us + 7_100_000


def test_a_frame_that_comes_in_is_heard_before_one_is_sent(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        gateway.say(after_s=1.0)
        said = nodes.run("lora.listen(True)\nserve(650 + 80)\nsend()\nserve(3_000)\n", 5)
        assert said[1][: len(HEARD)] == HEARD
        assert said[2].startswith(f"ended {SENT} ")
        assert [payload for _, payload in gateway.got] == [FRAME]


def test_an_answer_that_begins_within_the_window_is_heard_to_its_end(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        gateway.on_packet = lambda: gateway.say(after_s=1.08)  # of 1.16 s
        said = nodes.run("send()\nserve(4_000)\nprint(lora.quiet(clock.now_ms()))\n", 6)
        assert [line.split()[0] for line in said] == ["ok", "ended", "heard", "True"]


def test_an_answer_after_the_window_is_not_heard_and_the_chip_sleeps(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        gateway.on_packet = lambda: gateway.say(after_s=1.17)
        said = nodes.run("send()\nserve(9_000)\n", 6)
        assert [line.split()[0] for line in said] == ["ok", "ended"]
        heard_for_us = nodes.chips["board"].us_in["rx_boosted"]
        assert heard_for_us == pytest.approx(1_160_000 + 20_000, abs=10_000)
        assert nodes.chips["board"].us_in["sleep_warm"] > 4_000_000


def test_a_window_can_be_closed_before_its_end(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        nodes.run("send()\nserve(400)\nlora.close_window()\nserve(5_000)\n", 4)
        assert nodes.chips["board"].us_in["rx_boosted"] < 300_000


def used_90_s() -> bytes:
    ledger = Ledger(bytes(132), 0)
    for now_s in (0, 60):
        ledger.note(45_000_000, now_s)
    return ledger.record(60)


def test_airtime_kept_for_alerts_is_used_by_alerts_only(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        said = nodes.run(
            "send(False)\nserve(1_000)\n"
            "send(True)\nserve(2_000)\n"
            "print(lora.ledger_record(clock.seconds()))\n",
            5,
            ledger=used_90_s(),
        )
        assert [status for status, _ in nodes.ended()] == [DUTY_CYCLE, SENT]
        assert len(gateway.got) == 1
        record = ast.literal_eval(said[-1])
        assert Ledger(record, 5).used_us(5) == 90_000_000 + 165_000  # kept in whole ms


def test_a_lost_ledger_leaves_half_a_minute_of_other_frames(tmp_path: Path) -> None:
    """60 s count as used; at SF12 a frame takes 1.16 s."""
    script = "for _ in range(40):\n    send(False)\n    serve(2_000)\n"
    with LoraNodes(tmp_path) as nodes:
        nodes.run(script, 90, ledger=b"", settings={"lora_sf": 12})
        statuses = [status for status, _ in nodes.ended()]
        assert statuses == [SENT] * 25 + [DUTY_CYCLE] * 15


def test_a_newer_frame_takes_the_place_of_one_that_waits(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        script = (
            "send()\nsend(True, b'x' * 23)\nprint(lora.take_result())\nserve(100)\n"
            "send(True, b'y' * 15)\nserve(3_000)\n"
        )
        said = nodes.run(script, 5)
        assert said[1] == str(REPLACED)
        assert [payload for _, payload in gateway.got] == [b"x" * 23, b"y" * 15]
        assert [status for status, _ in nodes.ended()] == [SENT, SENT]


def test_a_withdrawn_frame_is_not_sent(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        script = "send()\nserve(10)\nprint(lora.withdraw(), lora.withdraw())\nserve(2_000)\n"
        assert nodes.run(script, 4) == ["ok True", "True False"]
        assert gateway.got == []


def test_what_is_no_frame_is_foreign_and_what_is_too_much_is_dropped(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes, sf=7)
        for i, length in enumerate((1, 14, 15, 23, 24, 255)):
            gateway.say(bytes([i]) * length, 1 + 0.6 * i)
        for i in range(12):
            gateway.say(bytes([i]) * 15, 6 + 0.1 * i)
        script = (
            "lora.listen(True)\n"
            "serve(5_000)\n"
            "print(lora.foreign, lora.dropped)\n"
            "end_ms = add(clock.now_ms(), 3_000)\n"
            "while diff(end_ms, clock.now_ms()) > 0:\n"
            "    waiter.wait(100)\n"
            "    lora.poll(clock.now_ms(), clock.seconds())\n"
            "serve(100)\n"
            "print(lora.foreign, lora.dropped)\n"
        )
        said = nodes.run(script, 10, settings={"lora_sf": 7})
        heard = [line.split()[1] for line in said if line.startswith("heard")]
        assert heard[:2] == [(b"\2" * 15).hex(), (b"\3" * 23).hex()]
        assert heard[2:] == [(bytes([i]) * 15).hex() for i in range(8)]
        assert [line for line in said if line[0].isdigit()] == ["4 0", "4 4"]


def test_a_damaged_frame_is_foreign(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway, other = Gateway(nodes), nodes.world.lora.radio("other")
        other.modulation = channel(9)
        gateway.say(after_s=1.0)
        transmit(nodes.world, other, bytes(15), 1.13)
        said = nodes.run("lora.listen(True)\nserve(2_000)\nprint(lora.foreign)\n", 4)
        assert said == ["ok True", "1"]


def test_a_jammed_channel_is_loud_and_busy(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        nodes.world.lora.jam(3_000_000, 60_000_000, -70.0)
        script = (
            "lora.listen(True)\nlora.survey(250)\n"
            "for _ in range(3):\n"
            "    serve(2_500)\n"
            "    print(lora.noise_dbm(), lora.busy_percent(clock.now_ms()))\n"
        )
        quiet, _, loud = (line.split() for line in nodes.run(script, 10)[1:])
        assert -125 < int(quiet[0]) < -105
        assert int(quiet[1]) == 0
        assert -80 < int(loud[0]) < -60
        assert int(loud[1]) > 90


def test_a_lost_end_of_transmission_is_noticed_and_the_frame_sent_again(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        board = nodes.node("send()\nserve(5_000)\nprint(lora.ok)\n")
        nodes.chips["board"].modem.lose_tx_done = 1
        board.power_on()
        nodes.world.run_for(7)
        assert [payload for _, payload in gateway.got] == [FRAME, FRAME]
        assert [status for status, _ in nodes.ended()] == [SENT]
        assert nodes.printed()[-1] == "True"
        assert nodes.chips["board"].faults == []


def test_a_radio_that_never_ends_a_transmission_is_not_ok_until_it_does(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        board = nodes.node(
            "send()\nserve(3_000)\nprint(lora.ok)\nsend()\nserve(3_000)\nprint(lora.ok)\n"
        )
        nodes.chips["board"].modem.lose_tx_done = 2
        board.power_on()
        nodes.world.run_for(8)
        said = [line for line in nodes.printed() if line in {"True", "False"}]
        assert said == ["False", "True"]
        assert [status for status, _ in nodes.ended()] == [REFUSED, SENT]


@pytest.mark.parametrize("answer", [0x00, 0xFF])
def test_a_chip_that_does_not_answer_is_told_and_tried_again(tmp_path: Path, answer: int) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        board = nodes.node(
            "send()\nserve(2_000)\nprint(lora.ok)\nserve(6_000)\nprint(lora.ok)\nsend()\nserve(2_000)\n"
        )
        nodes.chips["board"].silent = answer
        board.power_on()
        nodes.world.run_for(3)
        nodes.chips["board"].silent = None
        nodes.world.run_for(10)
        said = [line for line in nodes.printed() if not line.startswith("ended")]
        assert said == ["ok False", "False", "True"]
        assert [status for status, _ in nodes.ended()] == [REFUSED, SENT]
        assert len(gateway.got) == 1


def test_a_chip_that_stays_busy_is_reset(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        board = nodes.node("serve(1_000)\nsend()\nserve(3_000)\nprint(lora.ok)\n")
        board.power_on()
        nodes.world.run_for(1.0)
        nodes.chips["board"].stick_busy()
        nodes.world.run_for(5)
        assert [status for status, _ in nodes.ended()] == [SENT]
        assert nodes.printed()[-1] == "True"
        assert len(gateway.got) == 1


def test_a_chip_that_had_too_little_power_listens_again_within_a_minute(tmp_path: Path) -> None:
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        board = nodes.node("lora.listen(True)\nserve(90_000)\n")
        board.power_on()
        nodes.world.run_for(5)
        nodes.chips["board"].brown_out()
        gateway.say(after_s=61)
        nodes.world.run_for(90)
        assert [line[: len(HEARD)] for line in nodes.printed()] == ["ok True", HEARD]
        assert nodes.chips["board"].faults == []


def test_the_chip_sleeps_while_the_board_does_and_works_after_it(tmp_path: Path) -> None:
    script = (
        "if machine.reset_cause() != machine.DEEPSLEEP_RESET:\n"
        "    lora.sleep()\n"
        "    machine.deepsleep(20_000)\n"
        "send()\nserve(1_000)\n"
    )
    with LoraNodes(tmp_path) as nodes:
        gateway = Gateway(nodes)
        board = nodes.node(script)
        board.power_on()
        nodes.world.run_for(19)
        assert nodes.chips["board"].state == "sleep_cold", "the select line has kept its level"
        assert nodes.chips["board"].us_in["sleep_cold"] > 18_000_000
        nodes.world.run_for(5)
        assert [status for status, _ in nodes.ended()] == [SENT]
        assert len(gateway.got) == 1


def test_the_same_on_32_bits(tmp_path: Path) -> None:
    with LoraNodes(tmp_path, micropython_argv=micropython.command("i386")) as nodes:
        gateway = Gateway(nodes)
        gateway.on_packet = lambda: gateway.say(after_s=0.3)
        said = nodes.run("send()\nserve(4_000)\n", 6)
        assert [line.split()[0] for line in said] == ["ok", "ended", "heard"]
        assert nodes.chips["board"].faults == []
