"""How a board becomes a device: named steps in order, each of which may run again.

    find       chip, flash, MAC; the device of the plan that this board becomes; its image
    flash      all is erased, MicroPython is written, and the chip compares the digest
    copy       the program for the native code that the board runs, but main.py; nothing of it where
               the image has this program frozen in
    identity   a key that no device had before
    settings   both copies
    read_back  every file, the secret and the settings once more, by digest
    self_test  a press, the battery, the radio
    start      main.py; a reset; the program keeps the console
    record     only here, and only if all of the above ran

A board whose cable was pulled begins again at `find`; `flash` is left out where the journal says that this
board has this image and its console answers.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from tools.provision import esptool, files, frozen, images, nvs, self_test
from tools.provision.files import MAIN, Program
from tools.provision.job import Job, Known, Told
from tools.provision.journal import Begun
from tools.provision.repl import BoardError, Repl
from tools.provision.stopped import Lost, Stopped

FLASHED = ("flash",)  # what an earlier run may have done already
VERSION = 2  # of the record
_NO_SPACE = "OSError: 28"
_CRASHED = "Traceback"
_PROMPT = ">>>"
_TRIES = 3

T = TypeVar("T")
Progress = Callable[[float], None]
Step = Callable[[Job, Known, Progress], None]


def find(job: Job) -> Known:
    """Ask the board what it is, and choose what it becomes; raise `Stopped`."""
    found = esptool.find(job.port)
    image = images.for_chip(job.images, found.chip)
    images.check_room(image, found.flash_mb)
    planned = job.queue.take(found.mac, found.chip)
    begun = job.journal.begun(found.mac)
    same = begun is not None and (begun.device, begun.image) == (planned.id, image.sha256)
    return Known(found, planned, image, begun.done if begun and same else ())


def flash(job: Job, known: Known, progress: Progress) -> None:
    """Erase all and write MicroPython, in one run of esptool: a chip between the two is of no use."""
    esptool.write(job.port, known.found.chip, known.image.path, job.baud, progress)
    _note(job, known, FLASHED)


def copy(job: Job, known: Known, progress: Progress) -> None:
    """Write the files that the board has not."""
    repl = _repl(job, known)
    there = frozen.told(repl)
    if there is not None:
        frozen.check(there, known.planned)
    program = files.program(known.planned, files.arch_of(repl, known.found.chip), there)
    known.program = program
    names = files.missing(repl, program.files)
    total, written = sum(len(program.files[name]) for name in names), 0
    for name in names:
        for count in files.copy(repl, name, program.files[name]):
            progress((written + count) / total)
        written += len(program.files[name])


def identity(job: Job, known: Known, _progress: Progress) -> None:
    """Write a key that no device had before; a step that runs again in one run writes the same."""
    if known.identity is None:
        known.identity = job.keeper.issue(known.planned)
    nvs.write_identity(_repl(job, known), known.identity)


def settings(job: Job, known: Known, _progress: Progress) -> None:
    """Write the settings."""
    nvs.write_settings(_repl(job, known), known.planned)


def read_back(job: Job, known: Known, _progress: Progress) -> None:
    """Compare all that was written, after a reset: what counts is what flash holds."""
    repl = _repl(job, known)
    repl.enter_by_reset()
    assert known.program is not None  # noqa: S101 - `copy` ran
    assert known.identity is not None  # noqa: S101 - `identity` ran
    if frozen.told(repl) != known.program.frozen:
        raise Lost("frozen_differs")
    differing = files.missing(repl, known.program.files)
    if differing:
        raise Lost("file_differs", name=", ".join(differing))
    nvs.check_identity(repl, known.identity)
    nvs.check_settings(repl, known.planned)


def test(job: Job, known: Known, _progress: Progress) -> None:
    """Let a person and the board try what it has."""
    known.tested = self_test.run(_repl(job, known), known.planned, job.head, press=job.press)


def start(job: Job, known: Known, _progress: Progress) -> None:
    """Write main.py and reset: from now on the program has the console."""
    _note(job, known, ())  # a board that runs its program is begun from its loader
    repl = _repl(job, known)
    assert known.program is not None  # noqa: S101 - `copy` ran
    main = {MAIN: known.program.main}
    for _ in files.copy(repl, MAIN, main[MAIN]):
        pass
    if files.missing(repl, main):
        raise Lost("file_differs", name=MAIN)
    shown = repl.reset()
    repl.close()
    known.repl = None
    if _CRASHED in shown or _PROMPT in shown:
        raise Stopped("program_ended", why=shown.strip().splitlines()[-1])


def record(job: Job, known: Known, _progress: Progress) -> None:
    """Tell the store whose key this is now, and write the record."""
    assert known.identity is not None  # noqa: S101 - `identity` ran
    job.keeper.given(known.identity, known.found.mac)
    job.journal.record(known.found.mac, known.planned.id, _record(job, known))


STEPS: tuple[tuple[str, Step], ...] = (
    ("flash", flash),
    ("copy", copy),
    ("identity", identity),
    ("settings", settings),
    ("read_back", read_back),
    ("self_test", test),
    ("start", start),
    ("record", record),
)
NAMES = ("find", *(name for name, _ in STEPS))


def provision(job: Job, tell: Told) -> Known:
    """Make the board at a port a device; raise `Stopped`, or `Lost` where the same command goes on."""
    tell("find", 0.0)
    known = _again(partial(find, job), lambda: None)
    try:
        _resume(job, known)
        _note(job, known, known.done)
        for name, step in STEPS:
            if name not in known.done:
                tell(name, 0.0)
                _run(job, known, name, step, tell)
    finally:
        if known.repl is not None:
            known.repl.close()
    return known


def _run(job: Job, known: Known, name: str, step: Step, tell: Told) -> None:
    def once() -> None:
        step(job, known, lambda part: tell(name, part))

    def back_to_the_prompt() -> None:
        if known.repl is not None:
            known.repl.enter_again()

    _again(once, back_to_the_prompt)


def _again(once: Callable[[], T], prepare: Callable[[], None]) -> T:
    """Run a step; again, `_TRIES` times in all, where the line was disturbed but the board is there."""
    for left in reversed(range(_TRIES)):
        try:
            return once()
        except BoardError as error:
            refusal = _refused(error)
            if not left or refusal.sentence == "board_full":
                raise refusal from None
        except Lost:
            if not left:
                raise
        prepare()
    raise AssertionError  # pragma: no cover - the last try returns or raises


def _refused(error: BoardError) -> Stopped:
    """Return what a traceback of the board means for a person."""
    last = str(error).splitlines()[-1:]
    if last and last[0].startswith(_NO_SPACE):
        return Stopped("board_full")
    return Stopped("board_refused", why=last[0] if last else "?")


def _resume(job: Job, known: Known) -> None:
    """See whether a board that is said to be flashed answers; else begin at the beginning."""
    if known.done:
        try:
            known.repl = Repl(job.port, reset=True)
        except Lost:
            known.done = ()


def _note(job: Job, known: Known, done: tuple[str, ...]) -> None:
    job.journal.note(known.found.mac, Begun(known.planned.id, known.image.sha256, done))


def _repl(job: Job, known: Known) -> Repl:
    if known.repl is None:
        known.repl = Repl(job.port)
    return known.repl


def _program(program: Program) -> dict[str, Any]:
    return {
        "arch": program.arch,
        "sha256": program.digest,
        "frozen": program.frozen is not None,
    }


def _record(job: Job, known: Known) -> dict[str, Any]:
    """Return what is told of the device to whoever comes later; no key is in it."""
    planned, found, program = known.planned, known.found, known.program
    return {
        "version": VERSION,
        "id": planned.id,
        "role": planned.role,
        "label": planned.label,
        "place": planned.place,
        "settings": dict(planned.settings),
        "chip": found.described,
        "mac": found.mac,
        "flash_mb": found.flash_mb,
        "image": {
            "file": known.image.path.name,
            "sha256": known.image.sha256,
            "version": known.image.firmware.version,
        },
        "program": None if program is None else _program(program),
        "self_test": known.tested,
        "by_hand": job.press,
        "steps": list(NAMES),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
