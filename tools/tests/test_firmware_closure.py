"""Which role needs which files; and that nothing of the firmware opens another way in."""

import ast
import os
from pathlib import Path

import pytest

from tools import firmware_closure as closure
from tools.firmware_closure import ROLES, ROOT, closure_of

FIRMWARE = ROOT / "firmware"
# Ways to a console or to files that need no wire, and what would put a console on another stream.
WAYS_IN = {
    "webrepl",
    "network",
    "dupterm",
    "gatts_register_services",
    "gatts_write",
    "espnow",
    "socket",
}


def files_of_boards() -> list[Path]:
    return [path for path in FIRMWARE.rglob("*.py") if "tests" not in path.parts]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_needs_the_start_its_program_and_what_these_import(role: str) -> None:
    found = closure_of(role)
    for module in ("firmware", "firmware.start", f"firmware.{role}", "firmware.hal.power"):
        assert module in found.at_start
    assert "protocol.compiled" in found.at_start, "imported in a try"
    assert not set(found.at_start) & set(found.later)
    assert not any("tests" in module for module in found.modules)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_carries_no_other_program(role: str) -> None:
    assert not {f"firmware.{other}" for other in ROLES if other != role} & set(
        closure_of(role).modules
    )


def test_imports_in_functions_come_later_and_those_for_types_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "firmware"
    folder.mkdir()
    sources = {
        "__init__": "",
        "start": "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from firmware import typed\n",
        "call_box": "try:\n    from firmware import tried\nexcept ImportError:\n    pass\n"
        "def later():\n    import firmware.lazy\n",
        "tried": "from firmware.deep import name\nimport machine\n",
        "deep": "name = 1\n",
        "lazy": "",
        "typed": "",
    }
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source)
    monkeypatch.setattr(closure, "ROOT", tmp_path)
    found = closure_of("call_box")
    at_start = ["call_box", "deep", "start", "tried"]
    assert found.at_start == ("firmware", *(f"firmware.{name}" for name in at_start))
    assert found.later == ("firmware.lazy",)


def test_boards_are_those_with_a_map_for_the_role() -> None:
    assert "esp32c3_devkit" in closure.boards_of("panic_button", "esp32c3")
    assert "esp32c3_devkit" not in closure.boards_of("call_box")
    assert set(closure.boards_of("radio_head")) == {
        *closure.boards_of("radio_head", "esp32c3"),
        *closure.boards_of("radio_head", "esp32s3"),
    }


def test_the_table_tells_when_each_module_is_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert closure.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("firmware.start ")).split()[1:] == [
        "start"
    ] * len(ROLES)


def test_a_frozen_image_has_what_any_role_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the manifest as MicroPython's tools/manifestfile.py does."""
    frozen: set[str] = set()

    def package(name: str, *, files: list[str], base_path: str) -> None:
        for file in files:
            path = Path(base_path) / name / file
            assert path.is_file()
            frozen.add(os.path.relpath(path.resolve(), ROOT))

    def module(name: str, *, base_path: str) -> None:
        assert (Path(base_path) / name).is_file()
        frozen.add(name)

    monkeypatch.chdir(FIRMWARE)
    names = {"include": lambda _path: None, "package": package, "module": module}
    exec(Path("manifest.py").read_text(), names)
    needed = {
        str(closure.path_of(name).relative_to(ROOT))
        for role in ROLES
        for name in closure_of(role, closure.boards_of(role)).modules
    }
    assert needed <= frozen
    assert "frozen_program.py" in frozen  # tells provisioning what is in
    assert not any(
        Path(name).name == "main.py" for name in frozen
    )  # it would run before the console
    assert not any("tests" in name for name in frozen)


def test_no_console_and_no_files_without_a_wire() -> None:
    for path in files_of_boards():
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                {alias.name for alias in node.names}
                if isinstance(node, ast.Import | ast.ImportFrom)
                else {node.attr}
                if isinstance(node, ast.Attribute)
                else set()
            )
            assert not names & WAYS_IN, f"{path}: {names & WAYS_IN}"


def test_only_main_gives_ctrl_c_back_and_takes_it_first() -> None:
    for path in files_of_boards():
        calls = [
            ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("kbd_intr")
        ]
        if path == FIRMWARE / "main.py":
            assert calls == ["kbd_intr(-1)", "kbd_intr(3)"]
        else:
            assert calls == [], path
    body = ast.parse((FIRMWARE / "main.py").read_text()).body[1:]
    first = [ast.unparse(node) for node in body[:2]]
    assert first == ["from micropython import const, kbd_intr", "kbd_intr(-1)"]


def test_there_is_no_boot_py() -> None:
    assert not list(FIRMWARE.rglob("boot.py"))
