"""The device's end of the line to the virtual air: one call, one answer, and events while it waits.

    each way   length 4, most significant byte first | JSON
    call       [[op, argument, ...], ...]    the last one is answered
    answer     [now in us, result, [event, ...]]

Virtual time stands still while the firmware computes and moves only in `wait`. Events are interrupts:
they are handed to the handlers of `on` before the call returns, one after the other: what happens
while a handler runs waits for its end, as the port's scheduler makes it.

The text of calls and answers goes through buffers made once: firmware in a small heap feels little of it.
"""

import binascii
import io
import json
import sys

_ROOM = 2048  # a longer text has a buffer of its own

_line = open(int(sys.argv[-1]), "r+b")  # noqa: SIM115
_text = io.BytesIO(_ROOM)
_buffer = bytearray(_ROOM)
_head = bytearray(4)
_handlers = {}
_pending = []
_posted = []
_in_interrupt = False
now_us = 0


class Refused(Exception):
    """The air does not know this call: a mistake in the shims."""


def post(*told):
    """Tell the air what needs no answer: it goes before the next call, no time passes between."""
    _posted.append(told)


def call(*asked):
    """Ask the air for (op, argument, ...); return its result."""
    _posted.append(asked)
    _text.seek(4)
    json.dump(_posted, _text)
    return _answered()


def give(data, *asked):
    """Ask the air for (op, argument, ..., data in hexadecimal) without a text of `data` in the heap."""
    _posted.append(asked)
    _text.seek(4)
    json.dump(_posted, _text)
    _text.seek(-2, 1)  # behind the last argument
    _text.write(', "')
    for at in range(0, len(data), 16):
        _text.write(binascii.hexlify(memoryview(data)[at : at + 16]))
    _text.write('"]]')
    return _answered()


def _answered():
    global now_us
    _posted.clear()
    _send(_text.tell())
    now_us, result, events = json.loads(_receive())
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


def _send(length):
    """Send what is in `_text`, its length before it."""
    _text.seek(0)
    _text.write((length - 4).to_bytes(4, "big"))
    _text.seek(0)
    data = _space(length)
    _text.readinto(data)
    _line.write(data)


def _receive():
    """Return the text of an answer; it is gone at the next call."""
    _fill(_head)
    data = _space(int.from_bytes(_head, "big"))
    _fill(data)
    return data


def _fill(data):
    count = 0
    while count < len(data):
        more = _line.readinto(memoryview(data)[count:])
        if not more:
            raise SystemExit  # the air is gone, and so is this world
        count += more


def _space(length):
    return memoryview(_buffer)[:length] if length <= _ROOM else memoryview(bytearray(length))


hello = call("hello")  # what the chip finds at start; answered when the boot is over
boot_us = hello["boot_us"]
