"""The radio side of a virtual SX1262: transmit, receive, detect activity, and raise interrupts."""

from collections.abc import Callable
from typing import Protocol

from tools.virtual.clock import Clock, Timer
from tools.virtual.lora_radio import LoraRadio, Reception
from tools.virtual.sx1262_config import Config, Fitting

TX_DONE, RX_DONE, PREAMBLE_DETECTED, HEADER_VALID = 0x001, 0x002, 0x004, 0x010
HEADER_ERR, CRC_ERR, CAD_DONE, CAD_DETECTED, TIMEOUT = 0x020, 0x040, 0x080, 0x100, 0x200
CONTINUOUS = 0xFFFFFF
_CAD_RX = 1
_UNSWITCHED_DB = 40.0  # what gets past an antenna switch that points elsewhere; assumed
# Correlation peaks that make sense above the spreading factor: AN1200.48 has 22 at SF7 to 30 at SF12.
# Below, noise is taken for activity; above, nothing is ever found.
_PEAK_FLOOR, _PEAK_CEILING = 10, 22
_CAD_SYMBOLS = (1, 2, 4, 8, 16)
_DONE, _DATA_AVAILABLE, _TIMED_OUT, _SENT = 1, 2, 3, 6  # command status, DS table 13-76


class Ended(Protocol):
    """Hears with which status an operation ended, and whether SetRxTxFallbackMode says what follows."""

    def __call__(self, status: int, *, falls_back: bool) -> None:
        """Take it."""


