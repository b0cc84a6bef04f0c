"""The operator's key: made once, kept to oneself, and what it signs is what a gateway obeys."""

import base64
import json
import stat
import time
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.upstream.signed_command import Operator, Operators
from tools.cli import app

EVENT = f"{'ab' * 16}.3"


def tocsin(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["operator", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_new_key_prints_what_enrols_it_and_signs_what_that_operator_may(tmp_path: Path) -> None:
    file = tmp_path / "desk.key"
    code, printed = tocsin("new", file, "--name", "guard")
    assert code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (table,) = tomllib.loads(printed)["operator"]
    assert json.loads(file.read_text())["d"] not in printed
    key = base64.urlsafe_b64decode(table["key"] + "==")
    operators = Operators("clinic", [Operator(table["name"], key)])

    code, order = tocsin("sign", "close", EVENT, "--key", file, "--site", "clinic", "--by", "Jo")
    assert code == 0
    command = operators.read(order.strip().encode(), time.time())
    assert (command.by, command.mandate.answers) == ("Jo (guard)", 3)


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "desk.key"
    tocsin("new", file)
    before = file.read_text()
    assert tocsin("new", file)[0] == 1
    assert file.read_text() == before


@pytest.mark.parametrize("content", ["", "{}", '{"d": 5}', '{"d": "c2hvcnQ"}', "[]"])
def test_what_is_no_key_signs_nothing(content: str, tmp_path: Path) -> None:
    file = tmp_path / "desk.key"
    file.write_text(content)
    file.chmod(0o600)
    code, said = tocsin("sign", "close", EVENT, "--key", file, "--site", "clinic")
    assert code == 1
    assert "no key" in said


def test_a_key_that_others_may_read_or_that_is_not_there_signs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "desk.key"
    tocsin("new", file)
    file.chmod(0o640)
    for key in (file, tmp_path / "none"):
        assert tocsin("sign", "close", EVENT, "--key", key, "--site", "clinic")[0] == 1
