"""The command checks all that can be checked before a board is touched."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tools.cli import app
from tools.provision import ports, provision_commands
from tools.provision.journal import Journal
from tools.virtual.bare.rom_chip import ESP32C3
from tools.virtual.bare.stand_in import firmware

PLAN = Path(__file__).parents[3] / "examples" / "plan.toml"


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    folder = tmp_path / "kit"
    folder.mkdir()
    image = firmware(ESP32C3, 4)
    (folder / "c3.bin").write_bytes(image)
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(image).hexdigest()}  c3.bin\n")
    return folder


@pytest.fixture(autouse=True)
def no_boards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TOCSIN_LANG", "en")
    monkeypatch.setattr(ports, "plugged", list)
    return iter(())


def provision(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["provision", *map(str, arguments)])


def test_a_dry_run_says_the_steps_and_the_devices(tmp_path: Path, kit: Path) -> None:
    done = provision("--plan", PLAN, "--image", kit, "--records", tmp_path, "--dry-run")
    assert done.exit_code == provision_commands.DONE
    assert "Write MicroPython" in done.output or "write MicroPython" in done.output
    assert done.output.index("button-01") < done.output.index("box-01")


def test_a_dry_run_leaves_out_who_has_a_record(tmp_path: Path, kit: Path) -> None:
    Journal(tmp_path).record("24:0a:c4:00:00:01", "button-01", {})
    done = provision("--plan", PLAN, "--image", kit, "--records", tmp_path, "--dry-run")
    assert "button-01" not in done.output


def test_a_device_with_a_record_is_done_again_only_by_name(tmp_path: Path, kit: Path) -> None:
    Journal(tmp_path).record("24:0a:c4:00:00:01", "button-01", {})
    again = ("--plan", PLAN, "--image", kit, "--records", tmp_path, "--dry-run", "--again")
    assert provision(*again).exit_code == provision_commands.REFUSED
    assert "button-01" in provision(*again, "--device", "button-01").output


def test_one_device_can_be_chosen(tmp_path: Path, kit: Path) -> None:
    chosen = ("--plan", PLAN, "--image", kit, "--records", tmp_path, "--dry-run", "--device")
    done = provision(*chosen, "box-01")
    assert "box-01" in done.output
    assert "button-01" not in done.output
    assert provision(*chosen, "nobody").exit_code == provision_commands.REFUSED


def test_a_broken_image_is_refused_before_a_board_is_looked_for(tmp_path: Path, kit: Path) -> None:
    (kit / "c3.bin").write_bytes(b"\xe9")
    done = provision("--plan", PLAN, "--image", kit, "--records", tmp_path, "--dry-run")
    assert done.exit_code == provision_commands.REFUSED


def test_without_a_board_it_says_so(tmp_path: Path, kit: Path) -> None:
    done = provision("--plan", PLAN, "--image", kit, "--records", tmp_path)
    assert done.exit_code == provision_commands.REFUSED
    assert "No board is plugged in" in done.output


def test_several_boards_are_a_batch_only_where_one_is_asked_for(
    tmp_path: Path, kit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "plugged", lambda: ["/dev/one", "/dev/two"])
    done = provision("--plan", PLAN, "--image", kit, "--records", tmp_path)
    assert done.exit_code == provision_commands.REFUSED
    assert "--batch" in done.output


def test_a_plan_with_mistakes_is_refused(tmp_path: Path, kit: Path) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text("id,role,label,place\nbutton 1,panic_button,A,B\n")
    done = provision("--plan", plan, "--image", kit, "--records", tmp_path, "--dry-run")
    assert done.exit_code == provision_commands.REFUSED
    assert "button 1" in done.output or "id" in done.output


def test_a_kit_is_checked(kit: Path) -> None:
    done = provision("kit", kit)
    assert done.exit_code == provision_commands.DONE
    assert "ESP32-C3" in done.output
    (kit / "c3.bin").write_bytes(firmware(ESP32C3, 5))
    assert provision("kit", kit).exit_code == provision_commands.REFUSED


def test_the_head_on_the_table_is_no_board_of_the_batch(
    tmp_path: Path, kit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = tmp_path / "head"
    head.touch()
    monkeypatch.setattr(ports, "plugged", lambda: [str(head)])
    given = ("--plan", PLAN, "--image", kit, "--records", tmp_path / "records", "--head", head)
    assert "No board is plugged in" in provision(*given).output
    assert "they are two" in provision(*given, "--port", head).output
    assert "means 0 ports" in provision(*given[:-1], tmp_path / "other").output
