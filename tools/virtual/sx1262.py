"""A virtual SX1262 as its pins show it: NSS and SPI, BUSY, DIO1, NRESET, and its power.

    NRESET low 100 us, power  -> calibrates itself, 3.5 ms BUSY -> STDBY_RC
    NSS low, bytes, NSS high  -> the command runs when NSS rises; MISO carries status, then data
    SetSleep                  -> BUSY stays high until NSS falls; then 340 us (warm) or 3.5 ms (cold)

What runs is in `sx1262_commands`, what is set in `sx1262_config`, what the radio does in
`sx1262_modem`. BUSY after a command that only sets something lasts less than MicroPython needs for its
next call (DS 8.3.1: 600 ns and some us), so it is not shown. `faults` says once what a driver did
wrong; `us_in` sums the time in each state; clauses are those of the datasheet, revision 2.1.
"""

from collections.abc import Callable

from tools.virtual.clock import Clock
from tools.virtual.lora_radio import LoraRadio
from tools.virtual.sx1262_commands import COMMANDS
from tools.virtual.sx1262_config import ALL_CALIBRATED, RC_CALIBRATED, Config, Fitting
from tools.virtual.sx1262_modem import Modem
from tools.virtual.sx1262_states import (
    FALLBACKS,
    MODES,
    OFF,
    POWER_UP_US,
    RX,
    RX_BOOSTED,
    SLEEP,
    SLEEP_WARM,
    STANDBY_RC,
    STANDBY_XOSC,
    WARM_START_US,
    BusyLine,
    kind,
    switch_us,
)

RESET_US = 100  # 8.1
XOSC_START_ERR, PLL_LOCK_ERR = 0x20, 0x40  # 13.6.1
COMMAND_DONE, BAD_COMMAND, FAILED = 1, 4, 5  # table 13-76; 1 is reserved, and what chips say
_GET_STATUS, _NOP = 0xC0, 0x00


