"""The radio head on the chip's own USB: the traps of the C3's Serial/JTAG and of the S3's TinyUSB."""

from pathlib import Path

import pytest

from firmware.tests.wired import Wired
from protocol.advert import to_advert
from protocol.causes import WATCHDOG
from protocol.link_messages import (
    Health,
    Hello,
    HelloRequest,
    Identity,
    Ping,
    Pong,
    Received,
)
from protocol.serial_link import to_wire
from tools import micropython

C3, S3 = "esp32c3_devkit", "lilygo_t3s3"
BOTH = pytest.mark.parametrize("board", [C3, S3])


def frame(number: int, length: int = 15) -> bytes:
    return bytes([number]) * length


def pings(wired: Wired, *tokens: int) -> list[int]:
    """Ping, and return all that was answered so far."""
    wired.say(*(Ping(token) for token in tokens))
    wired.world.run_for(0.3)
    return [pong.token for pong in wired.said(Pong)]


@BOTH
@pytest.mark.parametrize("arch", ["x86_64", "i386"])
def test_frames_pass_both_ways(tmp_path: Path, board: str, arch: str) -> None:
    argv = micropython.command(arch) if arch == "i386" else None
    with Wired(tmp_path, board=board, micropython_argv=argv) as wired:
        assert wired.device.usb.used
        assert len(wired.said(Hello)) == 1
        assert wired.said(Identity)[0].board.rstrip(b"\0") == board.encode()
        wired.advertiser("button", bytes(to_advert(frame(9, 23))))
        wired.world.run_for(1)
        assert wired.said(Received)[0].frame == frame(9, 23)
        wired.transmit(1, 1, frame(4))
        wired.world.run_for(1)
        assert bytes(to_advert(frame(4))) in [data for _, data in wired.on_air]
        assert wired.link.errors == {}
        assert wired.log.read_text() == ""


def test_a_control_c_on_the_line_is_data(tmp_path: Path) -> None:
    with Wired(tmp_path, board=C3) as wired:
        assert pings(wired, 0x03030303) == [0x03030303]


@BOTH
def test_more_than_the_ring_of_the_console_holds_is_not_lost(tmp_path: Path, board: str) -> None:
    """A gateway that writes 60 messages at once: the host is held back, nothing is dropped."""
    with Wired(tmp_path, board=board) as wired:
        assert len(b"".join(to_wire(Ping(n)) for n in range(60))) > 2 * 260
        assert pings(wired, *range(60)) == list(range(60))


def test_no_write_stays_with_the_host(tmp_path: Path) -> None:
    """The C3's host hands up nothing while packets are full: every message must come at once.

    The longest message has 37 bytes, so no write of ours is 64 long by itself; what a write cut short makes
    longer could be. Each answer is seen before the next question.
    """
    with Wired(tmp_path, board=C3) as wired:
        for token in range(40):
            assert pings(wired, token)[-1] == token
        assert wired.device.usb.stalls_us == 0


@BOTH
def test_unplugged_and_plugged_again(tmp_path: Path, board: str) -> None:
    with Wired(tmp_path, board=board) as wired:
        wired.advertiser("button", bytes(to_advert(frame(9))))
        wired.world.run_for(3)
        wired.device.usb.unplug()
        before = len(wired.messages)
        wired.world.run_for(60)
        assert len(wired.messages) == before
        assert wired.device.usb.stalls_us <= 500_000, "it does not wait for nobody"
        assert wired.device.boots == 1
        wired.device.usb.plug()
        replugged_us = wired.world.clock.now_us
        wired.link.errors.clear()
        wired.device.uart_feed(b"\x00")
        wired.say(HelloRequest(), Ping(7))
        wired.world.run_for(1)
        assert wired.said(Hello)[-1].boot == wired.said(Hello)[0].boot
        assert [pong.token for pong in wired.said(Pong)] == [7]
        assert sum(wired.link.errors.values()) <= 1, "at most what was under way"
        late = [one for one in wired.messages[before:] if isinstance(one, Received)]
        assert late, "it goes on hearing"
        now_ms = wired.said(Received)[-1].ms
        passed_ms = (wired.world.clock.now_us - replugged_us) / 1000
        old = [one for one in late if one.ms < now_ms - passed_ms - 2_500]
        assert len(old) <= 9, "nothing but what the chip's buffer kept"


@pytest.mark.slow
def test_a_host_that_does_not_read_is_given_up_and_restarts_the_head(tmp_path: Path) -> None:
    """The S3 waits once; what waits is bounded, the rest counted; after 90 s the watchdog bites."""
    with Wired(tmp_path, board=S3) as wired:
        wired.advertiser("button", bytes(to_advert(frame(9))))
        wired.world.run_for(1)
        wired.device.usb.hold()
        wired.world.run_for(40)
        assert wired.device.usb.stalls_us <= 500_000
        assert wired.device.boots == 1
        wired.device.usb.release()
        wired.world.run_for(25)
        assert wired.said(Health)[-1].lost > 0
        assert wired.device.boots == 1
        wired.device.usb.hold()
        wired.world.run_for(150)
        assert wired.device.boots == 2
        wired.device.usb.release()
        wired.say(HelloRequest())
        wired.world.run_for(1)
        assert wired.said(Identity)[-1].cause == WATCHDOG
        assert wired.said(Identity)[-1].unique == wired.said(Identity)[0].unique


def test_what_others_print_costs_nothing_but_itself(tmp_path: Path) -> None:
    """The console is shared: a traceback, or the greeting of the boot loader, comes between messages."""
    with Wired(tmp_path, board=C3) as wired:
        wired.link.feed(b"ESP-ROM:esp32c3-api1-20210207\r\nrst:0x1 (POWERON)\r\n")
        assert pings(wired, 1, 2) in ([1, 2], [2])
        assert pings(wired, 3)[-1] == 3
        assert sum(wired.link.errors.values()) <= 1


def test_the_console_paces_the_line_and_nothing_is_cut(tmp_path: Path) -> None:
    """UART 0 carries the console too, at 115,200 baud: a crowded air is thinned out, not garbled."""
    with Wired(tmp_path, board=S3) as wired:
        for number in range(12):
            wired.advertiser(f"button {number}", bytes(to_advert(frame(number))), 20_000)
        wired.world.run_for(2)
        assert pings(wired, 5) == [5]
        assert {one.frame[0] for one in wired.said(Received)} == set(range(12))
        assert wired.link.errors == {}
