"""The model of `protocol/model/`: it keeps its promises, and each seeded mutation breaks the named one.

Every build and run happens in a temporary folder, two at a time. README.md there tells what is modelled.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

MODEL = Path(__file__).parents[1] / "model"
WORKERS = 2
MEMORY_MB = 1_500  # of each worker
RUN_S = 170

SAFETY = ("-DSAFETY", "-DNOFAIR", "-DNOREDUCE")
SHORTEST = (*SAFETY, "-DBFS", "-O0")  # finds the shortest way to what is wrong
WHOLE = (*SAFETY, "-O2")
LIVENESS = ("-DNOREDUCE", "-O0")
LIVENESS_WHOLE = ("-DNOREDUCE", "-O2")
FAIRLY = ("-a", "-f")

SCENARIOS = {
    # Two presses, a reset of the device, upstream and people; two gateways that crash at will.
    "presses": "PRESSES=2 CANCELS=0 AGAINS=0 DEVICE_RESETS=1 PASSES_OF_TIME=0 FRAMES=3",
    # A press, a cancel, a press again, and frames that grow old on the way; two gateways.
    "cancel": "PRESSES=1 CANCELS=1 AGAINS=1 DEVICE_RESETS=1 PASSES_OF_TIME=1 FRAMES=4 UPSTREAM=0",
    # All of that together, at one gateway.
    "alone": "PRESSES=2 CANCELS=1 AGAINS=1 DEVICE_RESETS=1 PASSES_OF_TIME=1 FRAMES=3 GATEWAYS=1",
    # The same without upstream.
    "small": "PRESSES=2 CANCELS=1 AGAINS=1 DEVICE_RESETS=1 PASSES_OF_TIME=1 FRAMES=3 GATEWAYS=1"
    " UPSTREAM=0",
    "live": "LIVENESS PRESSES=1 CANCELS=0 AGAINS=0 DEVICE_RESETS=0 PASSES_OF_TIME=0 FRAMES=6"
    " GATEWAYS=1 MISHAPS=2",
    "live, two": "LIVENESS PRESSES=1 CANCELS=0 AGAINS=0 DEVICE_RESETS=0 PASSES_OF_TIME=0 FRAMES=5"
    " GATEWAYS=2 MISHAPS=1",
}
LIVENESS_CLAIMS = ("stored_reaches_upstream", "pressed_is_told", "taken_is_felt")

# mutation, the promise it breaks, where
MUTATIONS = [
    ("ACK_FIRST", "ack_after_commit", "presses"),
    ("ACK_FIRST", "felt_received_is_true", "presses"),
    ("WINDOW_NOT_PERSISTED", "accepted_once", "presses"),
    ("WINDOW_FIRST", "accepted_is_stored", "presses"),
    ("INCIDENT_FIRST", "accepted_once", "presses"),
    ("IDENTITY_AS_HEARD", "one_press_one_incident", "presses"),
    ("ACK_FOR_ANY_COUNTER", "recent_acks_only", "presses"),
    ("ACK_OF_ANOTHER_INCIDENT", "felt_received_is_true", "presses"),
    ("ACK_OF_ANOTHER_INCIDENT", "felt_delivered_is_true", "presses"),
    ("ACK_OF_ANOTHER_INCIDENT", "felt_help_is_true", "presses"),
    ("RESTART_FROM_ZERO", "one_counter_one_frame", "small"),
    ("RESERVED_BEHIND", "one_counter_one_frame", "small"),
    ("SNAPSHOT_KEPT", "one_counter_one_frame", "small"),
    ("CANCEL_AFTER_POWER_LOSS", "one_press_one_incident", "small"),
    ("CANCEL_WHEN_DELAYED", "delayed_never_ends", "cancel"),
    ("HEARD_WHEN_DELAYED", "delayed_never_reassures", "cancel"),
    ("CANCEL_WHEN_OLDER", "older_never_ends", "cancel"),
]
LIVENESS_MUTATIONS = [
    ("ROW_GONE_ON_PUBLISH", "stored_reaches_upstream"),
    ("ROW_NOT_PERSISTED", "stored_reaches_upstream"),
    ("REFRESH_KEEPS_COUNTER", "pressed_is_told"),
    ("STAGE_NOT_REPEATED", "taken_is_felt"),
]
# A promise about what never happens is kept for nothing: these claims of claims.pml must fail.
REACHED = {
    "presses": (
        "never_felt_received",
        "never_felt_delivered",
        "never_felt_help",
        "never_a_second_incident",
        "never_pressed_after_a_reset",
        "never_out_of_order",
        "never_reported_twice",
        "never_at_both_gateways",
        "never_first_at_the_other",
        "never_taken_at_one_only",
    ),
    "alone": (
        "never_too_old",
        "never_cancelled",
        "never_cancelled_too_late",
        "never_raised_after_a_cancel",
    ),
}


@dataclass(frozen=True)
class Verdict:
    """What the verifier said: which promise is broken (or "acceptance cycle"), or None."""

    broken: str | None
    output: str


def program(*names: str) -> str:
    """Return the first that is installed; a machine without is not set up: that fails the test."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(
            f"{names[0]} is not installed. `tools/test` installs it on Debian"
            " (apt-get install spin gcc libc6-dev); elsewhere see its message."
        )
    return found


