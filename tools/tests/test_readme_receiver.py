"""The programs that the gateway's README shows, run as they stand there."""

import base64
import json
import re
import subprocess
import sys
import time
from pathlib import Path

from gateway.disk.outbox_rows import Row
from gateway.upstream.cloudevent import to_json
from gateway.upstream.signature import Signer
from gateway.upstream.signed_command import Operator, Operators
from tools.operator_key import new

README = Path(__file__).resolve().parents[2] / "gateway" / "README.md"


def programs() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_receiver_of_the_readme_takes_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    program, _ = programs()
    signer = Signer(bytes(32))
    row = Row(1, "x.1", "x", "tocsin.alert.raised", 1_000.0, "x", 1, {"place": "Étage 2"})
    event = to_json(row, "/tocsin/site/gateway", signer)
    key = tmp_path / "key.json"
    key.write_text(json.dumps(signer.jwk()))

    def receive(content: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-c", program, str(key)],
            input=content,
            capture_output=True,
            check=False,
            env={"PYTHONUTF8": "1"},
        )

    assert receive(event).stdout == b"tocsin.alert.raised\n"
    assert receive(event.replace(b"raised", b"closed")).returncode != 0


def test_the_gateway_obeys_what_the_operator_of_the_readme_signs(tmp_path: Path) -> None:
    _, program = programs()
    key, event = tmp_path / "desk.key", f"{'ab' * 16}.3"
    assert new(key, "desk") == 0
    public = base64.urlsafe_b64decode(json.loads(key.read_text())["x"] + "==")
    arguments = [sys.executable, "-c", program, str(key), "health-centre", event]
    order = subprocess.run(arguments, capture_output=True, check=True).stdout.strip()
    operators = Operators("health-centre", [Operator("desk", public)])
    command = operators.read(order, time.time())
    assert (command.incident, command.by, command.mandate.answers) == ("ab" * 16, "desk", 3)