class Modem:
    """One operation at a time. `on_end` hears of its end, `on_irq` of every change of interrupts."""

    def __init__(self, clock: Clock, radio: LoraRadio, fitting: Fitting) -> None:
        """Drive `radio`."""
        self.config = Config()
        self.buffer = bytearray(256)
        self.irq = 0
        self.rx_length = 0
        self.rx_pointer = 0
        self.packet_status = bytes(3)
        self.received = self.crc_errors = self.header_errors = 0
        self.lose_tx_done = 0  # how many ends of transmission go unnoticed
        self.on_irq: Callable[[], None] = lambda: None
        self.on_end: Ended = _nobody
        self.on_receive: Callable[[], None] = lambda: None  # activity detection goes over to it
        self._clock = clock
        self._radio = radio
        self._fitting = fitting
        self._continuous = False
        self._write_at = 0
        self._timer: Timer | None = None
        self._symbol_timer: Timer | None = None
        radio.on_preamble = self._preamble
        radio.on_header = self._header
        radio.on_bad_header = self._bad_header
        radio.on_packet = self._packet
        radio.on_sent = self._sent

    def stop(self) -> None:
        """End what runs, without a word."""
        self._radio.idle()
        self._stop_timer()

    def forget(self) -> None:
        """Lose what sleep loses: buffer and interrupts."""
        self.buffer = bytearray(256)
        self.irq = 0
        self.on_irq()

    def raise_irq(self, bits: int) -> None:
        """Set the interrupts that the mask lets through."""
        self.irq |= bits & self.config.irq_mask
        self.on_irq()

    def clear_irq(self, bits: int) -> None:
        """Clear interrupts."""
        self.irq &= ~bits
        self.on_irq()

    def rssi_code(self) -> int:
        """Return the power in the channel as GetRssiInst says it."""
        return max(0, min(255, round(-2 * self._radio.rssi())))

    # Transmit

    def transmit(self, timeout: int) -> None:
        """Send the payload in the buffer."""
        config = self.config
        self._radio.modulation = config.modulated()
        length = config.payload_length
        payload = bytes(self.buffer[(config.tx_base + i) & 0xFF] for i in range(length))
        dbm = float(config.dbm)
        if self._fitting.dio2_switch and not config.dio2_switch:
            dbm -= _UNSWITCHED_DB
        self._radio.transmit(payload, dbm)
        self._start_timer(timeout)

    def _sent(self) -> None:
        self._stop_timer()
        if self.lose_tx_done:
            self.lose_tx_done -= 1
            return
        self.raise_irq(TX_DONE)
        self.on_end(_SENT, falls_back=True)

    # Receive

    def receive(self, timeout: int) -> None:
        """Listen: without end for `CONTINUOUS`, for one packet for 0, else for so many steps."""
        self._radio.modulation = self.config.modulated()
        self._continuous = timeout == CONTINUOUS
        self._write_at = self.config.rx_base
        self._radio.listen()
        self._start_timer(0 if self._continuous else timeout)
        if self.config.symbol_timeout:
            wait_us = self.config.symbol_timeout * self._radio.modulation.symbol_us
            self._symbol_timer = self._clock.after(wait_us, self._no_symbols)

    def _no_symbols(self) -> None:
        if self._radio.locked is None:
            self._timed_out()

    def _preamble(self) -> None:
        if self.config.stop_on_preamble:
            self._stop_timer()
        self.raise_irq(PREAMBLE_DETECTED)

    def _header(self) -> None:
        locked = self._radio.locked
        if locked is not None and len(locked.payload) > self.config.payload_length:
            self._radio.search()  # longer than SetPacketParams accepts (DS 13.4.6.2)
            self._bad_header()
        else:
            self._stop_timer()  # DS 13.1.9: the timer stops at the header, if not before
            self.raise_irq(HEADER_VALID)

    def _bad_header(self) -> None:
        self.header_errors += 1
        self.raise_irq(HEADER_ERR)

    def _packet(self, reception: Reception) -> None:
        length = len(reception.payload)
        self.rx_length, self.rx_pointer = length, self._write_at
        damage = 0 if reception.whole else 0x55
        for i, byte in enumerate(reception.payload):
            self.buffer[(self._write_at + i) & 0xFF] = byte ^ damage
        self._write_at = (self._write_at + length) & 0xFF  # RX continuous goes on behind it
        rssi = max(0, min(255, round(-2 * reception.rssi)))
        snr = round(4 * max(reception.snr, -32.0)) & 0xFF
        signal = max(0, min(255, round(-2 * (reception.rssi + min(0.0, reception.snr)))))
        self.packet_status = bytes([rssi, snr, signal])
        self.received += 1
        self.crc_errors += not reception.whole
        self.raise_irq(RX_DONE if reception.whole else RX_DONE | CRC_ERR)
        if not self._continuous:
            self._radio.idle()
            self.on_end(_DATA_AVAILABLE, falls_back=True)

    # Activity detection

    def detect(self) -> None:
        """Look whether somebody transmits (DS 6.1.2 and 13.1.11)."""
        self._radio.modulation = self.config.modulated()
        symbol_us = self._radio.modulation.symbol_us
        symbols = _CAD_SYMBOLS[min(self.config.cad[0], 4)]
        since_us = self._clock.now_us
        # The last half symbol is for the computation.
        self._timer = self._clock.after(
            symbols * symbol_us + symbol_us // 2, lambda: self._detected(since_us)
        )

    def _detected(self, since_us: int) -> None:
        self._timer = None
        above = self.config.cad[1] - self._radio.modulation.sf
        found = self._radio.active(since_us)
        if above < _PEAK_FLOOR or above > _PEAK_CEILING:
            found = above < _PEAK_FLOOR
        exit_mode = self.config.cad[3]
        timeout = int.from_bytes(self.config.cad[4:7], "big")
        self.raise_irq(CAD_DONE | CAD_DETECTED if found else CAD_DONE)
        if found and exit_mode == _CAD_RX:
            self.receive(timeout)
            self.on_receive()
        else:
            self.on_end(_DONE, falls_back=False)

    # The timer of SetTx and SetRx

    def _start_timer(self, timeout: int) -> None:
        self._stop_timer()
        if timeout:
            self._timer = self._clock.after(timeout * 125 // 8, self._timed_out)  # 15.625 us each

    def _stop_timer(self) -> None:
        for timer in (self._timer, self._symbol_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._symbol_timer = None

    def _timed_out(self) -> None:
        self._stop_timer()
        self._radio.idle()
        self.raise_irq(TIMEOUT)
        self.on_end(_TIMED_OUT, falls_back=False)


def _nobody(status: int, *, falls_back: bool) -> None:
    del status, falls_back
