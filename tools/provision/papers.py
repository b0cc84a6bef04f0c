"""What the commands for plan and paper do: read the plan, say what is wrong, or write the file."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tools.provision.paper import cards as cards_of
from tools.provision.paper import labels as labels_of
from tools.provision.paper.sheets import SHEETS
from tools.provision.plan import Plan, PlanRefused, read
from tools.provision.words import say


def check(file: Path) -> int:
    """Say what is wrong with a plan, or how many devices it has; return 0, or 1."""

    def count(plan: Plan) -> str:
        return say("plan.good", file=file, count=len(plan.devices))

    return _with_plan(file, count)


def labels(file: Path, out: Path, sheet: str, first: int, language: str) -> int:
    """Write the labels of a plan; return 0, or 1."""

    def write(plan: Plan) -> str:
        stock = labels_of.Stock(SHEETS[sheet], first, language)
        pages = labels_of.write(out, plan.devices, stock, datetime.now(UTC))
        return say("paper.labels", path=out, count=len(plan.devices), pages=pages)

    return _with_plan(file, write)


def cards(file: Path, out: Path) -> int:
    """Write the cards of a plan; return 0, or 1."""

    def write(plan: Plan) -> str:
        count = cards_of.write(out, plan.site, plan.devices, datetime.now(UTC))
        return say("paper.cards", path=out, count=count) if count else say("paper.no_button")

    return _with_plan(file, write)


def _with_plan(file: Path, work: Callable[[Plan], str]) -> int:
    try:
        print(work(read(file)))
    except PlanRefused as refused:
        for problem in refused.problems:
            print(problem, file=sys.stderr)
        print(say("plan.problems", file=file, count=len(refused.problems)), file=sys.stderr)
        return 1
    except OSError as error:
        print(say("keys.unwritable", path=error.filename, why=error.strerror), file=sys.stderr)
        return 1
    return 0
