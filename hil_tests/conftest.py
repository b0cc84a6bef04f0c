"""Which bench the scenarios run on. Without a word they run on the virtual one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hil_tests.bench.virtual import VirtualBench


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bench", default="virtual", choices=["virtual"], help="what the scenarios run on"
    )


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VirtualBench]:
    """A site that has just started."""
    assert request.config.getoption("--bench") == "virtual"
    virtual = VirtualBench(tmp_path)
    yield virtual
    virtual.close()
