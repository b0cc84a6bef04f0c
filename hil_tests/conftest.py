"""Which bench the scenarios run on. Without a word they run on the virtual one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hil_tests.bench.virtual import Layout, VirtualBench


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--bench", default="virtual", choices=["virtual"], help="what the scenarios run on"
    )


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VirtualBench]:
    """A site that has just started; a parameter is its layout."""
    assert request.config.getoption("--bench") == "virtual"
    layout: Layout = getattr(request, "param", Layout())
    virtual = VirtualBench(tmp_path, layout)
    yield virtual
    virtual.close()
