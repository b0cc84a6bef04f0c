"""The device's end of the line to the virtual air: one call, one answer, and events while it waits.

    each way   length 4, most significant byte first | JSON
    call       [op, argument, ...]
    answer     [now in us, result, [event, ...]]

Virtual time stands still while the firmware computes and moves only in `wait`. Events are interrupts:
they are handed to the handlers of `on` before the call returns, one after the other: what happens
while a handler runs waits for its end, as the port's scheduler makes it.
"""

import json
import sys

_line = open(int(sys.argv[-1]), "r+b")  # noqa: SIM115
_handlers = {}
_pending = []
_in_interrupt = False
now_us = 0


class Refused(Exception):
    """The air does not know this call: a mistake in the shims."""


def call(op, *args):
    """Ask the air; return its result."""
    global now_us
    data = json.dumps([op] + list(args)).encode()
    _line.write(len(data).to_bytes(4, "big") + data)
    length = int.from_bytes(_read(4), "big")
    now_us, result, events = json.loads(_read(length))
    if isinstance(result, dict) and "refused" in result:
        raise Refused(result["refused"])
    _pending.extend(events)
    _serve_interrupts()
    return result


def on(kind, handler):
    """Call `handler(*rest)` for each event [kind, ...rest]."""
    _handlers[kind] = handler


def wait(until_us, wake_on_event):
    """Let time pass until `until_us` (None: without end), or with `wake_on_event` the first event."""
    while until_us is None or now_us < until_us:
        if call("wait", until_us) and wake_on_event:
            return


def advance(us):
    """Let `us` pass, as the port does where it blocks."""
    wait(now_us + us, False)


def _serve_interrupts():
    global _in_interrupt
    if _in_interrupt:
        return
    _in_interrupt = True
    try:
        while _pending:
            kind, *rest = _pending.pop(0)
            if kind in _handlers:
                _handlers[kind](*rest)
    finally:
        _in_interrupt = False


def _read(length):
    data = b""
    while len(data) < length:
        more = _line.read(length - len(data))
        if not more:
            raise SystemExit  # the air is gone, and so is this world
        data += more
    return data


hello = call("hello")  # what the chip finds at start; answered when the boot is over
boot_us = hello["boot_us"]
