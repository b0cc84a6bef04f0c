"""What goes onto boards: it compiles for their CPUs, weighs little, and runs."""

from pathlib import Path

import pytest

from firmware.core import settings
from protocol.link_messages import Hello
from protocol.serial_link import SerialLink
from tools import firmware_build, firmware_closure, micropython
from tools.firmware_build import BOUND_KB, CHIPS, DoesNotCompile, Weight, build_role, compile_file
from tools.virtual.chips import CHIPS as VIRTUAL_CHIPS
from tools.virtual.world import World

HEAD = settings.pack({"role": "radio_head", "board": "esp32s3_devkit"})
VERSION_6 = b"M\x06"  # of the .mpy format, all that MicroPython 1.19 and later load
# The architecture of machine code in a .mpy (micropython, py/persistentcode.h), and none.
NATIVE = {"x86": 1, "x64": 2, "xtensawin": 10, "rv32imc": 11}


def test_every_role_has_a_bound_and_every_chip_a_cpu() -> None:
    assert set(BOUND_KB) == set(firmware_closure.ROLES)
    assert set(CHIPS.values()) == set(VIRTUAL_CHIPS)


@pytest.mark.slow
@pytest.mark.parametrize("arch", CHIPS)
def test_a_board_gets_main_as_text_and_all_else_compiled_for_its_cpu(
    tmp_path: Path, arch: str
) -> None:
    tmp_path /= "tree"
    weight = build_role(tmp_path, "panic_button", arch)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    compiled = [path for path in files if path.suffix == ".mpy"]
    assert {path.name for path in files if path not in compiled} == {"main.py"}
    assert weight.files == len(compiled)
    assert weight.size == sum(path.stat().st_size for path in compiled)
    assert weight.fits
    texts = {path.stem for path in tmp_path.with_name(f"{tmp_path.name}.map").rglob("*.py")}
    assert texts == {path.stem for path in compiled}
    for path in compiled:
        header = path.read_bytes()[:4]
        assert header[:2] == VERSION_6
        assert header[2] >> 2 in (0, NATIVE[arch])
    assert (tmp_path / "tocsin.mpy").read_bytes()[2] >> 2 == NATIVE[arch]
    assert not (tmp_path / "shims").exists()
    boards = {path.stem for path in (tmp_path / "firmware" / "boards").glob("*.mpy")}
    assert boards - {"pins"} == set(firmware_closure.boards_of("radio_head", CHIPS[arch]))


def test_what_does_not_compile_is_named(tmp_path: Path) -> None:
    source = tmp_path / "wrong.py"
    source.write_text("def wrong(:\n")
    with pytest.raises(DoesNotCompile, match=r"firmware/wrong\.py for rv32imc"):
        compile_file(source, tmp_path / "wrong.mpy", "rv32imc", "firmware/wrong.py")


def test_too_heavy_a_role_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        firmware_build, "build", lambda *_: [Weight("call_box", "xtensawin", 9, 97_000)]
    )
    monkeypatch.setitem(BOUND_KB, "call_box", 97)
    assert firmware_build.report(tmp_path, ["xtensawin"]) == 0
    monkeypatch.setitem(BOUND_KB, "call_box", 96)
    assert firmware_build.report(tmp_path, ["xtensawin"]) == 1
    assert "97.0     96  TOO HEAVY" in capsys.readouterr().out


@pytest.mark.parametrize(("arch", "interpreter"), [("x64", None), ("x86", "i386")])
def test_compiled_files_run_on_the_virtual_bench(
    tmp_path: Path, arch: str, interpreter: str | None
) -> None:
    tree = tmp_path / "tree"
    build_role(tree, "radio_head", arch)
    link = SerialLink()
    argv = micropython.command(interpreter)
    with World(tmp_path, firmware=tree, micropython_argv=argv) as world:
        device = world.device("head", VIRTUAL_CHIPS["esp32s3"])
        device.nvs.set("tocsin", "settings", "blob", HEAD)
        device.on_uart = link.feed
        device.power_on()
        world.run_for(1.0)
    assert isinstance(link.take(), Hello)
    assert (tmp_path / "head.log").read_text() == ""
