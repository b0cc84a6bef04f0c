"""The checks: what each run consists of, and that one failure hides no other."""

import sys

import pytest

from tools import check

PASSES = check.Step("passes", [sys.executable, "-c", ""])
FAILS = check.Step("fails", [sys.executable, "-c", "raise SystemExit(3)"])


def for_pytest(*arguments: str) -> list[str]:
    """Return what pytest is given."""
    argv = list(check.steps(arguments)[-1].argv)
    rest = argv[argv.index("pytest") + 1 :]
    workers = list(check.ON_EVERY_CORE)
    assert rest[: len(workers)] == workers  # first, so that a person's own `-n` wins
    return rest[len(workers) :]


def test_quick_leaves_out_the_slow_tests() -> None:
    assert for_pytest("--quick", "gateway", "-x") == ["-m", "not slow", "gateway", "-x"]
    assert for_pytest("gateway", "-x") == ["gateway", "-x"]


def test_the_board_is_typed_against_its_own_modules() -> None:
    step = check.types_on_the_board()
    assert str(check.BOARD_STUBS) in step.env["MYPYPATH"]
    assert (check.BOARD_STUBS / "machine.pyi").exists()
    assert (check.BOARD_STUBS / "_mpy_shed").is_dir()


@pytest.mark.parametrize(
    ("steps", "status", "closing"),
    [
        ([PASSES, PASSES], 0, "check: everything passed"),
        ([FAILS, PASSES, FAILS], 1, "check: failed: fails, fails"),
    ],
)
def test_every_step_runs_and_any_failure_counts(
    steps: list[check.Step],
    status: int,
    closing: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(check, "steps", lambda _arguments: steps)
    assert check.main([]) == status
    said = capfd.readouterr().out
    assert said.count("== ") == len(steps)
    assert said.splitlines()[-1] == closing
