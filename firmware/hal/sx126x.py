"""The SX1262 LoRa transceiver: its commands over SPI, its BUSY and its DIO1. No decisions.

Everything a command needs is made beforehand: sending, listening and reading allocate nothing. An
operation is started here and ends with a flag on DIO1, which sets the wake flag; `flags` tells which.
DS is the SX1261/2 data sheet, revision 2.1.
"""

import machine
from micropython import const

from firmware.hal.sx126x_bus import ChipSilent, Sx126xBus
from firmware.hal.wait import WakeFlag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.boards.pins import LoraPins

# Interrupts, DS table 13-29
TX_DONE = const(0x0001)
RX_DONE = const(0x0002)
PREAMBLE = const(0x0004)
HEADER = const(0x0010)
HEADER_ERROR = const(0x0020)
CRC_ERROR = const(0x0040)
CAD_DONE = const(0x0080)
CAD_DETECTED = const(0x0100)
_ALL_FLAGS = const(0x01F7)

# Modes of the chip in its status byte, DS table 13-76
STANDBY = const(2)
RECEIVING = const(5)

# Commands, DS table 11-1 to 11-5
_CLEAR_IRQ = const(0x02)
_CLEAR_ERRORS = const(0x07)
_SET_DIO_IRQ = const(0x08)
_WRITE_BUFFER = const(0x0E)
_GET_IRQ = const(0x12)
_GET_RX_BUFFER = const(0x13)
_GET_PACKET_STATUS = const(0x14)
_GET_RSSI = const(0x15)
_READ_BUFFER = const(0x1E)
_SET_STANDBY = const(0x80)
_SET_RX = const(0x82)
_SET_TX = const(0x83)
_SET_FREQUENCY = const(0x86)
_SET_CAD_PARAMS = const(0x88)
_CALIBRATE = const(0x89)
_SET_PACKET_TYPE = const(0x8A)
_SET_MODULATION = const(0x8B)
_SET_PACKET = const(0x8C)
_SET_TX_PARAMS = const(0x8E)
_SET_BUFFER_BASE = const(0x8F)
_SET_PA = const(0x95)
_SET_REGULATOR = const(0x96)
_SET_TCXO = const(0x97)
_CALIBRATE_IMAGE = const(0x98)
_SET_RF_SWITCH = const(0x9D)
_SET_CAD = const(0xC5)

# Registers, DS table 12-1 and 9.6
_RETAINED = const(0x029F)
_IQ_POLARITY = const(0x0736)
_SYNC_WORD = const(0x0740)
_TX_MODULATION = const(0x0889)
_RX_GAIN = const(0x08AC)
_TX_CLAMP = const(0x08D8)
_OCP = const(0x08E7)

_CLAMP_BITS = const(0x1E)
_HEADER_LEN = const(3)  # command, offset, status
_TCXO_STARTS_US = const(5_000)
_TCXO_MV = (1600, 1700, 1800, 2200, 2400, 2700, 3000, 3300)  # DS table 13-35
_PA = ((14, 2, 2), (17, 2, 3), (20, 3, 5), (22, 4, 7))  # dBm, duty cycle, hpMax: DS table 13-21
# Semtech AN1200.48: symbols (1: two, 2: four) and least peak of a detection, SF 7 to 12 at 125 kHz
_CAD = ((1, 22), (1, 22), (2, 23), (2, 24), (2, 25), (2, 28))


