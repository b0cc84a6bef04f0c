"""LilyGO T-Beam Supreme with SX1262 (ESP32-S3FN8, AXP2101 power chip, the chip's own USB).

Pins from LilyGO's table `t_beam_supreme_hw.md` and, in agreement, Meshtastic's variant `tbeam-s3-core`. The
radio is on rail ALDO3 of the AXP2101 (I2C, 42 and 41), GNSS on ALDO4, display on ALDO1: `prepare` feeds the
radio and nothing else. The battery is behind the AXP2101, no pin measures it: its level is not known here.
Contacts and loops on the pin header; they need a pull-up of their own, 100 kOhm to 1 MOhm, for deep sleep.
"""

from firmware.boards.pins import ButtonPins, CallBoxPins, HeadPins, LoraPins

MAINTENANCE = 48  # a wire to ground

_LORA = LoraPins(
    spi=1,
    sck=12,
    mosi=11,
    miso=13,
    cs=10,
    reset=5,
    busy=4,
    dio1=1,
    tcxo_mv=1_800,
    dio2_switch=True,
    max_dbm=22,
)
PANIC_BUTTON = ButtonPins(
    contact_main=2,
    contact_second=3,
    motor=38,
    led=39,
    advertise_us=20_000,
    lora=_LORA,
)
CALL_BOX = CallBoxPins(
    buttons=(2, 3),
    tamper=15,
    cabinet=16,
    mains=21,
    lamp=38,
    siren=39,
    advertise_us=20_000,
    lora=_LORA,
)
RADIO_HEAD = HeadPins(link="stdio", advertise_us=20_000, lora=_LORA)


def prepare() -> None:
    """Feed the radio, before it is used."""
    from firmware.hal.axp2101 import feed_radio

    feed_radio(sda=42, scl=41)
