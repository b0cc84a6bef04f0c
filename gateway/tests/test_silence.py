"""What a gateway must not say: no key, no frame, no label, no name, in all it logs in a full run."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.disk.gateway_key import FILE_NAME
from gateway.tests.brokers import Mosquitto
from gateway.tests.builders import KEY, LABEL, PLACE
from gateway.tests.player import PtyHead, Wearer
from gateway.tests.process import GatewayProcess
from gateway.tests.waiting import eventually
from protocol import kinds
from protocol.kinds import ACKNOWLEDGED, CLOSED, DELIVERED, STORED

PERSON = "Zebedee Quill"
PASSWORD = "a-password-of-the-broker"
ACCESS = "4711 gate code"

pytestmark = pytest.mark.slow


@pytest.fixture(params=["json", "text"])
async def process(
    request: pytest.FixtureRequest, tmp_path: Path, broker: Mosquitto
) -> AsyncIterator[GatewayProcess]:
    folder = tmp_path / "g"
    folder.mkdir()
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    process = GatewayProcess(folder, broker.port)
    text = process.config.read_text(encoding="utf-8").replace('"json"', f'"{request.param}"')
    text += f'username = "gateway"\npassword_file = "{folder}/password"\n'
    text += f'[site]\nnotes = "{ACCESS}"\n'
    process.config.write_text(text, encoding="utf-8")
    assert process.ask("enrol", process.enrolment("button-01", KEY)).code == 0
    yield process
    process.kill()


async def test_a_full_run_says_no_secret_and_no_name(
    process: GatewayProcess, broker: Mosquitto
) -> None:
    head = PtyHead(process.port)
    frames: list[bytes] = []

    def hear(frame: bytes) -> None:
        frames.append(frame)
        head.hear(frame)

    process.start()
    wearer = Wearer(KEY)
    await _logged(process, "up source=radio.head", '"source": "radio.head"')
    hear(wearer.heartbeat())
    hear(wearer.press())
    await head.answered(wearer, STORED)
    await head.answered(wearer, DELIVERED)
    hear(frames[-1])
    hear(frames[-1][:-1] + bytes([frames[-1][-1] ^ 1]))
    hear(Wearer(b"nobody enrolled.").press())
    await _call(process, "acknowledge", wearer.incident, "--by", PERSON, "--eta-minutes", "3")
    await head.answered(wearer, ACKNOWLEDGED)
    hear(wearer.refresh(felt=ACKNOWLEDGED))
    hear(wearer.cancel(duress=1))
    hear(wearer.protect(kinds.condition_word(kinds.FAULT, kinds.MAINS_LOST, 0, wearer.time)))
    hear(wearer.visit(minutes=9))
    await _call(process, "test-alert", "--by", PERSON)
    await _call(process, "enrol", process.enrolment("button-01", KEY, label=f"{LABEL} 2"))
    broker.stop()
    await _logged(process, "fault", "fault")
    broker.start()
    head.unplug()
    await _logged(process, "link_down", "link_down")
    head = PtyHead(process.port)
    await _times(process, "radio.head", 2)
    head.hear(wearer.refresh())
    await _call(process, "close", wearer.incident, "--by", PERSON)
    await head.answered(wearer, CLOSED, within_s=10)
    assert process.stop() == 0
    head.unplug()
    log = process.log.read_text(encoding="utf-8")
    assert log.count("\n") > 12
    identity = (process.state_dir / FILE_NAME).read_text(encoding="ascii").strip()
    for secret in secrets(identity, frames):
        assert secret.lower() not in log.lower()


def secrets(identity: str, frames: list[bytes]) -> list[str]:
    """Return all that must not be said: of keys and frames also every part that tells something."""
    told = [KEY.hex(), repr(KEY)[2:-1], identity, PASSWORD, ACCESS, LABEL, PLACE, PERSON]
    told += PERSON.split() + [word for word in LABEL.split() if len(word) > 3]
    for frame in frames:
        told += [frame.hex(), frame[4:7].hex(), repr(frame)[2:-1]]
    return told


def test_a_frame_in_the_log_would_be_found() -> None:
    frame = Wearer(KEY).press()
    log = json.dumps({"event": "received", "body": frame[4:7].hex()})
    assert any(secret in log for secret in secrets("AGE-SECRET-KEY-1", [frame]))


async def _call(process: GatewayProcess, *arguments: str | Path) -> None:
    done = await asyncio.to_thread(process.ask, *arguments)
    assert done.code == 0, done.out + done.err


async def _logged(process: GatewayProcess, *any_of: str) -> None:
    await eventually(lambda: any(one in process.log.read_text(encoding="utf-8") for one in any_of))


async def _times(process: GatewayProcess, what: str, times: int) -> None:
    def enough() -> bool:
        lines = process.log.read_text(encoding="utf-8").splitlines()
        return (
            sum(what in line and re.search(r"\bup\b", line) is not None for line in lines) >= times
        )

    await eventually(enough)
    await asyncio.sleep(0)
