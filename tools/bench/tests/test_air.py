"""A small crowd and a few power cuts; `tocsin bench air` takes some minutes for all of them."""

from pathlib import Path

import pytest

from protocol.bulk import hint_blocks
from protocol.constants import FRAME_MIN, UP
from protocol.keys import Keys
from protocol.protect import Uplink
from tools.bench.air import BARS_S, Crowd, Cuts, _figures, _holds, crowd, cuts
from tools.bench.many_boxes import Call
from tools.bench.power_cuts import Seen
from tools.firmware_build import build

KEY = bytes(range(16))


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trees")
    list(build(folder, ["x64"], ["panic_button", "call_box"]))
    return folder


@pytest.mark.slow
def test_a_few_boxes_pressed_at_once_are_all_stored_and_shown(trees: Path) -> None:
    found = crowd(7, 1, 4, trees)
    assert found.stored == 4
    assert found.refused == 0
    assert found.slowest("on_air") <= found.slowest("stored") <= found.slowest("shown") < 20.0


@pytest.mark.slow
def test_a_few_power_cuts_reuse_no_counter(trees: Path) -> None:
    found = cuts(30, 3, trees)
    assert found.cuts == 30
    assert found.frames > 20
    assert found.reused == found.unknown == 0


def frame(counter: int, body: bytes) -> bytes:
    out = bytearray(FRAME_MIN)
    Uplink(Keys(KEY)).protect(counter, body, out)
    return bytes(out)


def test_a_counter_of_two_byte_strings_is_seen() -> None:
    blocks = hint_blocks(Keys(KEY).up_hint, UP, 0, 32)
    seen = Seen({blocks[16 * i : 16 * i + 4]: i for i in range(32)})
    for counter, body in ((3, b"\x10\x00\x64"), (3, b"\x10\x00\x64"), (4, b"\x10\x00\x64")):
        seen.note(frame(counter, body))
    assert not seen.reused
    seen.note(frame(3, b"\x10\x00\x65"))
    assert seen.reused == {3}
    seen.note(frame(99, b"\x10\x00\x64"))
    assert seen.unknown == 1


def figures_of(*, stored: float | None = 10.0, on_air: float = 0.2, reused: int = 0) -> bool:
    calls = [Call(on_air, stored, stored)]
    crowds = [Crowd(sf, 1, calls, 2, 1) for sf in BARS_S]
    return _holds(_figures(1, crowds, [Cuts(10, 20, reused, 0)]))


def test_the_bars_are_missed_by_what_is_late_lost_refused_or_reused() -> None:
    assert figures_of()
    assert not figures_of(stored=20.1)
    assert not figures_of(stored=None)
    assert not figures_of(on_air=8.1)
    assert not figures_of(reused=1)
