"""What can be wrong with bytes from the air or the serial line, each with a stable reason."""


class ProtocolError(Exception):
    """The sender is to blame. It is counted by `reason` and changes nothing else."""

    reason = "protocol"


class Malformed(ProtocolError):
    """The length or the layout is not one SPEC.md allows."""

    reason = "malformed"


class UnknownDevice(ProtocolError):
    """No enrolled device is expected to send this hint now."""

    reason = "unknown_device"


class BadTag(ProtocolError):
    """The hint is known, the tag is not that of the device."""

    reason = "bad_tag"


class CounterReuse(ProtocolError):
    """Authentic, but this counter was accepted before with other bytes: a clone or a rollback."""

    reason = "counter_reuse"


class TooOld(ProtocolError):
    """Authentic, but below the window of counters that can still be told apart."""

    reason = "too_old"