class Sx1262:
    """One chip. Set its pins by `power`, `reset`, `select` and `transfer`; it answers by `on_` calls."""

    def __init__(self, clock: Clock, radio: LoraRadio, fitting: Fitting | None = None) -> None:
        """Stand without power, driving `radio`."""
        self.clock = clock
        self.fitting = fitting or Fitting()
        self.modem = Modem(clock, radio, self.fitting)
        self.modem.on_irq = self._interrupts
        self.modem.on_end = self._operation_over
        self.modem.on_receive = lambda: self.enter(self._receiving())
        self.faults: list[str] = []
        self.silent: int | None = None  # all that MISO says, where the chip does not answer
        self.on_dio1: Callable[[int], None] = lambda _level: None
        self.on_state: Callable[[str, str], None] = lambda _old, _new: None
        self.busy = BusyLine(clock)
        self.dio1 = 0
        self.state = OFF
        self.status = COMMAND_DONE
        self.errors = 0
        self._us_in: dict[str, int] = {}
        self._since_us = clock.now_us
        self._frame: bytearray | None = None  # what came since NSS fell; None: NSS is high
        self._deaf = False  # NSS fell when the chip was not ready
        self._reset_since_us: int | None = None

    @property
    def us_in(self) -> dict[str, int]:
        """Time in each state until now."""
        self._settle()
        return self._us_in

    def fault(self, text: str) -> None:
        """Note what a driver did wrong, once."""
        if text not in self.faults:
            self.faults.append(text)

    # Power, reset, and what an experiment does to the chip

    def power(self, level: int) -> None:
        """Give or take the supply."""
        if bool(level) == (self.state != OFF):
            return
        self.modem.stop()
        if level:
            self._start_cold()
        else:
            self.busy.hold(0)
            self.enter(OFF)
            self.modem.forget()

    def brown_out(self) -> None:
        """Lose everything for a moment."""
        self.power(0)
        self.power(1)

    def stick_busy(self) -> None:
        """Keep BUSY high until the chip is reset."""
        self.busy.rise()
        self.busy.stuck = True

    def reset(self, level: int) -> None:
        """Drive NRESET: what counts is a low of 100 us (8.1)."""
        now_us = self.clock.now_us
        if not level:
            self._reset_since_us = now_us if self._reset_since_us is None else self._reset_since_us
        elif self._reset_since_us is not None:
            low_us, self._reset_since_us = now_us - self._reset_since_us, None
            if low_us < RESET_US:
                self.fault(f"8.1: NRESET was low for {low_us} us only")
            elif self.state != OFF:
                self.modem.stop()
                self._start_cold()

    def _start_cold(self) -> None:
        self.busy.stuck = False
        self.modem.config = Config()
        self.modem.forget()
        self.errors = 0
        self.status = COMMAND_DONE
        self.enter(STANDBY_RC)
        self.busy.hold(POWER_UP_US)
        if self.modem.config.oscillator_starts(self.fitting):
            self.modem.config.calibrated = ALL_CALIBRATED
        else:  # 13.3.6: expected until SetDIO3AsTcxoCtrl and another calibration
            self.modem.config.calibrated = RC_CALIBRATED
            self.errors = XOSC_START_ERR

    # NSS and SPI

    def select(self, level: int) -> None:
        """Drive NSS."""
        if level:
            frame, self._frame = self._frame, None
            if frame:
                self._run(frame)
        elif self._frame is None:
            self._frame = bytearray()
            self._deaf = bool(self.busy.level)
            if self.state in (SLEEP, SLEEP_WARM):
                self._wake()

    def transfer(self, data: bytes) -> bytes:
        """Clock bytes in; return those that come out."""
        if self.silent is not None or self.state == OFF:
            return bytes([self.silent or 0]) * len(data)
        if self._frame is None:
            self.fault("8.2: clock without NSS")
            return bytes(len(data))
        done = len(self._frame)
        self._frame += data
        if self._deaf:
            return bytes([self._status()]) * len(data)
        command = COMMANDS.get(self._frame[0])
        end = len(self._frame)
        out = bytes([self._status()]) * end
        quiet = command.parameters + 2 if command else end  # opcode, parameters, a byte of status
        if command is not None and command.read is not None and end > quiet:
            read = command.read(self, bytes(self._frame[1 : quiet - 1]), end - quiet)
            out = out[:quiet] + read.ljust(end - quiet, b"\x00")
        return out[done:end]

    def _run(self, frame: bytearray) -> None:
        opcode = frame[0]
        if self.silent is not None or self.state == OFF or opcode == _GET_STATUS:
            return
        command = COMMANDS.get(opcode)
        name = command.name if command else f"opcode {opcode:02X}"
        if self._deaf:
            if opcode != _NOP:
                self.fault(f"8.3: {name} while BUSY")
            return
        if command is None or len(frame) - 1 < command.parameters:
            if opcode != _NOP or len(frame) != 1:
                self.fault(f"{name}: unknown, or too few parameters")
                self.status = BAD_COMMAND
            return
        if command.run is not None:
            self.status = COMMAND_DONE
            command.run(self, bytes(frame[1:]))

    def _status(self) -> int:
        return MODES.get(kind(self.state), 0) << 4 | self.status << 1

    # States

    def enter(self, state: str) -> None:
        """Be in another state from now on."""
        self._settle()
        old, self.state = self.state, state
        self.on_state(old, state)

    def start(self, state: str, then: Callable[[], None]) -> None:
        """Switch to `state` on a running oscillator, BUSY meanwhile; then do `then`."""
        self.modem.stop()
        wait_us = 0
        if self.state == STANDBY_RC:
            if not self.modem.config.oscillator_starts(self.fitting):
                self.fail(XOSC_START_ERR)
                return
            wait_us = self.modem.config.tcxo_delay_us
        if self.modem.config.calibrated & ~RC_CALIBRATED == 0 and state != STANDBY_XOSC:
            self.fail(PLL_LOCK_ERR)
            return
        wait_us += switch_us(self.state, state)
        self.enter(self._receiving() if state == RX else state)
        self.busy.hold(wait_us, then)

    def fail(self, error: int = 0) -> None:
        """Refuse to do it, and be in STDBY_RC."""
        self.errors |= error
        self.modem.stop()
        self.enter(STANDBY_RC)
        self.status = FAILED

    def standby(self) -> None:
        """Stop whatever runs."""
        self.modem.stop()
        self.enter(STANDBY_RC)

    def sleep(self, *, warm: bool) -> None:
        """Sleep until NSS falls (13.1.1)."""
        if self.state not in (STANDBY_RC, STANDBY_XOSC):
            self.fault("13.1.1: SetSleep outside standby")
        self.modem.stop()
        self.modem.forget()
        self.enter(SLEEP_WARM if warm else SLEEP)
        self.busy.rise()

    def _wake(self) -> None:
        self._deaf = True
        if self.state == SLEEP:
            self._start_cold()
        else:
            self.modem.config.warm()
            self.enter(STANDBY_RC)
            self.busy.hold(WARM_START_US)

    def _receiving(self) -> str:
        return RX_BOOSTED if self.modem.config.boosted else RX

    def _operation_over(self, status: int, *, falls_back: bool) -> None:
        self.status = status
        fallback = self.modem.config.fallback if falls_back else 0
        self.enter(FALLBACKS.get(fallback, STANDBY_RC))

    def _settle(self) -> None:
        now_us = self.clock.now_us
        self._us_in[self.state] = self._us_in.get(self.state, 0) + now_us - self._since_us
        self._since_us = now_us

    def _interrupts(self) -> None:
        level = 1 if self.modem.irq & self.modem.config.dio1_mask else 0
        if level != self.dio1:
            self.dio1 = level
            self.on_dio1(level)
