"""The commands of a virtual SX1262, opcode by opcode (SX1261/2 datasheet, chapters 11 and 13)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.virtual import sx1262_settings as settings
from tools.virtual.sx1262_config import ALL_CALIBRATED, OCP, RC_CALIBRATED
from tools.virtual.sx1262_states import (
    CALIBRATION_US,
    FS,
    RX,
    STANDBY_RC,
    STANDBY_XOSC,
    TX,
)

if TYPE_CHECKING:
    from tools.virtual.sx1262 import Sx1262

_XOSC_START_ERR = 0x20
_BLOCKS = 7
_OCP_140_MA = 0x38


@dataclass(frozen=True, slots=True)
class Command:
    """What a command takes, what it does when NSS rises, and what it reads."""

    name: str
    parameters: int
    run: "Callable[[Sx1262, bytes], None] | None" = None
    read: "Callable[[Sx1262, bytes, int], bytes] | None" = None


def _sleep(chip: "Sx1262", parameters: bytes) -> None:
    chip.sleep(warm=bool(parameters[0] & 4))


def _standby(chip: "Sx1262", parameters: bytes) -> None:
    if parameters[0] and chip.state != STANDBY_XOSC:
        chip.standby()
        chip.start(STANDBY_XOSC, lambda: None)
    elif not parameters[0]:
        chip.standby()


def _fs(chip: "Sx1262", _parameters: bytes) -> None:
    chip.start(FS, lambda: None)


def _tx(chip: "Sx1262", parameters: bytes) -> None:
    if _ready(chip, "13.1.4: SetTx", sending=True):
        timeout = int.from_bytes(parameters[:3], "big")
        chip.start(f"{TX}_{chip.modem.config.dbm}", lambda: chip.modem.transmit(timeout))


def _rx(chip: "Sx1262", parameters: bytes) -> None:
    if _ready(chip, "13.1.5: SetRx", sending=False):
        timeout = int.from_bytes(parameters[:3], "big")
        chip.start(RX, lambda: chip.modem.receive(timeout))


def _cad(chip: "Sx1262", _parameters: bytes) -> None:
    if _ready(chip, "13.1.11: SetCad", sending=False):
        chip.start(RX, chip.modem.detect)


def _ready(chip: "Sx1262", name: str, *, sending: bool) -> bool:
    config = chip.modem.config
    missing = config.missing(sending=sending)
    if missing:
        chip.fault(f"{name}: {missing}")
        chip.fail()
        return False
    for objection in config.objections(chip.fitting, sending=sending):
        chip.fault(objection)
    return True


def _calibrate(chip: "Sx1262", parameters: bytes) -> None:
    """Calibrate blocks (13.1.12); all but the RC oscillators need the 32 MHz."""
    config, blocks = chip.modem.config, parameters[0] & ALL_CALIBRATED
    if chip.state != STANDBY_RC:
        chip.fault("13.1.12: Calibrate outside STDBY_RC")
    wait_us = CALIBRATION_US * blocks.bit_count() // _BLOCKS
    if config.oscillator_starts(chip.fitting):
        config.calibrated |= blocks
        wait_us += config.tcxo_delay_us
    else:
        config.calibrated |= blocks & RC_CALIBRATED
        chip.errors |= _XOSC_START_ERR
    chip.busy.hold(wait_us)


def _calibrate_image(chip: "Sx1262", parameters: bytes) -> None:
    config = chip.modem.config
    if not config.oscillator_starts(chip.fitting):
        chip.errors |= _XOSC_START_ERR
        return
    config.image = (parameters[0], parameters[1])
    chip.busy.hold(CALIBRATION_US // _BLOCKS + config.tcxo_delay_us)


def _pa_config(chip: "Sx1262", parameters: bytes) -> None:
    chip.modem.config.pa = parameters[:4]
    chip.modem.config.registers[OCP] = _OCP_140_MA  # 13.1.14: it sets the over-current protection


def _tcxo(chip: "Sx1262", parameters: bytes) -> None:
    if chip.state != STANDBY_RC:
        chip.fault("13.3.6: SetDIO3AsTcxoCtrl outside STDBY_RC")
    chip.modem.config.tcxo = parameters[:4]


def _not_modelled(name: str, parameters: int) -> Command:
    return Command(name, parameters, lambda chip, _: chip.fault(f"{name} is not modelled"))


COMMANDS = {
    0x84: Command("SetSleep", 1, _sleep),
    0x80: Command("SetStandby", 1, _standby),
    0xC1: Command("SetFs", 0, _fs),
    0x83: Command("SetTx", 3, _tx),
    0x82: Command("SetRx", 3, _rx),
    0x9F: Command("StopTimerOnPreamble", 1, settings.stop_on_preamble),
    0x94: _not_modelled("SetRxDutyCycle", 6),
    0xC5: Command("SetCad", 0, _cad),
    0xD1: _not_modelled("SetTxContinuousWave", 0),
    0xD2: _not_modelled("SetTxInfinitePreamble", 0),
    0x96: Command("SetRegulatorMode", 1, settings.regulator),
    0x89: Command("Calibrate", 1, _calibrate),
    0x98: Command("CalibrateImage", 2, _calibrate_image),
    0x95: Command("SetPaConfig", 4, _pa_config),
    0x93: Command("SetRxTxFallbackMode", 1, settings.fallback),
    0x0D: Command("WriteRegister", 3, settings.write_register),
    0x1D: Command("ReadRegister", 2, read=settings.read_register),
    0x0E: Command("WriteBuffer", 1, settings.write_buffer),
    0x1E: Command("ReadBuffer", 1, read=settings.read_buffer),
    0x08: Command("SetDioIrqParams", 8, settings.dio_irq),
    0x12: Command("GetIrqStatus", 0, read=settings.irq),
    0x02: Command("ClearIrqStatus", 2, settings.clear_irq),
    0x9D: Command("SetDIO2AsRfSwitchCtrl", 1, settings.dio2_switch),
    0x97: Command("SetDIO3AsTcxoCtrl", 4, _tcxo),
    0x86: Command("SetRfFrequency", 4, settings.frequency),
    0x8A: Command("SetPacketType", 1, settings.packet_type),
    0x11: Command("GetPacketType", 0, read=settings.packet_type_set),
    0x8E: Command("SetTxParams", 2, settings.tx_params),
    0x8B: Command("SetModulationParams", 4, settings.modulation),
    0x8C: Command("SetPacketParams", 6, settings.packet),
    0x88: Command("SetCadParams", 7, settings.cad_params),
    0x8F: Command("SetBufferBaseAddress", 2, settings.bases),
    0xA0: Command("SetLoRaSymbNumTimeout", 1, settings.symbol_timeout),
    0x13: Command("GetRxBufferStatus", 0, read=settings.rx_buffer),
    0x14: Command("GetPacketStatus", 0, read=settings.packet_status),
    0x15: Command("GetRssiInst", 0, read=settings.rssi),
    0x10: Command("GetStats", 0, read=settings.stats),
    0x00: Command("ResetStats", 6, settings.reset_stats),
    0x17: Command("GetDeviceErrors", 0, read=settings.errors),
    0x07: Command("ClearDeviceErrors", 2, settings.clear_errors),
}
