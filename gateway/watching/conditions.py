"""Faults of devices that the gateway finds itself: old firmware, a weak link. Pure."""

from gateway.frames.device_state import DeviceState
from gateway.ledger import Batch
from gateway.watching.device_faults import Finding, turn
from gateway.watching.link_quality import Weak, weak

_BUILDS = 128  # a heartbeat tells the lowest 7 bits (SPEC 4.2)
FIRMWARE_OLD = "firmware_old"
WEAK_LINK = "weak_link"


class Conditions:
    """The watcher of what each heartbeat and its reception tell. `newest_build` 0: none is known."""

    def __init__(self, newest_build: int, weak_below: Weak) -> None:
        """Take what is new enough, and what is strong enough."""
        self._newest_build = newest_build
        self._weak = weak_below

    def judge(self, batch: Batch) -> float:
        """Judge the devices that were heard in this batch; nothing is ever due."""
        for name, state in batch.states.items():
            if name in batch.known.states and name not in batch.unenrolled:
                self._judge_build(batch, name, state)
                self._judge_link(batch, name, state)
        return float("inf")

    def _judge_build(self, batch: Batch, name: str, state: DeviceState) -> None:
        build = state.told.build
        if not self._newest_build or build is None:
            return
        behind = (self._newest_build - build) % _BUILDS
        found = Finding(name, FIRMWARE_OLD, batch.at, build)
        turn(batch, found, wrong=0 < behind < _BUILDS // 2)

    def _judge_link(self, batch: Batch, name: str, state: DeviceState) -> None:
        medium = state.signs.medium
        if medium is None:
            return
        was_weak = batch.standing_of(name, WEAK_LINK) is not None
        limit_dbm = self._weak.limit_dbm(medium)
        wrong = weak(state.signs.heard_dbm, limit_dbm, was_weak=was_weak)
        if wrong is not None and wrong != was_weak:
            detail = ("medium", medium), ("dbm", state.signs.heard_dbm[-1])
            turn(batch, Finding(name, WEAK_LINK, batch.at, 0, detail), wrong=wrong)
