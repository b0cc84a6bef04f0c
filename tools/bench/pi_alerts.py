"""A hundred alerts through real BlueZ in a crowd: none may be lost; each stage timed by the guest's clock.

```
 /dev/vhci      bare bleak scanner's callback
     |------------------>|                              what there is without us
     |------------------------------->|                 received, on disk: the gateway's log
```
Kernel, bluetoothd and D-Bus lie in both ways. One clock, that of the guest, says when. Both are judged by
the same adverts, and the scanner has the priority that the gateway has.
"""

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from protocol import advert
from protocol.errors import ProtocolError
from protocol.kinds import STORED
from tools.bench.pi_wearer import AirWearer
from tools.demonstration.pi import PYTHON, UNIT, Pi

FOREIGN_PER_S = 100.0
_PACE_S = 0.5
_WITHIN_S = 30.0
_LISTENER = "/run/bench-listener"
_NOTES = "/run/bench-adverts"


@dataclass
class Alert:
    """One alert: its incident, its frames by counter, whether its wearer felt that it is stored."""

    incident: str
    frames: dict[int, bytes] = field(default_factory=dict)
    felt: bool = False


@dataclass(frozen=True)
class Way:
    """Milliseconds of one alert from the guest's kernel on."""

    bleak_ms: float
    stored_ms: float


@dataclass(frozen=True)
class Alerts:
    """What became of all."""

    sent: int
    stored: int
    felt: int
    foreign: int
    ways: tuple[Way, ...]

    @property
    def vs_bleak(self) -> float:
        """Return the median way to the disk, as a multiple of that to bleak's callback."""
        return self.stored_ms / self.bleak_ms

    @property
    def stored_ms(self) -> float:
        """Return the median way to the disk."""
        return statistics.median(way.stored_ms for way in self.ways)

    @property
    def bleak_ms(self) -> float:
        """Return the median way to the callback of a bare scanner."""
        return statistics.median(way.bleak_ms for way in self.ways)


def measure(pi: Pi, wearers: list[AirWearer], count: int) -> Alerts:
    """Let `wearers`, enrolled, press in turn, `count` times in all, among many other devices."""
    _listen(pi)
    pi.listen()
    begun = len(pi.said)
    said = pi.world.do(lambda: pi.crowd.said)
    pi.world.do(lambda: pi.crowd.begin(FOREIGN_PER_S))
    alerts = [_one(pi, wearers[number % len(wearers)]) for number in range(count)]
    pi.world.do(pi.crowd.stop)
    foreign = pi.world.do(lambda: pi.crowd.said) - said
    pi.listen()
    heard = times(pi.guest.run("cat", _LISTENER).splitlines(), bytes.fromhex)
    notes = times(pi.guest.run("cat", _NOTES).splitlines(), _frame_of)
    pi.guest.run("systemctl", "stop", "bench-listener.service", check=False)
    ways = [way for alert in alerts if (way := timed(alert, notes, heard, pi.said[begun:]))]
    if not ways:
        raise RuntimeError(
            "no alert was timed: the notes of the adapter or the listener's are empty"
        )
    kept = set(pi.incidents())
    stored = sum(alert.incident in kept for alert in alerts)
    return Alerts(count, stored, sum(alert.felt for alert in alerts), foreign, tuple(ways))


def timed(
    alert: Alert,
    notes: Mapping[bytes, float],
    heard: Mapping[bytes, float],
    log: Iterable[Mapping[str, str]],
) -> Way | None:
    """Return the way of the frame that raised `alert`; None where one of the three does not tell."""
    lines = [line for line in log if line.get("incident") == alert.incident]
    received = next((line for line in lines if line["event"] == "received"), None)
    stored = next((line for line in lines if line["event"] == "stored"), None)
    frame = alert.frames.get(int(received["counter"])) if received else None
    if frame is None or stored is None or frame not in notes or frame not in heard:
        return None
    begun = notes[frame]
    return Way((heard[frame] - begun) * 1e3, (float(stored["t"]) - begun) * 1e3)


def times(lines: Iterable[str], frame_of: Callable[[str], bytes]) -> dict[bytes, float]:
    """Return when each frame was first there, of lines `Unix time, hex`."""
    first: dict[bytes, float] = {}
    for line in lines:
        moment, _, data = line.partition(" ")
        if data:
            first.setdefault(frame_of(data), float(moment))
    return first


def _frame_of(data: str) -> bytes:
    try:
        return advert.from_advert(bytes.fromhex(data))
    except ProtocolError:
        return b""


def _one(pi: Pi, wearer: AirWearer) -> Alert:
    """Let one press, and wait until it is answered or will not be; then a pause."""
    alert = Alert("")

    def answered(_counter: int, stage: int) -> None:
        alert.felt = alert.felt or stage >= STORED

    def press() -> None:
        wearer.on_answer = answered
        wearer.on_frame = alert.frames.__setitem__
        alert.incident = wearer.press()

    pi.world.do(press)
    pi.wait(lambda: alert.felt, _WITHIN_S)
    pi.pause(_PACE_S)
    return alert


def _listen(pi: Pi) -> None:
    """Start a bare scanner beside the gateway, in the mode that the gateway has."""
    pi.guest.sh(f"rm -f {_LISTENER}; : > {_NOTES}")
    nice = pi.guest.run("systemctl", "show", "-P", "Nice", UNIT).strip()
    unit = ["systemd-run", "--quiet", "--unit", "bench-listener", "--collect", f"--nice={nice}"]
    pi.guest.run(*unit, PYTHON, "/opt/bench/listener.py", "passive", _LISTENER)
    pi.until(f"grep -q ready {_LISTENER}")