class Sx126x:
    """One chip. Every method may raise `ChipSilent`; `start` begins anew."""

    def __init__(self, pins: "LoraPins", flag: WakeFlag) -> None:
        """Take the pins; a flag of the chip sets `flag`."""
        self._pins = pins
        self._flag = flag
        self.rssi = 0  # dBm of the frame read last
        self.snr = 0  # dB
        self._modulation = 0
        self._bus = Sx126xBus(pins)
        self._data = self._bus.data
        self._dio1 = machine.Pin(pins.dio1, machine.Pin.IN)
        self._dio1.irq(self._edge, machine.Pin.IRQ_RISING)

    def start(self) -> None:
        """Reset the chip, calibrate and configure it but for the channel; it is in standby then."""
        self._bus.reset()
        self.standby()
        self._set_clocks()
        self._set_modem()
        if not self.holds(STANDBY):
            raise ChipSilent

    def set_channel(self, hz: int, sf: int, dbm: int) -> None:
        """Set carrier, spreading factor and power at the antenna; only in standby."""
        high = hz // 15_625  # hz 2^25 / 32 MHz, DS 13.4.1, without a large number
        steps = (high << 14) + ((hz - high * 15_625) << 14) // 15_625
        self._data[4] = steps & 0xFF
        self._bus.command(5, _SET_FREQUENCY, steps >> 24, steps >> 16 & 0xFF, steps >> 8 & 0xFF)
        self._set_power(min(dbm, self._pins.max_dbm))
        self._data[4] = 1 if sf >= 11 else 0  # low data rate optimisation
        self._bus.command(5, _SET_MODULATION, sf, 4, 1)  # 125 kHz, 4/5
        symbols, peak = _CAD[sf - 7]
        for i in range(4, 8):
            self._data[i] = 0  # afterwards to standby, without a timeout
        self._bus.command(8, _SET_CAD_PARAMS, symbols, peak, 10)

    def standby(self) -> None:
        """Stop whatever it does."""
        self._bus.command(2, _SET_STANDBY, 0)

    def transmit(self, frame: bytearray, length: int) -> None:
        """Put `frame` on air: `TX_DONE` is its end."""
        self.standby()
        self._set_packet(length)
        # DS 15.1: before each transmission
        self._bus.write_register(_TX_MODULATION, self._modulation)
        for i in range(length):
            self._data[2 + i] = frame[i]
        self._bus.command(2 + length, _WRITE_BUFFER, 0, self._data[2], self._data[3])
        self._clear_flags(_ALL_FLAGS)
        self._bus.command(4, _SET_TX)

    def receive(self) -> None:
        """Listen until something else is begun: `RX_DONE` tells of a frame."""
        self.standby()
        self._set_packet(0xFF)
        self._clear_flags(_ALL_FLAGS)
        self._bus.command(4, _SET_RX, 0xFF, 0xFF, 0xFF)

    def look(self) -> None:
        """Detect activity on the channel: `CAD_DONE`, with `CAD_DETECTED` where there is some."""
        self.standby()
        self._clear_flags(_ALL_FLAGS)
        self._bus.command(1, _SET_CAD)

    def sleep(self) -> None:
        """Sleep; the next command finds it configured (DS 9.3)."""
        self.standby()
        self._bus.sleep(True)

    def park(self) -> None:
        """Sleep while the board sleeps deeply; only `start` brings it back."""
        self.standby()
        self._bus.park()

    def raised(self) -> bool:
        """Say whether it has flags to tell."""
        return self._dio1.value() == 1

    def flags(self) -> int:
        """Return its flags and clear them."""
        self._bus.command(4, _GET_IRQ)
        flags = self._data[2] << 8 | self._data[3]
        self._clear_flags(flags)
        return flags

    def read(self, frame: bytearray) -> int:
        """Copy the payload that came in last, set `rssi` and `snr`; return its length.

        What is longer than `frame` is not copied.
        """
        self._bus.command(4, _GET_RX_BUFFER)
        length = self._data[2]
        if length > len(frame):
            return length
        self._bus.command(_HEADER_LEN + length, _READ_BUFFER, self._data[3])
        for i in range(length):
            frame[i] = self._data[_HEADER_LEN + i]
        self._bus.command(5, _GET_PACKET_STATUS)
        self.rssi = -(self._data[2] >> 1)
        snr = self._data[3]
        self.snr = (snr - 256 if snr > 127 else snr) >> 2
        return length

    def rssi_now(self) -> int:
        """Return the signal strength at this moment in dBm; only while it listens."""
        self._bus.command(3, _GET_RSSI)
        return -(self._data[2] >> 1)

    def holds(self, mode: int) -> bool:
        """Say whether it answers, is in `mode` and still has what `start` wrote.

        Not by GetStatus: right after SetRx that command has been seen to start an endless transmission.
        """
        value = self._bus.read_register(_TX_CLAMP)
        return value & _CLAMP_BITS == _CLAMP_BITS and self._data[3] >> 4 & 7 == mode

    def _set_clocks(self) -> None:
        if self._pins.tcxo_mv:
            steps = _TCXO_STARTS_US * 64 // 1000  # of 15.625 us
            self._data[4] = steps & 0xFF
            trim = _TCXO_MV.index(self._pins.tcxo_mv)
            self._bus.command(5, _SET_TCXO, trim, steps >> 16, steps >> 8 & 0xFF)
            self._bus.command(3, _CLEAR_ERRORS)  # it had none when it started, DS 13.3.6
        self._bus.command(2, _CALIBRATE, 0x7F)
        self._bus.command(2, _SET_REGULATOR, 1)  # DC-DC
        self._bus.command(2, _SET_RF_SWITCH, 1 if self._pins.dio2_switch else 0)

    def _set_modem(self) -> None:
        self._bus.command(2, _SET_PACKET_TYPE, 1)  # LoRa
        self._bus.command(3, _CALIBRATE_IMAGE, 0xD7, 0xDB)  # 863 to 870 MHz, DS table 9-2
        self._bus.command(3, _SET_BUFFER_BASE, 0, 0)
        self._set_packet(0xFF)
        self._bus.write_register(_SYNC_WORD, 0x14)
        self._bus.write_register(_SYNC_WORD + 1, 0x24)
        self._bus.write_register(_IQ_POLARITY, self._bus.read_register(_IQ_POLARITY) | 4)  # DS 15.4
        self._bus.write_register(
            _TX_CLAMP, self._bus.read_register(_TX_CLAMP) | _CLAMP_BITS
        )  # DS 15.2
        self._modulation = self._bus.read_register(_TX_MODULATION) | 4  # DS 15.1, below 500 kHz
        self._bus.write_register(_RX_GAIN, 0x96)  # boosted: 2 dB better
        self._bus.write_register(_RETAINED, 1)  # and kept in sleep, DS 9.6
        self._bus.write_register(_RETAINED + 1, _RX_GAIN >> 8)
        self._bus.write_register(_RETAINED + 2, _RX_GAIN & 0xFF)
        self._data[4] = _ALL_FLAGS & 0xFF
        for i in range(5, 9):
            self._data[i] = 0  # DIO2 and DIO3 show none
        self._bus.command(9, _SET_DIO_IRQ, _ALL_FLAGS >> 8, _ALL_FLAGS & 0xFF, _ALL_FLAGS >> 8)

    def _set_power(self, dbm: int) -> None:
        """Choose the smallest amplifier that does it: each is best at 22 (DS 13.1.14.1)."""
        for most_dbm, duty, size in _PA:
            if dbm <= most_dbm:
                self._data[4] = 1
                self._bus.command(5, _SET_PA, duty, size, 0)
                self._bus.write_register(_OCP, 0x38)  # 140 mA, DS 5.5
                self._bus.command(3, _SET_TX_PARAMS, 22 - most_dbm + dbm & 0xFF, 4)  # in 200 us
                return

    def _set_packet(self, length: int) -> None:
        self._data[4] = length
        self._data[5] = 1  # CRC
        self._data[6] = 0  # IQ not inverted
        self._bus.command(7, _SET_PACKET, 0, 8, 0)  # preamble 8, explicit header

    def _clear_flags(self, flags: int) -> None:
        self._bus.command(3, _CLEAR_IRQ, flags >> 8, flags & 0xFF)

    def _edge(self, _pin: machine.Pin) -> None:
        self._flag.set()