def build(folder: Path, scenario: str, options: Iterable[str], *defines: str) -> Path:
    """Make the verifier of a scenario in `folder`."""
    folder.mkdir(parents=True)
    symbols = [f"-D{symbol}" for symbol in (*SCENARIOS[scenario].split(), *defines)]
    run(folder, program("spin"), *symbols, "-a", str(MODEL / "tocsin.pml"))
    compiler = program("cc", "gcc")
    run(folder, compiler, "-w", *options, f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c")
    return folder / "pan"


def run(folder: Path, *argv: str) -> str:
    done = subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, timeout=RUN_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def verify(pan: Path, *arguments: str) -> Verdict:
    """Search the whole space, or up to the first error."""
    output = run(pan.parent, str(pan), "-m100000", "-w22", *arguments)
    errors = re.search(r"errors: (\d+)", output)
    assert errors, output
    if errors.group(1) == "0":
        assert "not completed" not in output, output
        assert "search depth too small" not in output, output
        assert "out of memory" not in output, output
        return Verdict(None, output)
    broken = re.search(r"assertion violated (.+) \(at depth|(acceptance cycle) \(at", output)
    return Verdict(broken and (broken.group(1) or broken.group(2)), output)


def verify_claims(pan: Path, names: Iterable[str], *arguments: str) -> dict[str, Verdict]:
    return {name: verify(pan, *arguments, "-N", name) for name in names}


Results = Mapping[str, Verdict]
Job = Callable[[Path], Mapping[str, Verdict]]


def run_jobs(folder: Path, jobs: Mapping[str, Job]) -> dict[str, Verdict]:
    """Run the jobs, two at a time; return all verdicts as "job" or "job: claim"."""
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = {
            name: pool.submit(job, folder / re.sub(r"\W+", "-", name)) for name, job in jobs.items()
        }
        return {
            f"{name}: {claim}" if claim else name: verdict
            for name, future in futures.items()
            for claim, verdict in future.result().items()
        }


def whole(scenario: str) -> Job:
    return lambda folder: {"": verify(build(folder, scenario, WHOLE))}


def mutated(mutation: str, promise: str, scenario: str) -> Job:
    return lambda folder: {
        "": verify(build(folder, scenario, SHORTEST, mutation, f"ONLY={promise}"))
    }


def live(claim: str, mutation: str) -> Job:
    """Look for a fair run that never keeps a claim; -A: what else it breaks is not asked here."""
    return lambda folder: verify_claims(
        build(folder, "live", LIVENESS, mutation), [claim], *FAIRLY, "-A"
    )


def live_at_two(folder: Path) -> Results:
    return verify_claims(build(folder, "live, two", LIVENESS_WHOLE), LIVENESS_CLAIMS, *FAIRLY)


def live_and_unfair(folder: Path) -> Results:
    """Look with fairness and, under the name "unfair ...", without."""
    pan = build(folder, "live", LIVENESS)
    fair = verify_claims(pan, LIVENESS_CLAIMS, *FAIRLY)
    unfair = verify_claims(pan, LIVENESS_CLAIMS, "-a")
    return fair | {f"unfair {claim}": verdict for claim, verdict in unfair.items()}


def reached(scenario: str) -> Job:
    return lambda folder: verify_claims(
        build(folder, scenario, SHORTEST, "REACHABLE"), REACHED[scenario]
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Give the verdicts on the model as it is."""
    jobs: dict[str, Job] = {name: whole(name) for name in ("presses", "cancel", "alone")}
    jobs["live, two"] = live_at_two
    jobs["live"] = live_and_unfair
    jobs |= {f"reached, {name}": reached(name) for name in REACHED}
    return run_jobs(tmp_path_factory.mktemp("model"), jobs)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Give the verdicts on the mutations."""
    jobs = {
        f"{name} {promise}": mutated(name, promise, where) for name, promise, where in MUTATIONS
    }
    jobs |= {f"{name} {claim}": live(claim, name) for name, claim in LIVENESS_MUTATIONS}
    return run_jobs(tmp_path_factory.mktemp("mutations"), jobs)


def test_a_small_world_keeps_its_promises(tmp_path: Path) -> None:
    assert verify(build(tmp_path / "right", "small", SHORTEST)).broken is None


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["presses", "cancel", "alone"])
def test_every_promise_is_kept(scenario: str, kept: Results) -> None:
    assert kept[scenario].broken is None, kept[scenario].output


@pytest.mark.slow
@pytest.mark.parametrize("claim", LIVENESS_CLAIMS)
@pytest.mark.parametrize("scenario", ["live", "live, two"])
def test_it_happens_at_last(scenario: str, claim: str, kept: Results) -> None:
    verdict = kept[f"{scenario}: {claim}"]
    assert verdict.broken is None, verdict.output


@pytest.mark.slow
@pytest.mark.parametrize("claim", LIVENESS_CLAIMS)
def test_without_fairness_nothing_needs_to_happen(claim: str, kept: Results) -> None:
    assert kept[f"live: unfair {claim}"].broken == "acceptance cycle"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scenario", "claim"), [(name, claim) for name, claims in REACHED.items() for claim in claims]
)
def test_what_matters_can_happen(scenario: str, claim: str, kept: Results) -> None:
    verdict = kept[f"reached, {scenario}: {claim}"]
    assert verdict.broken, verdict.output


