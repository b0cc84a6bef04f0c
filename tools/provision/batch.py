"""Several boards at the same time: a thread for each port, for they mostly wait for their lines."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tools.provision import steps
from tools.provision.custody.errors import CustodyRefused
from tools.provision.job import Job
from tools.provision.screen import Screen
from tools.provision.stopped import Lost, Stopped
from tools.provision.words import say


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended with one board: `device` where it is done; `resumes` where the same command goes on."""

    port: str
    device: str | None
    resumes: bool = False


def run(jobs: Sequence[Job], screen: Screen) -> list[Ended]:
    """Provision all boards; what stops one does not stop the others."""
    with screen, ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(lambda job: _one(job, screen), jobs))


def _one(job: Job, screen: Screen) -> Ended:
    reached = ["find"]

    def tell(step: str, part: float) -> None:
        reached[0] = step
        screen.tell(job.port, step, part)

    try:
        known = steps.provision(job, tell)
    except (Stopped, CustodyRefused) as error:
        resumes = isinstance(error, Lost)
        step = say(f"board.step_{reached[0]}")
        told = say("board.board_failed", port=job.port, step=step, why=error)
        screen.end(job.port, told, {"ok": False, "step": reached[0], "resumes": resumes})
        return Ended(job.port, None, resumes)
    device = known.planned.id
    path = job.journal.path(device)
    told = say("board.board_done", device=device, path=path)
    if job.head is None:
        told += f" {say('board.no_round_trip')}"
    screen.end(job.port, told, {"ok": True, "device": device, "record": str(path)})
    return Ended(job.port, device)
