"""Was a frame received as it was sent? Fresh, delayed or unverified, and what is learnt of the clock. Pure.

Write o(t) for gateway time less device time, as it truly is. The device counts 0.95 to 1.05 s a second,
so o changes by at most 5 % of any time. A frame sent at t and received d later shows

    o(t) + d + q        0 <= q < 16: device time is told in steps of 16 s

Two observations carry everything.

1  No frame shows less than the truth, and a delay of d outweighs the drift during d. So what a frame
   shows, rising 5 % a second from its reception on, lies above o for ever: a line. The lowest line of
   all frames does, too, and all lines are parallel: one is kept, whoever it comes from. A frame not
   delayed stands less than 16 s above o, hence never more than 16 s above the lowest line.
2  A certified frame x was received within 8 s. So its line is less than 24 s above o then, and the
   lowest line is not higher. A frame at most 24 s above the lowest line is late by less than
   24 + 24 s + 10 % of the time since x: 5 % the line has risen, 5 % o may have fallen.

What certifies. That a device heard *an* answer proves nothing to one gateway of several: another may
have answered in time while this one got the frame an hour later. Nor does a stage that was felt, which
names no frame. The device therefore says whose answers to the frame just before this one it heard within
8 s. An answer to a counter cannot be made before that frame was received, so a gateway named there had
it within 8 s. A certified frame *replaces* the line: this mends a clock of the gateway that was wrong,
or a device beyond 5 %, and it is sound, because it is proof of its own.

Which run of the clock. A line holds for one run. After a restart a device goes on at least 33 counters
above every frame that told a known time (SPEC 5.1), so two such frames at most 32 apart are of one run,
whatever was lost between them. A gateway that never heard a "2047" of the new run is not deceived.

Which turn. Device time turns over every 32,752 s. Counted from the last fresh frame, the least time that
may have passed makes a frame look latest: if it is fresh even so, it is fresh. Otherwise whole turns are
added as far as the counters allow; if one of these would be fresh nobody can tell: unverified.
"""

import math
from typing import NamedTuple

from gateway.events import Freshness, Uplink
from gateway.frames.device_clock import DeviceClock, Heard, Line
from protocol.constants import RESERVE, TIME_MODULUS, TIME_UNIT_S, TIME_UNKNOWN
from protocol.kinds import PAGES
from protocol.messages import Heartbeat, Message, Unknown

TURN_S = TIME_UNIT_S * TIME_MODULUS
WITHIN_S = 8  # from sending to the answer, where an answer certifies
SLACK_S = TIME_UNIT_S + WITHIN_S
DRIFT = 20  # a clock gains or loses at most one part of so many
CERTIFIED_FOR_S = 86_400
MARK_PAGES = (1, 3, 5, 7)  # pages of a heartbeat that tell whose answers were heard


class Told(NamedTuple):
    """What a frame tells of time. `time` None: its kind is unknown.

    `heard`: it proves that this gateway's answer to the counter before was heard at once.
    """

    counter: int
    time: int | None
    in_order: bool
    heard: bool = False


def told_by(uplink: Uplink, mark: int) -> Told:
    """Return what `uplink` tells to the gateway with `mark`, 1 to 7 or, for none, 0 (SPEC 5.3)."""
    message = uplink.message
    heard = proves_heard(message, uplink.counter, mark)
    return Told(uplink.counter, _time_of(message), uplink.in_order, heard)


def judge(
    clock: DeviceClock, told: Told, heartbeat_s: int, now: float
) -> tuple[Freshness, DeviceClock]:
    """Return the verdict on an authentic frame received `now`, and the clock as known from then on.

    `now` is gateway time, which is never set while the gateway runs (SPEC 5.2).
    """
    if told.time is None:
        return Freshness.UNVERIFIED, clock
    if not told.in_order:
        return _judge_older(clock.line, told.counter, told.time, heartbeat_s, now), clock
    if told.time == TIME_UNKNOWN:
        return Freshness.UNVERIFIED, DeviceClock()
    verdict, line = _judge_next(_continue(clock, told), told.counter, told.time, heartbeat_s, now)
    return verdict, DeviceClock(Heard(told.counter, told.time, now), line)


def may_be_certified(counter: int) -> bool:
    """Say whether the heartbeat behind the frame `counter` will tell whose answers to it were heard."""
    return (counter + 1) % PAGES in MARK_PAGES


def may_end(verdict: Freshness, *, in_order: bool) -> bool:
    """Say whether a frame may apply cancel, visit_start, visit_end, restore, or count as heard."""
    return in_order and verdict is Freshness.FRESH


def proves_heard(message: Message, counter: int, mark: int) -> bool:
    """Say whether `message` tells that the answer of the gateway with `mark` was heard."""
    return (
        isinstance(message, Heartbeat)
        and counter % PAGES in MARK_PAGES
        and message.heard == 1
        and bool(message.data << 1 >> mark & 1)  # bit 0 stands for mark 1; nothing for mark 0
    )


