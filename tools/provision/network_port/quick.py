"""Keeps pyserial from agreeing again on what has not changed, at ports over the network (RFC 2217).

pyserial negotiates speed and format anew at each change of a *timeout*, which is nobody's but its own, and
waits 0.1 s for it; esptool changes the timeout twice a command. Nothing else is touched.
"""

from serial.rfc2217 import Serial

_AGREED = "_agreed"  # on the port: the settings that the other end has confirmed
_negotiate = Serial._reconfigure_port  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other place


def install() -> None:
    """Let ports opened from now on negotiate only what is new."""
    Serial._reconfigure_port = _reconfigure_port  # type: ignore[attr-defined]  # noqa: SLF001


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
