"""The checks: what each run consists of, and that one failure hides no other."""

import sys

import pytest

from tools import check

PASSES = check.Step("passes", [sys.executable, "-c", ""])
FAILS = check.Step("fails", [sys.executable, "-c", "raise SystemExit(3)"])


def for_pytest(*arguments: str) -> list[str]:
    """Return what pytest is given."""
    argv = list(check.tests(arguments).argv)
    rest = argv[argv.index("pytest") + 1 :]
    workers = list(check.ON_EVERY_CORE)
    assert rest[: len(workers)] == workers  # first, so that a person's own `-n` wins
    return rest[len(workers) :]


def test_quick_leaves_out_the_slow_tests_and_shows_few_examples() -> None:
    assert for_pytest("--quick", "gateway", "-x") == [*check.QUICK, "gateway", "-x"]
    assert check.QUICK[:3] == ("-m", "not slow", "--hypothesis-profile=quick")
    assert for_pytest("gateway", "-x") == ["gateway", "-x"]


def test_the_board_is_typed_against_its_own_modules() -> None:
    step = check.types_on_the_board()
    assert str(check.BOARD_STUBS) in step.env["MYPYPATH"]
    assert (check.BOARD_STUBS / "machine.pyi").exists()
    assert (check.BOARD_STUBS / "_mpy_shed").is_dir()


def test_what_is_compiled_for_the_tests_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    asks = "import sys; raise SystemExit(sys.dont_write_bytecode)"
    assert check.run(check.Step("asks", [sys.executable, "-c", asks], check.KEPT)).passed
    assert check.tests([]).env == check.KEPT


@pytest.mark.parametrize(
    ("aside", "tests", "status", "closing"),
    [
        ([PASSES, PASSES], PASSES, 0, "check: everything passed"),
        ([FAILS, PASSES], PASSES, 1, "check: failed: fails"),
        ([PASSES], FAILS, 1, "check: failed: fails"),
        ([FAILS, PASSES], FAILS, 1, "check: failed: fails, fails"),
    ],
)
def test_every_step_runs_and_any_failure_counts(
    aside: list[check.Step],
    tests: check.Step,
    status: int,
    closing: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(check, "beside_each_other", lambda: aside)
    monkeypatch.setattr(check, "tests", lambda _arguments: tests)
    assert check.main([]) == status
    said = capfd.readouterr().out
    assert said.count("== ") == len(aside) + 1
    assert said.splitlines()[-1] == closing


def test_what_steps_beside_each_other_say_comes_in_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slow = check.Step("slow", [sys.executable, "-c", "import time; time.sleep(0.3); print('one')"])
    wrong = check.Step("wrong", [sys.executable, "-c", "raise SystemExit('two')"])
    outcomes = list(check.run_beside_each_other([slow, wrong]))
    assert [(outcome.name, outcome.passed) for outcome in outcomes] == [
        ("slow", True),
        ("wrong", False),
    ]
    said = [line for line in capsys.readouterr().out.splitlines() if line in ("one", "two")]
    assert said == ["one", "two"]