@pytest.mark.slow
@pytest.mark.parametrize(("mutation", "promise", "scenario"), MUTATIONS)
def test_a_mutation_breaks_its_promise(
    mutation: str, promise: str, scenario: str, broken: Results
) -> None:
    verdict = broken[f"{mutation} {promise}"]
    assert verdict.broken == promise, verdict.output


@pytest.mark.slow
@pytest.mark.parametrize(("mutation", "claim"), LIVENESS_MUTATIONS)
def test_a_mutation_lets_it_never_happen(mutation: str, claim: str, broken: Results) -> None:
    verdict = broken[f"{mutation} {claim}: {claim}"]
    assert verdict.broken == "acceptance cycle", verdict.output


def test_every_promise_and_every_claim_is_tested() -> None:
    promises = set(re.findall(r"^bit (\w+) = 1;", (MODEL / "promises.pml").read_text(), re.M))
    assert promises == {promise for _, promise, _ in MUTATIONS}
    claims = set(re.findall(r"^ltl (\w+)", (MODEL / "claims.pml").read_text(), re.M))
    assert claims == {*LIVENESS_CLAIMS, *(claim for names in REACHED.values() for claim in names)}


def test_a_machine_without_spin_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(pytest.fail.Exception, match="apt-get install spin gcc"):
        program("spin")
