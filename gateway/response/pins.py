"""The pins of the annunciator, behind one seam: a Raspberry Pi's, or virtual ones on any computer."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from gateway.response.annunciator import Output


class PinsNotAvailable(Exception):
    """The pins cannot be had, or no longer; `reason` names the error."""

    def __init__(self, error: Exception) -> None:
        """Take what the library raised."""
        self.reason = type(error).__name__
        super().__init__(self.reason)


class Pins(Protocol):
    """The outputs of the annunciator, by their names."""

    def show(self, levels: Mapping[str, bool]) -> None:
        """Switch every output on or off; raise `PinsNotAvailable`."""

    def close(self) -> None:
        """Let go of the pins."""


class Factory(Protocol):
    """A pin factory of gpiozero, as far as it is used here."""

    def close(self) -> None:
        """Let go of all its pins."""


class Device(Factory, Protocol):
    """An output device of gpiozero."""

    value: object


class GpioPins:
    """Devices of gpiozero by name, and what they raise."""

    def __init__(
        self, devices: Mapping[str, Device], factory: Factory, errors: tuple[type[Exception], ...]
    ) -> None:
        """Take output devices, and the pin factory they are of."""
        self._devices = devices
        self._factory = factory
        self._errors = errors

    def show(self, levels: Mapping[str, bool]) -> None:
        """Switch every output on or off; raise `PinsNotAvailable`."""
        try:
            for name, on in levels.items():
                self._devices[name].value = on
        except self._errors as error:
            raise PinsNotAvailable(error) from error

    def close(self) -> None:
        """Let go of the pins: inputs again, so that nothing sounds while no gateway runs."""
        with contextlib.suppress(*self._errors):
            for device in self._devices.values():
                device.close()
            self._factory.close()


def open_pins(outputs: Sequence[Output], scratch_dir: Path, *, virtual: bool) -> GpioPins:
    """Return the pins, all off; lgpio keeps a pipe in `scratch_dir`. Raise `PinsNotAvailable`.

    `virtual`: the mock pins of gpiozero, which need no Raspberry Pi. The libraries are imported here:
    they cost 3 MB, and lgpio makes its pipe at once, where the process stands unless it is told where.
    """
    os.environ["LG_WD"] = str(scratch_dir)
    errors: tuple[type[Exception], ...] = (OSError, ImportError)
    try:
        import gpiozero  # noqa: PLC0415 - see above

        errors += (gpiozero.GPIOZeroError,)
        if virtual:
            from gpiozero.pins.mock import MockFactory as Source  # noqa: PLC0415
        else:
            import lgpio  # noqa: PLC0415

            errors += (lgpio.error,)
            from gpiozero.pins.lgpio import LGPIOFactory as Source  # noqa: PLC0415
        factory = Source()
        devices = {
            output.name: gpiozero.DigitalOutputDevice(
                output.gpio, active_high=output.active_high, pin_factory=factory
            )
            for output in outputs
        }
        return GpioPins(devices, factory, errors)
    except errors as error:
        raise PinsNotAvailable(error) from error
