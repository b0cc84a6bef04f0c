"""The bench meets its bars only with good figures, and counts a board as good only if it is."""

from pathlib import Path

import pytest

from tools.bench import provision
from tools.bench.provision import good, met, unplugged
from tools.bench.provision_rig import Bench

FINE = {
    "own_seconds_per_board": 9.9,
    "batch4_vs_one": 1.3,
    "unplug_trials": 100,
    "unplug_recovered": 100,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [("own_seconds_per_board", 10.1), ("batch4_vs_one", 1.31), ("unplug_recovered", 99)],
)
def test_one_bad_figure_is_enough(name: str, value: float) -> None:
    assert met(FINE)
    assert not met({**FINE, name: value})


def test_a_board_that_nothing_was_done_to_is_not_good(tmp_path: Path) -> None:
    with Bench(tmp_path, 1) as rig:
        assert not good(rig)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:set(Daemon|Name).. is deprecated:DeprecationWarning")
def test_boards_that_were_unplugged_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unplugged(tmp_path / "again", 1) == (1, 1)
    monkeypatch.setattr(provision, "_RETRIES", 0)  # nobody runs the command again
    assert unplugged(tmp_path / "never", 1) == (1, 0)
