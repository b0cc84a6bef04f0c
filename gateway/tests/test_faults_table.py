"""The table of faults in the README: none of the gateway's is missing, and each names tests that exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import gateway
from gateway.response.local_means import NOT_AVAILABLE
from gateway.response.plan_watch import NOBODY_TOLD
from gateway.watching.wellbeing import PATIENCE

PACKAGE = Path(gateway.__file__).parent
NAMED_OTHERWISE = {NOT_AVAILABLE, NOBODY_TOLD[1], "damaged", "behind"}


def rows() -> list[list[str]]:
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"(?m)^\| fault \| caused by \| test \|\n\|---.*\n((?:\|.*\n)+)", text)
    return [line.strip("|").split(" | ") for line in table.splitlines()]


def told() -> Iterator[str]:
    """Yield the code of each fault that is written as such in the source."""
    for path in PACKAGE.rglob("*.py"):
        source = "" if "tests" in path.parts else path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if "Fault(" in source else ():
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Fault":
                continue
            code = node.args[1] if len(node.args) > 1 else None
            if isinstance(code, ast.Constant):
                yield str(code.value)


def test_every_fault_of_the_gateway_has_a_line() -> None:
    codes = {*told(), *PATIENCE, *NAMED_OTHERWISE}
    listed = {code for row in rows() for code in re.findall(r"`(\w+)`", row[0])}
    assert {"link_down", "cannot_listen", "write_failed", "deaf"} <= codes
    assert codes - listed == set()


def test_every_line_names_tests_that_exist() -> None:
    for row in rows():
        named = re.findall(r"`([\w/]+)`", row[2])
        assert named, row
        for name in named:
            folder = PACKAGE.parent if "/" in name else PACKAGE / "tests"
            assert (folder / f"{name}.py").exists() or (folder / name).is_dir(), name
