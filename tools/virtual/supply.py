"""What a board draws from its battery, the brown-out when it draws too much, and the divider to its ADC.

The detector resets the chip when its supply falls below a level; the port calls that a start by power. The
load is gone with the reset, the cell recovers, and the board starts again: into the same sag, where the
firmware does not know better.
"""

from collections.abc import Callable, Mapping

from tools.virtual.battery import Battery
from tools.virtual.energy import ADVERTISING, BLE_TX, OFF, Energy

DROPOUT_MV = 100  # of the regulator between cell and chip, at these loads


class Supply:
    """A battery under a board. `loads` are mA of each state of `Energy`."""

    def __init__(
        self,
        battery: Battery,
        loads: Mapping[str, float],
        energy: Energy,
        now_us: Callable[[], int],
        brown_out_mv: int,
    ) -> None:
        """Draw from `battery` from now on."""
        self.battery = battery
        self.brown_outs = 0
        self._loads = loads
        self._energy = energy
        self._now_us = now_us
        self._since_us = now_us()
        self._brown_out_mv = brown_out_mv

    def load_ma(self) -> float:
        """Return what the board draws now, on average."""
        states = self._energy.on()
        return sum(self._loads.get(name, 0.0) * share for name, share in states.items())

    def peak_ma(self) -> float:
        """Return what it draws at its worst moment."""
        states = self._energy.on()
        peak = sum(self._loads.get(name, 0.0) for name in states)
        return peak + (self._loads.get(BLE_TX, 0.0) if ADVERTISING in states else 0.0)

    def settle(self) -> None:
        """Take the charge used since the last time; called before each change of state."""
        now_us = self._now_us()
        self.battery.draw(self.load_ma(), now_us - self._since_us)
        self._since_us = now_us

    def holds(self) -> bool:
        """Say whether the chip's supply stays above its brown-out level."""
        if self._energy.cpu == OFF:
            return True
        return self.battery.volts_mv(self.peak_ma()) - DROPOUT_MV >= self._brown_out_mv

    def recovers(self) -> bool:
        """Say whether it would without any load."""
        return self.battery.open_mv() - DROPOUT_MV >= self._brown_out_mv

    def volts_mv(self) -> float:
        """Return the voltage of the cell now, under its load."""
        self.settle()
        return self.battery.volts_mv(self.load_ma())
