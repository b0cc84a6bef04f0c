"""The virtual adapter's chip answers and tells as the Core specification says."""

from random import Random

import pytest

from tools.virtual.ble_air import ADV_IND, ADV_SCAN_IND, BleAir, Report
from tools.virtual.clock import Clock
from tools.virtual.guest import hci
from tools.virtual.guest.adapter import whole_packets
from tools.virtual.guest.hci import Controller

ADDRESS = bytes.fromhex("c0ffee000001")
SENDER = bytes.fromhex("4a0102030405")
PUBLIC, RANDOM = 0, 1
SCAN_ALL = (hci.LE_SET_SCAN_ENABLE, b"\x01\x00")
SCAN_NEW = (hci.LE_SET_SCAN_ENABLE, b"\x01\x01")
PASSIVE = (hci.LE_SET_SCAN_PARAMETERS, bytes([0, 0x60, 0, 0x30, 0, 1, 0]))
ACTIVE = (hci.LE_SET_SCAN_PARAMETERS, bytes([1, 0x12, 0, 0x12, 0, 1, 0]))


class Chip:
    """A controller, what it says, and another radio on the same air."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.clock = Clock()
        self.air = BleAir(self.clock, Random(1), loss=0.0)
        radio = self.air.radio("hci0", lambda _report: None)
        self.controller = Controller(ADDRESS, radio, self.events.append)
        radio.on_report = self.controller.hear
        self.heard: list[Report] = []
        self.other = self.air.radio("other", self.heard.append)
        self.other.scan(10_000, 10_000)

    def ask(self, opcode: int, parameters: bytes = b"") -> bytes | None:
        """Give a command; return what its completion returned."""
        self.events.clear()
        length = bytes([len(parameters)])
        self.controller.take(b"\x01" + opcode.to_bytes(2, "little") + length + parameters)
        for event in self.events:
            if event[1] == 0x0E and int.from_bytes(event[4:6], "little") == opcode:
                assert len(event) == 3 + event[2]
                return event[6:]
        return None

    def hear(self, kind: int = ADV_SCAN_IND, data: bytes = b"\x02\x01\x06") -> list[bytes]:
        """Let an advert reach it; return the reports."""
        self.events.clear()
        self.controller.hear(Report(RANDOM, SENDER, kind, -70, data))
        return list(self.events)

    def pass_ms(self, milliseconds: int) -> None:
        until_us = self.clock.now_us + milliseconds * 1000
        while self.clock.step(until_us):
            pass


@pytest.fixture
def chip() -> Chip:
    return Chip()


def test_it_has_le_alone(chip: Chip) -> None:
    features = chip.ask(hci.READ_FEATURES)
    assert features is not None
    assert features[0] == 0
    assert features[1 + 4] & 0x60 == 0x60


def test_the_address_is_told_backwards(chip: Chip) -> None:
    assert chip.ask(hci.READ_ADDRESS) == b"\x00" + ADDRESS[::-1]


def test_what_it_does_not_know_it_says(chip: Chip) -> None:
    assert chip.ask(0x2041) is None
    assert chip.events == [bytes([0x04, 0x0F, 4, 0x01, 1, 0x41, 0x20])]


def test_each_command_it_claims_is_answered(chip: Chip) -> None:
    claimed = chip.ask(hci.READ_COMMANDS)
    assert claimed is not None
    le_from_event_mask_to_accept_list = int.from_bytes(claimed[1 + 25 : 1 + 28], "little")
    for bit in range(18):
        if le_from_event_mask_to_accept_list >> bit & 1:
            opcode = 0x2001 + bit  # they stand in that order
            assert chip.ask(opcode, bytes(32)) is not None, hex(opcode)


def test_a_report_is_laid_out_as_linux_reads_it(chip: Chip) -> None:
    chip.ask(*SCAN_ALL)
    [event] = chip.hear()
    assert event == bytes([0x04, 0x3E, 15, 0x02, 1, ADV_SCAN_IND, RANDOM]) + SENDER[::-1] + bytes(
        [3, 2, 1, 6, 256 - 70]
    )


def test_an_active_scanner_is_answered_with_nothing(chip: Chip) -> None:
    chip.ask(*ACTIVE)
    chip.ask(*SCAN_ALL)
    _, response = chip.hear()
    assert response[5] == 0x04
    assert response[13] == 0


def test_who_is_not_scannable_is_not_asked(chip: Chip) -> None:
    chip.ask(*ACTIVE)
    chip.ask(*SCAN_ALL)
    assert len(chip.hear(kind=3)) == 1


def test_with_the_filter_an_address_is_told_of_once(chip: Chip) -> None:
    chip.ask(*SCAN_NEW)
    assert len(chip.hear(data=b"\x02\x01\x06")) == 1
    assert chip.hear(data=b"\x02\x01\x04") == []
    chip.ask(*SCAN_NEW)
    assert len(chip.hear()) == 1


def test_it_scans_as_it_was_told(chip: Chip) -> None:
    chip.ask(*PASSIVE)
    chip.ask(*SCAN_ALL)
    chip.other.advertise(20_000, Report(RANDOM, SENDER, ADV_IND, 0, b"\x02\x01\x06"))
    chip.pass_ms(6_000)
    heard = sum(event[1] == 0x3E for event in chip.events)
    assert 60 <= heard <= 160  # 240 events, a channel of three, half of the time


def test_it_advertises_what_it_was_told_by_its_random_address(chip: Chip) -> None:
    chip.ask(hci.LE_SET_RANDOM_ADDRESS, SENDER[::-1])
    chip.ask(hci.LE_SET_ADV_PARAMETERS, bytes([0xA0, 0, 0xA0, 0, 2, RANDOM, 0]) + bytes(8))
    chip.ask(hci.LE_SET_ADV_DATA, bytes([3, 2, 1, 6]) + bytes(28))
    chip.ask(hci.LE_SET_ADV_ENABLE, b"\x01")
    chip.pass_ms(1_050)
    [advert] = {(r.address_type, r.address, r.adv_type, r.data) for r in chip.heard}
    assert advert == (RANDOM, SENDER, 2, b"\x02\x01\x06")
    assert 9 <= len(chip.heard) <= 11  # 100 ms and up to 10 more
    chip.ask(hci.LE_SET_ADV_ENABLE, b"\x00")
    chip.heard.clear()
    chip.pass_ms(1_000)
    assert chip.heard == []


def test_before_bluetooth_5_what_cannot_be_connected_to_is_slow(chip: Chip) -> None:
    quick = bytes([0x20, 0, 0x30, 0])
    assert chip.ask(hci.LE_SET_ADV_PARAMETERS, quick + bytes([3, 0, 0]) + bytes(8)) == b"\x12"
    assert chip.ask(hci.LE_SET_ADV_PARAMETERS, quick + bytes([0, 0, 0]) + bytes(8)) == b"\x00"


def test_its_address_stands_while_it_is_used(chip: Chip) -> None:
    chip.ask(*SCAN_ALL)
    assert chip.ask(hci.LE_SET_RANDOM_ADDRESS, SENDER) == b"\x0c"


def test_one_that_hangs_says_nothing(chip: Chip) -> None:
    chip.ask(*SCAN_ALL)
    chip.controller.hung = True
    assert chip.ask(hci.RESET) is None
    assert chip.hear() == []
    assert chip.controller.asked[-1] == hci.RESET


def test_one_that_is_deaf_answers_still(chip: Chip) -> None:
    chip.ask(*SCAN_ALL)
    chip.controller.deaf = True
    assert chip.hear() == []
    assert chip.ask(hci.READ_ADDRESS) is not None


def test_some_hang_until_they_are_reset(chip: Chip) -> None:
    chip.controller.hung = chip.controller.mends = True
    assert chip.ask(hci.READ_ADDRESS) is None
    assert chip.ask(hci.RESET) == b"\x00"
    assert chip.ask(hci.READ_ADDRESS) is not None


def test_some_are_deaf_until_they_scan_anew(chip: Chip) -> None:
    chip.ask(*SCAN_ALL)
    chip.controller.deaf = chip.controller.mends = True
    assert chip.hear() == []
    chip.ask(hci.LE_SET_SCAN_ENABLE, b"\x00\x00")
    chip.ask(*SCAN_ALL)
    assert len(chip.hear()) == 1


def test_a_command_can_be_lost(chip: Chip) -> None:
    chip.controller.ignored = frozenset({hci.LE_SET_SCAN_ENABLE})
    assert chip.ask(*SCAN_ALL) is None
    assert chip.ask(hci.READ_ADDRESS) is not None


def test_after_a_reset_it_neither_scans_nor_advertises(chip: Chip) -> None:
    chip.ask(*SCAN_ALL)
    chip.ask(hci.LE_SET_ADV_ENABLE, b"\x01")
    chip.ask(hci.RESET)
    chip.other.advertise(20_000, Report(RANDOM, SENDER, ADV_IND, 0, b"\x02\x01\x06"))
    chip.events.clear()
    chip.pass_ms(1_000)
    assert chip.events == []
    assert chip.heard == []


def test_packets_are_cut_where_they_end() -> None:
    reset, data = b"\x01\x03\x0c\x00", b"\x02\x01\x00\x02\x00ab"
    assert list(whole_packets(reset + data + reset[:3])) == [reset, data]
