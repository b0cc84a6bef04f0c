"""The commands of a virtual SX1262 that only set or only read (SX1261/2 datasheet, chapter 13).

Each takes the chip and its parameters; what reads takes how many bytes are wanted, too.
"""

from typing import TYPE_CHECKING

from tools.virtual.sx1262_states import RX, kind

if TYPE_CHECKING:
    from tools.virtual.sx1262 import Sx1262


def packet_type(chip: "Sx1262", parameters: bytes) -> None:
    config = chip.modem.config
    config.packet_type = parameters[0]
    config.modulation = config.packet = b""  # 13.4.2: it comes before the parameters of its modem


def modulation(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.modulation = parameters[:4]


def packet(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.packet = parameters[:6]


def frequency(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.rf_steps = int.from_bytes(parameters[:4], "big")


def tx_params(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.tx = parameters[:2]
    power = parameters[0] - 256 if parameters[0] > 127 else parameters[0]
    if not -9 <= power <= 22:
        chip.fault("13.4.4: power outside -9 to 22 dBm")


def cad_params(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.cad = parameters[:7]


def bases(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.tx_base, chip.modem.config.rx_base = parameters[:2]


def dio_irq(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.irq_mask = int.from_bytes(parameters[:2], "big")
    chip.modem.config.dio1_mask = int.from_bytes(parameters[2:4], "big")
    chip.modem.on_irq()


def dio2_switch(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.dio2_switch = bool(parameters[0])


def fallback(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.fallback = parameters[0]


def stop_on_preamble(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.stop_on_preamble = bool(parameters[0])


def symbol_timeout(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.symbol_timeout = parameters[0]


def regulator(chip: "Sx1262", parameters: bytes) -> None:
    del chip, parameters  # LDO or DC-DC: currents, which are not the chip's to know


def clear_irq(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.clear_irq(int.from_bytes(parameters[:2], "big"))


def clear_errors(chip: "Sx1262", _parameters: bytes) -> None:
    chip.errors = 0


def reset_stats(chip: "Sx1262", _parameters: bytes) -> None:
    chip.modem.received = chip.modem.crc_errors = chip.modem.header_errors = 0


def write_register(chip: "Sx1262", parameters: bytes) -> None:
    address = int.from_bytes(parameters[:2], "big")
    for i, value in enumerate(parameters[2:]):
        chip.modem.config.registers[address + i] = value


def write_buffer(chip: "Sx1262", parameters: bytes) -> None:
    for i, value in enumerate(parameters[1:]):
        chip.modem.buffer[(parameters[0] + i) & 0xFF] = value


# What is read


def read_register(chip: "Sx1262", parameters: bytes, count: int) -> bytes:
    address = int.from_bytes(parameters, "big")
    return bytes(chip.modem.config.registers.get(address + i, 0) for i in range(count))


def read_buffer(chip: "Sx1262", parameters: bytes, count: int) -> bytes:
    return bytes(chip.modem.buffer[(parameters[0] + i) & 0xFF] for i in range(count))


def irq(chip: "Sx1262", _parameters: bytes, _count: int) -> bytes:
    return chip.modem.irq.to_bytes(2, "big")


def errors(chip: "Sx1262", _parameters: bytes, _count: int) -> bytes:
    return chip.errors.to_bytes(2, "big")


def rx_buffer(chip: "Sx1262", _parameters: bytes, _count: int) -> bytes:
    return bytes([chip.modem.rx_length, chip.modem.rx_pointer])


def packet_status(chip: "Sx1262", _parameters: bytes, _count: int) -> bytes:
    return chip.modem.packet_status


def rssi(chip: "Sx1262", _parameters: bytes, _count: int) -> bytes:
    if kind(chip.state) != RX:
        chip.fault("13.5.4: GetRssiInst outside RX")
    return bytes([chip.modem.rssi_code()])


def stats(chip: "Sx1262", _parameters: bytes, _count: int) -> bytes:
    modem = chip.modem
    counts = (modem.received, modem.crc_errors, modem.header_errors)
    return b"".join((count & 0xFFFF).to_bytes(2, "big") for count in counts)


def packet_type_set(chip: "Sx1262", _parameters: bytes, _count: int) -> bytes:
    return bytes([chip.modem.config.packet_type])
