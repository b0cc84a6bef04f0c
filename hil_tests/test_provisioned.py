"""From a bare board to an alert that is acknowledged: the commands that an installer and a site run."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hil_tests.bench.virtual import VirtualBench
from tools.bench.provision_rig import Table
from tools.provision.custody.search import leaks
from tools.virtual.bare.board import BareBoard
from tools.virtual.bare.stand_in import firmware

pytestmark = pytest.mark.slow
PLAN = Path(__file__).parent.parent / "examples" / "plan.toml"
DEVICE = "button-01"  # the first of the plan
MOTOR, CONTACT = 6, 3
BATTERY_ADC, FRESH_MV = 0, 3_050  # behind a divider by two


class Laptop:
    """The installer's: `tocsin`, a kit, a key store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "kit").mkdir(parents=True)
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text("correct horse battery staple\n")
        self.env = {
            **os.environ,
            "TOCSIN_STORE": str(folder / "keys.age"),
            "TOCSIN_IDENTITY": str(folder / "identity.age"),
            "TOCSIN_KIT": str(folder / "kit"),
        }

    def put_into_kit(self, name: str, image: bytes) -> None:
        (self.folder / "kit" / name).write_bytes(image)
        digest = hashlib.sha256(image).hexdigest()
        (self.folder / "kit" / "SHA256SUMS").write_text(f"{digest}  {name}\n")

    def tocsin(self, *arguments: str) -> None:
        run = [sys.executable, "-c", "from tools.cli import main; main()", *arguments]
        argv = [*run, "--passphrase-file", str(self.passphrase)]
        done = subprocess.run(
            argv, env=self.env, cwd=self.folder, capture_output=True, text=True, check=False
        )
        with (self.folder / "said.log").open("a") as log:
            log.write(done.stdout + done.stderr)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def table(tmp_path: Path, bench: VirtualBench) -> Iterator[Table]:
    """The installer works on site: the gateway's own head hears what is tried on the table."""
    with Table(tmp_path, bench.site.world) as made:
        yield made


@pytest.fixture
def board(tmp_path: Path, table: Table) -> Iterator[BareBoard]:
    board = BareBoard(tmp_path / "board", among=table.world)
    board.press_when_asked(MOTOR, CONTACT)
    board.put_battery(BATTERY_ADC, FRESH_MV / 2)
    yield board
    board.close()


def test_a_bare_board_raises_an_alert_that_a_person_takes(
    tmp_path: Path, board: BareBoard, table: Table, bench: VirtualBench
) -> None:
    laptop = Laptop(tmp_path / "laptop")
    laptop.put_into_kit("ESP32_GENERIC_C3-v1.29.0.bin", firmware(board.chip))
    laptop.tocsin("keys", "new", "--organisation", "MSP des Lilas")
    head = ("--head", str(table.port.path))
    laptop.tocsin("provision", "--port", board.url, *head, "--plan", str(PLAN))
    record = json.loads((laptop.folder / "records" / f"{DEVICE}.json").read_text())
    assert record["self_test"]["radio"]["round_trip"]

    gateway = bench.site.gateway
    laptop.tocsin("keys", "allow", "gateway", "site", gateway.ask("key", "show"))
    laptop.tocsin("keys", "enrol", "site", "--out", str(laptop.folder / "enrolments"))
    gateway.ask("enrol", str(laptop.folder / "enrolments" / f"{DEVICE}.age"))
    board.unplug()
    put_into_the_case_of(bench, board)
    assert bench.wait(lambda: bench.asleep(0))  # it has said its first heartbeat

    bench.site.press(0, "panic")
    assert bench.wait(lambda: bool(bench.events("tocsin.alert.raised", DEVICE)))
    [event] = bench.events("tocsin.alert.raised", DEVICE)
    bench.site.operator.acknowledge(event.data["incident"])
    assert bench.wait(lambda: ("button-1", "help") in bench.felt)

    secret = board.nvs.get("tocsin", "secret", "blob")
    assert isinstance(secret, bytes)
    key = secret[1:17]
    assert list(leaks([tmp_path], [key])) == []


def put_into_the_case_of(bench: VirtualBench, board: BareBoard) -> None:
    """Let the site's first wearer have this board."""
    world, device = bench.site.world, bench.site.buttons[0].device

    def change() -> None:
        device.power_cut()
        device.nvs.erase_all()
        device.nvs.copy_from(board.nvs)
        world.world.flash(device, board.files)
        device.power_on()

    world.do(change)
