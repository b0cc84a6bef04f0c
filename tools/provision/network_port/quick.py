"""Keeps pyserial from waiting where nobody has to, at ports over the network (RFC 2217).

It negotiates speed and format anew at each change of a timeout, which is its own affair; esptool changes it
twice a command. And it looks every 50 ms whether the other end has confirmed a change of a line, of which a
reset has six. Its close leaves the socket open where the other end was faster. Nothing else is touched.
"""

import time
from types import SimpleNamespace

from serial import rfc2217
from serial.rfc2217 import Serial

_POLL_S, _QUICK_POLL_S = 0.05, 0.005
_AGREED = "_agreed"  # on the port: the settings that the other end has confirmed
_close = Serial.close
_negotiate = Serial._reconfigure_port  # type: ignore[attr-defined]  # noqa: SLF001 - no other place


def install() -> None:
    """Let ports opened from now on negotiate only what is new, and look more often."""
    Serial._reconfigure_port = _reconfigure_port  # type: ignore[attr-defined]  # noqa: SLF001
    Serial.close = _close_all  # type: ignore[assignment,method-assign]
    rfc2217.time = SimpleNamespace(sleep=_sleep)  # type: ignore[attr-defined]


def _close_all(port: Serial) -> None:
    socket = port._socket  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        _close(port)
    finally:
        if socket is not None:
            socket.close()


def _sleep(seconds: float) -> None:
    time.sleep(_QUICK_POLL_S if seconds == _POLL_S else seconds)


def _reconfigure_port(port: Serial) -> None:
    socket = port._socket  # type: ignore[attr-defined]  # noqa: SLF001
    wanted = (id(socket), *port.get_settings().items())
    settled = tuple(
        item for item in wanted if not (isinstance(item, tuple) and "timeout" in item[0])
    )
    if port.write_timeout is None and getattr(port, _AGREED, None) == settled:
        return
    _negotiate(port)
    setattr(port, _AGREED, settled)
