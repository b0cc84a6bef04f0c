"""What a person has ordered a device to do, until it reports or the time is over (SPEC 7.2). Pure.

    ordered ---- sent ---- done | refused     the device has reported
       |          | again                     behind another frame, or 12 s later where it listens always
       +----------+------- unheard            no report in time: it may have been done all the same

A call box listens always and is told at once; a button behind its next frame, unless that is of an alert
or a visit. Orders live in memory: a restart of the gateway ends them, and the journal knows no end then.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

from gateway.drafts import Command, Entry, Pending
from gateway.events import Order, Uplink
from gateway.frames.device import Device
from gateway.frames.hearing import LISTENS_S, Back
from gateway.ledger import Batch
from protocol.kinds import IDENTIFY, LIGHT, SIREN, WALK_TEST
from protocol.messages import Report
from protocol.names import COMMAND_NAMES

HAD_BY = {
    "button": (IDENTIFY, WALK_TEST),
    "call_box": (SIREN, LIGHT, IDENTIFY, WALK_TEST),
}
AGAIN_S = 12.0  # a radio head has given it up by then
WAITING_MAX = 8  # for one device
_NUMBERS = 2  # a gateway has for one counter: its mark, and 8 more


def take(batch: Batch, order: Order) -> str:
    """Let a device be told; return "done", which is that it waits for that, or why not."""
    device = batch.devices.get(order.device) or batch.known.devices.get(order.device)
    if device is None:
        return "unknown_device"
    if order.op not in HAD_BY[device.role]:
        return "not_had"
    if len([one for one in _waiting(batch) if one.order.device == order.device]) >= WAITING_MAX:
        return "too_many"
    batch.orders[order.id] = Pending(order, batch.now + order.within_s)
    _journal(batch, order, "ordered", order.at, {"by": order.by, "value": order.arg})
    return "done"


def take_report(batch: Batch, uplink: Uplink, report: Report) -> None:
    """End the order that a device reports on; what it was never told it cannot have done."""
    for pending in _waiting(batch):
        told = pending.order.device == uplink.device and 0 <= pending.counter < uplink.counter
        if told and pending.order.op == report.op and report.seq in pending.seqs:
            _end(batch, pending, "order_done" if report.ok else "order_refused", uplink.received.at)
            return


def judge(batch: Batch) -> float:
    """Send the first order of each device that can hear it, end what is over; return when to come back."""
    due_s, first = math.inf, set()
    for pending in list(_waiting(batch)):
        name = pending.order.device
        device = batch.devices.get(name) or batch.known.devices.get(name)
        if device is None or name in batch.unenrolled or batch.now >= pending.until_s:
            _end(batch, pending, "order_unheard", batch.at)
            continue
        due_s = min(due_s, pending.until_s)
        if name not in first:
            first.add(name)
            due_s = min(due_s, _tell(batch, device, pending))
    return due_s


def _waiting(batch: Batch) -> Iterator[Pending]:
    """Yield the orders that are not over after this batch, oldest first."""
    for pending in (batch.known.orders | batch.orders).values():
        if pending is not None:
            yield pending


def _tell(batch: Batch, device: Device, pending: Pending) -> float:
    """Send an order if the device listens now; return when that may be next, where only time tells."""
    counter = batch.state(device.id).window.highest
    if not device.listens_always:
        if _listens_behind(batch, device.id, counter):
            _send(batch, pending, counter)
        return math.inf
    if not _heard_lately(batch, device.id):
        return math.inf
    again_s = pending.sent_s + AGAIN_S
    if counter != pending.counter or batch.now >= again_s:
        return _send(batch, pending, counter) + AGAIN_S
    return again_s


def _listens_behind(batch: Batch, device: str, counter: int) -> bool:
    """Say whether the frame just heard asks for nothing that is more urgent than an order."""
    want = batch.wants.get(device)
    if want is None or want.pushed or want.visit or want.incident is not None:
        return False
    return want.counter == counter


def _heard_lately(batch: Batch, device: str) -> bool:
    contact_at = batch.state(device).contact_at
    return contact_at is not None and 0 <= batch.at - contact_at <= LISTENS_S


def _send(batch: Batch, pending: Pending, counter: int) -> float:
    """Send an order for `counter`; return the time, `now`.

    Each time under a number of its own, for its report may have been lost, and doing it again does no
    harm. Where all are used up, the very same again: that is done only where it was not heard before.
    """
    order, seqs = pending.order, pending.seqs
    used = batch.numbers_given(order.device, counter)
    if used < _NUMBERS:
        seqs = (*seqs, batch.known.bearing.mark + 8 * used)
        batch.given[order.device] = counter, used + 1
    elif counter != pending.counter:
        return batch.now  # the next frame has numbers of its own
    batch.orders[order.id] = replace(pending, counter=counter, seqs=seqs, sent_s=batch.now)
    state = batch.state(order.device)
    back = Back(state.heard_by or "", state.medium or "", -math.inf)
    said = Command(order.device, counter, order.op, order.arg, seqs[-1], back)
    batch.commands[order.device] = said
    _journal(batch, order, "order_sent", batch.at, {"counter": counter})
    return batch.now


def _end(batch: Batch, pending: Pending, name: str, at: float) -> None:
    batch.orders[pending.order.id] = None
    _journal(batch, pending.order, name, at, {"by": pending.order.by})


def _journal(batch: Batch, order: Order, name: str, at: float, detail: dict[str, object]) -> None:
    about = {"order": order.id, "command": COMMAND_NAMES[order.op], **detail}
    batch.journal.append(Entry(name, at, None, order.device, about))