def ends(uplink: Uplink) -> bool:
    """Say the same of a frame that was judged."""
    return may_end(uplink.freshness, in_order=uplink.in_order)


def freshest(one: Freshness, other: Freshness) -> Freshness:
    """Return the verdict to keep of two: what is unverified may have been fresh."""
    order = list(Freshness)
    return min(one, other, key=order.index)


def _time_of(message: Message) -> int | None:
    if isinstance(message, Unknown):
        return None
    time: int = getattr(message, "time", TIME_UNKNOWN)
    return time


def _continue(clock: DeviceClock, told: Told) -> Line | None:
    """Return the line the next frame is judged by, none where the clock may have restarted."""
    last, line = clock.last, clock.line
    if last is None or told.counter - last.counter > RESERVE:
        return None
    if not told.heard or told.counter != last.counter + 1:
        return line
    since = last.counter if line is None else line.since
    offset = last.at - TIME_UNIT_S * last.time
    return Line(since, last.counter, last.time, offset, last.at, last.at)


def _judge_next(
    line: Line | None, counter: int, time: int, heartbeat_s: int, now: float
) -> tuple[Freshness, Line | None]:
    if line is None or now - line.certified_at > CERTIFIED_FOR_S:
        return Freshness.UNVERIFIED, line
    verdict = _judge_later(line, counter, time, heartbeat_s, now)
    if verdict is Freshness.FRESH:
        return verdict, _followed(line, counter, time, now)
    if _late_s(line, _passed_s(line, time), now) < _earliest_s(line, now):
        return verdict, None  # no clock of this run can show that
    return verdict, line


def _judge_older(
    line: Line | None, counter: int, time: int, heartbeat_s: int, now: float
) -> Freshness:
    """Judge a frame below the highest accepted one: it may be fresh, but it teaches nothing."""
    if (
        line is None
        or time == TIME_UNKNOWN
        or counter < line.since
        or now - line.certified_at > CERTIFIED_FOR_S
    ):
        return Freshness.UNVERIFIED
    if counter > line.counter:
        return _judge_later(line, counter, time, heartbeat_s, now)
    back_s = (line.time - time) % TIME_MODULUS * TIME_UNIT_S
    late_s = _late_s(line, -back_s, now)
    if late_s > _tolerance_s(now - line.at):
        return Freshness.DELAYED  # and a turn more would make it later
    once_more = back_s + TURN_S <= _longest_s(line.counter - counter, heartbeat_s)
    possible = late_s >= _earliest_s(line, now)
    return Freshness.FRESH if possible and not once_more else Freshness.UNVERIFIED


def _judge_later(line: Line, counter: int, time: int, heartbeat_s: int, now: float) -> Freshness:
    """Judge a frame sent after the last fresh one: the least time since then makes it latest."""
    passed_s = _passed_s(line, time)
    late_s = _late_s(line, passed_s, now)
    tolerance_s = _tolerance_s(now - line.at)
    turns = max(0, math.ceil((late_s - tolerance_s) / TURN_S))
    if late_s - turns * TURN_S < _earliest_s(line, now):
        return Freshness.DELAYED if turns else Freshness.UNVERIFIED
    if turns == 0:
        return Freshness.FRESH
    longest_s = _longest_s(counter - line.counter, heartbeat_s)
    possible = passed_s + turns * TURN_S <= longest_s
    return Freshness.UNVERIFIED if possible else Freshness.DELAYED


def _followed(line: Line, counter: int, time: int, now: float) -> Line:
    """Go on from a fresh frame, and lower the line to it where it stands below."""
    turned_s = TIME_UNIT_S * (line.time - time) + _passed_s(line, time)  # 0, or a turn
    line = line._replace(counter=counter, time=time, offset=line.offset + turned_s)
    shown = now - TIME_UNIT_S * time
    if DRIFT * (shown - line.offset) < now - line.at:
        return line._replace(offset=shown, at=now)
    return line


def _passed_s(line: Line, time: int) -> int:
    """Return the least time of the device from the last fresh frame to a later one at `time`."""
    return (time - line.time) % TIME_MODULUS * TIME_UNIT_S


def _late_s(line: Line, passed_s: int, now: float) -> float:
    """Return how far above where the line began a frame stands, sent `passed_s` after the last fresh."""
    return now - (TIME_UNIT_S * line.time + passed_s) - line.offset


def _tolerance_s(age_s: float) -> float:
    return SLACK_S + max(age_s, 0.0) / DRIFT


def _earliest_s(line: Line, now: float) -> float:
    """Return how far below a line the truth may be: the line was not certified where it began."""
    return -2 * _tolerance_s(now - line.certified_at)


def _longest_s(counters: int, heartbeat_s: int) -> float:
    """Return the longest time of the device that `counters` can have taken (SPEC 5.1)."""
    return counters * (1.5 * heartbeat_s + TIME_UNIT_S) + TIME_UNIT_S
