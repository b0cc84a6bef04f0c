"""Which bench the scenarios run on. Without a word they run on the virtual one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hil_tests.bench.virtual import VirtualBench
from tools.demonstration.boards import HEARTBEAT_S


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bench", default="virtual", choices=["virtual"], help="what the scenarios run on"
    )


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VirtualBench]:
    """A site that has just started; a parameter is the seconds between heartbeats."""
    assert request.config.getoption("--bench") == "virtual"
    heartbeat_s: int = getattr(request, "param", HEARTBEAT_S)
    virtual = VirtualBench(tmp_path, heartbeat_s)
    yield virtual
    virtual.close()
