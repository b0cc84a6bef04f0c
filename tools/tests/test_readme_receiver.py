"""The receiver that the gateway's README shows, run as it stands there."""

import json
import re
import subprocess
import sys
from pathlib import Path

from gateway.disk.outbox import Row
from gateway.upstream.cloudevent import to_json
from gateway.upstream.signature import Signer

README = Path(__file__).resolve().parents[2] / "gateway" / "README.md"


def test_the_receiver_of_the_readme_takes_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
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
