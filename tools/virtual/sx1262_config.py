"""What commands have set in a virtual SX1262, and what of it a datasheet would frown upon.

DS: SX1261/2 datasheet, DS.SX1261-2.W.APP revision 2.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.virtual.lora_signal import Modulation

LORA = 1
STANDBY_RC_FALLBACK = 0x20
BANDWIDTHS_KHZ = {4: 125, 5: 250, 6: 500}  # DS table 13-48; narrower ones are not modelled
TCXO_MV = (1600, 1700, 1800, 2200, 2400, 2700, 3000, 3300)  # DS table 13-35
# paDutyCycle, hpMax -> dBm at a SetTxParams of 22 (DS table 13-21, SX1262)
PA_DBM = {(4, 7): 22, (3, 5): 20, (2, 3): 17, (2, 2): 14}
ALL_CALIBRATED = 0x7F
RC_CALIBRATED = 0x03

IQ_POLARITY, SYNC_WORD, TX_MODULATION, RX_GAIN = 0x0736, 0x0740, 0x0889, 0x08AC
TX_CLAMP, OCP, RETENTION = 0x08D8, 0x08E7, 0x029F
BOOSTED_GAIN = 0x96
_AFTER_RESET = {  # DS table 12-1
    IQ_POLARITY: 0x0D,
    SYNC_WORD: 0x14,
    SYNC_WORD + 1: 0x24,
    TX_MODULATION: 0x01,
    RX_GAIN: 0x94,
    TX_CLAMP: 0xC8,
    OCP: 0x18,
    0x0911: 0x05,
    0x0912: 0x05,
    0x0920: 0x01,
}


@dataclass(frozen=True, slots=True)
class Fitting:
    """What stands around the chip on its board."""

    tcxo_mv: int = 0  # supplied by DIO3; 0: a crystal
    tcxo_start_us: int = 1_500  # assumed; modules ask for 2 to 5 ms
    dio2_switch: bool = True  # DIO2 turns the antenna switch


@dataclass(slots=True)
class Config:
    """What a warm start keeps (DS 9.3) and a reset does not."""

    registers: dict[int, int] = field(default_factory=_AFTER_RESET.copy)
    packet_type: int = 0  # GFSK
    modulation: bytes = b""
    packet: bytes = b""
    rf_steps: int = 0
    pa: bytes = b""
    tx: bytes = b""
    irq_mask: int = 0
    dio1_mask: int = 0
    dio2_switch: bool = False
    tcxo: bytes = b""
    fallback: int = STANDBY_RC_FALLBACK
    stop_on_preamble: bool = False
    symbol_timeout: int = 0
    cad: bytes = bytes(7)
    tx_base: int = 0
    rx_base: int = 0
    calibrated: int = 0
    image: tuple[int, int] = (0xE1, 0xE9)  # 902 to 928 MHz after a reset (DS 9.2.1)

    @property
    def hz(self) -> int:
        """The carrier (DS 13.4.1)."""
        return round(self.rf_steps * 32_000_000 / (1 << 25))

    @property
    def dbm(self) -> int:
        """What leaves the chip."""
        power = self.tx[0] - 256 if self.tx[0] > 127 else self.tx[0]
        return PA_DBM.get((self.pa[0], self.pa[1]), 22) + power - 22

    @property
    def payload_length(self) -> int:
        """The longest payload accepted, and the length of one sent."""
        return self.packet[3]

    @property
    def boosted(self) -> bool:
        """Whether the receiver takes more current for more sensitivity."""
        return self.registers[RX_GAIN] == BOOSTED_GAIN

    @property
    def tcxo_delay_us(self) -> int:
        """How long the chip waits for its TCXO (DS 13.3.6)."""
        return int.from_bytes(self.tcxo[1:4], "big") * 125 // 8

    def oscillator_starts(self, fitting: Fitting) -> bool:
        """Say whether the 32 MHz are there when the chip wants them."""
        if not fitting.tcxo_mv:
            return True
        return (
            bool(self.tcxo)
            and TCXO_MV[self.tcxo[0] & 7] == fitting.tcxo_mv
            and self.tcxo_delay_us >= fitting.tcxo_start_us
        )

    def warm(self) -> None:
        """Come back from a sleep with retention: what no list names is lost (DS 9.6)."""
        kept = [self.registers.get(RETENTION + 1 + i, 0) for i in range(8)]
        listed = {kept[i] << 8 | kept[i + 1] for i in range(0, 8, 2)}
        if RX_GAIN not in listed:
            self.registers[RX_GAIN] = _AFTER_RESET[RX_GAIN]

    def modulated(self) -> Modulation:
        """Return what the modem is set to."""
        sf, bandwidth, coding_rate, ldro = self.modulation[:4]
        return Modulation(
            hz=self.hz,
            sf=sf,
            bandwidth_khz=BANDWIDTHS_KHZ[bandwidth],
            coding_rate=coding_rate,
            preamble=self.packet[0] << 8 | self.packet[1],
            sync_word=self.registers[SYNC_WORD] << 8 | self.registers[SYNC_WORD + 1],
            inverted=bool(self.packet[5]),
            ldro=bool(ldro),
        )

    def missing(self, *, sending: bool) -> str:
        """Return what must be set before the modem can run, or what is not modelled; "" for nothing."""
        if self.packet_type != LORA:
            return "packet type is not LoRa"
        if not (self.rf_steps and self.modulation and self.packet):
            return "frequency, modulation or packet parameters were not set"
        if sending and not (self.pa and self.tx):
            return "PA or TX parameters were not set"
        if not 7 <= self.modulation[0] <= 12 or self.modulation[1] not in BANDWIDTHS_KHZ:
            return "spreading factor or bandwidth is not modelled"
        if not 1 <= self.modulation[2] <= 4:
            return "coding rate"
        return (
            "" if self.packet[2] == 0 and self.packet[4] == 1 else "a packet without header or CRC"
        )

    def objections(self, fitting: Fitting, *, sending: bool) -> Iterator[str]:
        """Yield what would work badly on the real chip."""
        if not self.image[0] * 4 <= self.hz / 1e6 <= self.image[1] * 4:
            yield "9.2.1: the image is not calibrated for this band"
        if fitting.dio2_switch and not self.dio2_switch:
            yield "13.3.5: the antenna switch is not turned by DIO2"
        if bool(self.registers[IQ_POLARITY] & 4) == bool(self.packet[5]):
            yield "15.4: IQ polarity register"
        if sending:
            yield from self._objections_to_sending()

    def _objections_to_sending(self) -> Iterator[str]:
        wide = BANDWIDTHS_KHZ[self.modulation[1]] == 500
        if bool(self.registers[TX_MODULATION] & 4) == wide:
            yield "15.1: modulation quality register"
        if self.registers[TX_CLAMP] & 0x1E != 0x1E:
            yield "15.2: PA clamping register"
        if (self.pa[0], self.pa[1]) not in PA_DBM or self.pa[2:4] != b"\x00\x01":
            yield "13.1.14: PA configuration is none of table 13-21 for the SX1262"
