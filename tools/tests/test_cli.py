"""The command line: quick to ask for help, and a thin skin over the demo."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tools import cli
from tools.demonstration import cli as demonstration


def test_help_loads_no_tool() -> None:
    loads = "import sys, tools.cli; print(*[m for m in sys.modules if m.startswith('tools.')])"
    loaded = subprocess.check_output([sys.executable, "-c", loads], text=True).split()
    skins = {"tools.cli", "tools.provision", "tools.provision.options"}
    assert {name for name in loaded if not name.endswith("_cli")} == skins


@pytest.mark.parametrize("status", [0, 1])
def test_the_demo_is_given_what_was_asked(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}

    def play(**options: object) -> int:
        given.update(options)
        return status

    monkeypatch.setattr(demonstration, "demo", play)
    argv = ["demo", "--headless", "--json", "out.json", "--seed", "7", "--lang", "fr"]
    assert CliRunner().invoke(cli.app, argv).exit_code == status
    assert given == {"headless": True, "json_path": Path("out.json"), "seed": 7, "lang": "fr"}
