"""Every command on a disk that takes nothing: exit status 74, and a sentence that says what to do."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.commands import exits
from gateway.tests.bench import small_disk
from gateway.tests.brokers import Mosquitto
from gateway.tests.builders import KEY
from gateway.tests.process import GatewayProcess
from gateway.tests.waiting import eventually

INCIDENT = ("ab" * 16, "--by", "Jo")
READ = (
    ("devices",),
    ("incidents",),
    ("journal", "verify"),
    ("journal", "export"),
    ("backup", "copy.age"),
    ("command", "button-01", "identify", "--by", "Jo"),
)
# The running gateway keeps what these ask, and answers after four seconds that it is not on disk.
ASKED = (("acknowledge", *INCIDENT), ("unenrol", "button-01"), ("test-alert",))
SENTENCES = {"en": "the disk is full or read-only", "fr": "le disque est plein ou en lecture seule"}


@pytest.fixture
def gateway(tmp_path: Path, broker: Mosquitto) -> Iterator[GatewayProcess]:
    folder = tmp_path / "g"
    disk = folder / "state"
    disk.mkdir(parents=True)
    with small_disk(disk) as mounted:
        if not mounted:
            pytest.skip("needs the right to mount a small disk")
        gateway = GatewayProcess(folder, broker.port)
        assert gateway.ask("enrol", gateway.enrolment("button-01", KEY)).code == exits.DONE
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        yield gateway
        gateway.kill()


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_reads_says_that_the_disk_takes_nothing(lang: str, gateway: GatewayProcess) -> None:
    enrols = ("enrol", str(gateway.folder / "button-01.age"))
    for command in (*READ, enrols):
        said = gateway.ask(*command, lang=lang)
        assert (said.code, said.out) == (exits.DISK, ""), command
        assert said.err.startswith(SENTENCES[lang]), command


@pytest.mark.slow
async def test_what_is_asked_of_the_running_gateway_is_not_on_disk_and_it_says_so(
    gateway: GatewayProcess,
) -> None:
    gateway.start()
    await eventually(lambda: bool(gateway.lines("fault")), 30.0)
    for command in ASKED:
        said = gateway.call(*command)
        assert said.returncode == exits.DISK, command
        assert "the disk takes nothing" in said.stdout or "it takes nothing" in said.stdout
    faults = gateway.call("status").stdout.splitlines()
    assert any("write_failed" in line for line in faults)
