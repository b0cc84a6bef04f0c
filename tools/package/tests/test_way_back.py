"""The earlier gateway and this one in turn on the same folder, as processes: every incident is kept."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.tests.player import Wearer
from gateway.tests.process import GatewayProcess
from gateway.tests.waiting import eventually
from protocol.kinds import STORED
from tools.bench.gateway_head import Head
from tools.package.build import ROOT
from tools.package.earlier import earlier

KEY = b"sixteen byte key"
NOBODY = 1  # a port that nobody listens at: what is told waits on disk
STEPS = "from gateway.disk import schema; print(len(schema.MIGRATIONS))"


class Turns:
    """The gateways of several checkouts, each in its turn, at one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.there = GatewayProcess(folder, NOBODY)

    def call(self, tree: Path, *arguments: str | Path) -> str:
        """Return what a command of the gateway of `tree` prints."""
        given = [*map(str, arguments), "--config", str(self.there.config)]
        return run(tree, "-m", "gateway", *given)

    def start(self, tree: Path) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "gateway", "run", "--config", str(self.there.config)]
        with self.there.log.open("ab") as log:
            return subprocess.Popen(argv, cwd=tree, stderr=log)

    async def press(self, tree: Path, wearer: Wearer) -> str:
        """Let the wearer press while the gateway of `tree` runs; return the incident."""
        felt: list[int] = []

        def transmitted(frame: bytes, _: float) -> None:
            read = wearer.read(frame)
            if read is not None:
                felt.append(read[1].op)

        head = Head(self.there.port, transmitted)
        process = self.start(tree)
        try:
            await asyncio.wait_for(head.greeted.wait(), 20)
            await asyncio.sleep(0.2)
            head.hear(wearer.press())
            await eventually(lambda: STORED in felt)
        finally:
            process.terminate()
            status = await asyncio.to_thread(process.wait, 20)
            head.unplug()
        assert status == 0
        return wearer.incident


def run(tree: Path, *arguments: str) -> str:
    return subprocess.check_output([sys.executable, *arguments], cwd=tree, text=True)


@pytest.mark.slow
async def test_upgrade_and_back_keep_every_incident_and_all_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)  # each runs its own code
    before = earlier(tmp_path / "earlier")
    assert int(run(ROOT, "-c", STEPS)) == int(run(before, "-c", STEPS)) + 1
    turns, wearer = Turns(tmp_path / "gateway"), Wearer(KEY)
    turns.call(before, "enrol", turns.there.enrolment("button-1", KEY))
    raised = [await turns.press(tree, wearer) for tree in (before, ROOT, before, ROOT)]
    for tree in (before, ROOT):
        told = json.loads(turns.call(tree, "incidents", "--json"))
        assert sorted(one["incident"] for one in told) == sorted(raised)
        turns.call(tree, "journal", "verify")
