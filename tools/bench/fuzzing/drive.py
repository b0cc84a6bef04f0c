"""Drives one target in a process of its own, until time is up or something is found.

    python -m tools.bench.fuzzing.drive TARGET ENGINE SECONDS FOLDER

atheris is guided by coverage (libFuzzer). Where it has no wheel, hypothesis drives the same targets
with the same seeds and mutations, blind. A finding ends the process with a traceback; the bytes
that did it are in FOLDER.
"""

import hashlib
import platform
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.bench.fuzzing.target import Target

TARGETS = ("uplink", "downlink", "advert", "serial_link", "enrolment")
CRASHED = 77  # what libFuzzer says, too
_BLIND_BATCH = 200
_MUTATED_OF_10 = 6


def has_wheel() -> bool:
    """Say whether PyPI has atheris for this machine; pyproject.toml says the same."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def engine() -> str:
    """Return the best engine this environment has."""
    try:
        metadata.version("atheris")
    except metadata.PackageNotFoundError:
        return "hypothesis"
    return "atheris"


def target(name: str) -> "Target":
    """Return a target; what it tests is imported only now, so that it can be instrumented."""
    from tools.bench.fuzzing import downlinks, enrolments, rim, uplinks  # noqa: PLC0415

    kinds: dict[str, Callable[[], Target]] = {
        "uplink": uplinks.Uplinks,
        "downlink": downlinks.Downlinks,
        "advert": rim.Adverts,
        "serial_link": rim.SerialLines,
        "enrolment": enrolments.Enrolments,
    }
    return kinds[name]()


def drive(name: str, kind: str, seconds: float, folder: Path, before: Callable[[], None]) -> None:
    """Fuzz target `name`; `before` is called when the code under test has been imported."""
    (_with_atheris if kind == "atheris" else _with_hypothesis)(name, seconds, folder, before)


def _with_atheris(name: str, seconds: float, folder: Path, before: Callable[[], None]) -> None:
    import atheris  # noqa: PLC0415  # not everywhere

    with atheris.instrument_imports(include=["protocol", "gateway"]):
        fuzzed = target(name)
    before()
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in fuzzed.seeds():
        (corpus / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        chance = Random(seed)
        if chance.randrange(10) < _MUTATED_OF_10:
            return fuzzed.mutate(data, chance)[:longest]
        mutated: bytes = atheris.Mutate(data, longest)
        return mutated

    options = [
        f"-max_total_time={max(round(seconds), 1)}",
        f"-max_len={fuzzed.longest}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        "-rss_limit_mb=1024",
        "-timeout=20",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], fuzzed.one, custom_mutator=mutate)
    atheris.Fuzz()


def _with_hypothesis(name: str, seconds: float, folder: Path, before: Callable[[], None]) -> None:
    from hypothesis import Phase, given, settings  # noqa: PLC0415
    from hypothesis import strategies as st  # noqa: PLC0415

    fuzzed = target(name)
    before()
    seeds = st.sampled_from(fuzzed.seeds())
    mutated = st.builds(
        lambda data, seed: fuzzed.mutate(data, Random(seed)), seeds, st.integers(0, 1 << 32)
    )
    executed = 0
    last = b""

    @settings(
        max_examples=_BLIND_BATCH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    @given(st.one_of(mutated, mutated, seeds, st.binary(max_size=fuzzed.longest)))
    def batch(data: bytes) -> None:
        nonlocal executed, last
        executed, last = executed + 1, data
        fuzzed.one(data)

    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            batch()
    except BaseException:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"crash-{hashlib.sha1(last, usedforsecurity=False).hexdigest()}").write_bytes(
            last
        )
        raise
    finally:
        print(f"stat::number_of_executed_units: {executed}", file=sys.stderr)


def main(before: Callable[[], None] = lambda: None) -> None:
    """Drive the target that the arguments name."""
    name, kind, seconds, folder = sys.argv[1:]
    drive(name, kind, float(seconds), Path(folder), before)


if __name__ == "__main__":
    main()
