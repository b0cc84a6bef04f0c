"""The radio head on a second serial port of the S3's USB, which the firmware itself describes."""

from pathlib import Path

import pytest

from firmware.tests.wired import Wired
from protocol.advert import to_advert
from protocol.link_messages import Hello, HelloRequest, Identity, Ping, Pong, Received
from tools import micropython
from tools.virtual.tests.scripted import REFUSED, Scripted
from tools.virtual.usb_host import Descriptors

# What `firmware.start` does, for a board whose map says "cdc".
MAIN = """
from firmware import life, radio_head
from firmware.boards.pins import HeadPins
from firmware.core import settings
from firmware.hal import storage

class Board:
    RADIO_HEAD = HeadPins(link="cdc", advertise_us=20_000)

life.begin()
radio_head.run(settings.load(storage.read), Board.RADIO_HEAD)
"""


def frame(number: int, length: int = 15) -> bytes:
    return bytes([number]) * length


def wired(tmp_path: Path, arch: str | None = None) -> Wired:
    main = tmp_path / "cdc.py"
    main.write_text(MAIN)
    argv = None if arch is None else micropython.command(arch)
    return Wired(tmp_path, board="esp32s3_devkit", main=main, micropython_argv=argv)


def pings(head: Wired, *tokens: int) -> list[int]:
    head.say(*(Ping(token) for token in tokens))
    head.world.run_for(0.5)
    return [pong.token for pong in head.said(Pong)]


@pytest.mark.parametrize("arch", [None, "i386"])
def test_frames_pass_both_ways(tmp_path: Path, arch: str | None) -> None:
    with wired(tmp_path, arch) as head:
        host = head.device.usb_host
        assert host.used
        assert host.faults == []
        assert "Tocsin radio head" in host.strings.values()
        head.say(HelloRequest())
        head.world.run_for(0.2)
        assert len(head.said(Hello)) >= 1
        assert head.said(Identity)[-1].board.rstrip(b"\0") == b"esp32s3_devkit"
        head.advertiser("button", bytes(to_advert(frame(9, 23))))
        head.world.run_for(1)
        assert head.said(Received)[0].frame == frame(9, 23)
        head.transmit(1, 1, frame(4))
        head.world.run_for(1)
        assert bytes(to_advert(frame(4))) in [data for _, data in head.on_air]
        assert host.faults == []
        assert head.link.errors == {}
        assert head.log.read_text() == ""


def test_much_at_once_is_held_back_not_lost(tmp_path: Path) -> None:
    with wired(tmp_path) as head:
        assert pings(head, *range(60)) == list(range(60))
        assert pings(head, *range(60)) == list(range(60)) * 2


def test_no_transfer_has_the_length_of_a_packet(tmp_path: Path) -> None:
    """A crowded air fills the buffer again and again; a transfer of 64 bytes would stay with the host."""
    with wired(tmp_path) as head:
        for number in range(12):
            head.advertiser(f"button {number}", bytes(to_advert(frame(number))), 20_000)
        head.world.run_for(2)
        assert {one.frame[0] for one in head.said(Received)} == set(range(12))
        assert pings(head, 5) == [5]
        assert head.link.errors == {}


@pytest.mark.slow
def test_unplugged_and_plugged_again(tmp_path: Path) -> None:
    """A board with power of its own starts again once, because its line stands, and then waits."""
    with wired(tmp_path) as head:
        head.advertiser("button", bytes(to_advert(frame(9))))
        head.world.run_for(2)
        head.device.usb_host.unplug()
        before = len(head.messages)
        head.world.run_for(300)
        assert len(head.messages) == before
        assert head.device.boots == 2
        head.link.feed(b"\0")
        head.link.errors.clear()
        head.device.usb_host.plug()
        plugged_us = head.world.clock.now_us
        head.world.run_for(0.5)
        assert pings(head, 7) == [7]
        assert head.link.errors == {}
        heard = [one.ms for one in head.messages[before:] if isinstance(one, Received)]
        alive_ms = (head.world.clock.now_us - plugged_us) / 1000
        assert heard[-1] - heard[0] <= alive_ms, "nothing old comes after it"


@pytest.mark.slow
def test_pulled_for_a_moment_it_does_not_start_again(tmp_path: Path) -> None:
    with wired(tmp_path) as head:
        head.advertiser("button", bytes(to_advert(frame(9))))
        head.world.run_for(2)
        head.device.usb_host.unplug()
        head.world.run_for(40)
        head.device.usb_host.plug()
        head.world.run_for(0.5)
        assert pings(head, 7) == [7]
        head.world.run_for(100)
        assert head.device.boots == 1


def test_a_closed_port_costs_nothing_and_a_new_program_starts_clean(tmp_path: Path) -> None:
    with wired(tmp_path) as head:
        head.advertiser("button", bytes(to_advert(frame(9))))
        head.world.run_for(2)
        head.device.usb_host.close_port()
        head.world.run_for(1)
        before = len(head.messages)
        head.world.run_for(100)
        assert len(head.messages) == before
        assert head.device.boots == 1, "nobody there is no reason to start again"
        head.device.usb_host.open_port()
        head.world.run_for(0.2)
        assert pings(head, 8)[-1] == 8
        assert head.link.errors == {}


def test_the_console_stays_the_first_port(tmp_path: Path) -> None:
    with wired(tmp_path) as head:
        assert not head.device.usb.used
        configuration = bytes(head.device.usb_host.configuration)
        found = Descriptors(configuration)
        assert [first for first, _, _ in found.functions] == [0, 2]
        assert found.ports == {0: (2, 0x82), 2: (4, 0x84)}


def test_the_host_finds_wrong_descriptors(tmp_path: Path) -> None:
    """Else its silence about ours would prove nothing."""
    with wired(tmp_path) as head:
        good = bytes(head.device.usb_host.configuration)
    assert Descriptors(good).faults == []
    for at, value, fault in (
        (2, 0, "wTotalLength"),
        (4, 3, "bNumInterfaces"),
        (len(good) - 5, 0x82, "endpoint 82 twice"),
        (len(good) - 3, 32, "wMaxPacketSize"),
        (len(good) - 7, 8, "a descriptor past the end"),
    ):
        spoilt = bytearray(good)
        spoilt[at] = value
        assert fault in Descriptors(bytes(spoilt)).faults


def test_a_c3_has_no_usb_device(tmp_path: Path) -> None:
    script = REFUSED + "\nimport machine\nrefused(AttributeError, lambda: machine.USBDevice())\n"
    with Scripted(tmp_path) as scripted:
        assert scripted.run(script) == ["AttributeError USBDevice"]
