"""LilyGO T3-S3 V1.2 with SX1262 (ESP32-S3FH4R2, the chip's own USB).

Pins from LilyGO's table `t3_s3_sx1262_hw.md`, its schematic T3_S3_V1.2 and Meshtastic's variant
`tlora_t3s3_v1`. On the board: 17, 18 display, 2, 11, 13, 14 card, 37 light, 1 battery (100 kOhm over
100 kOhm, always on: about 20 uA), 10 and 21 to other radios' pins, 26 PSRAM. The rest is on the headers.
Contacts need a pull-up of their own, 100 kOhm to 1 MOhm: the S3 loses its own in deep sleep.
"""

from firmware.boards.pins import BatteryPins, ButtonPins, CallBoxPins, HeadPins, LoraPins

MAINTENANCE = 48  # a wire to ground

_BATTERY = BatteryPins(adc=1, ratio_1000=2_000)
_LORA = LoraPins(
    spi=1,
    sck=5,
    mosi=6,
    miso=3,
    cs=7,
    reset=8,
    busy=34,
    dio1=33,
    tcxo_mv=1_800,
    dio2_switch=True,
    max_dbm=22,
)
PANIC_BUTTON = ButtonPins(
    contact_main=15,
    contact_second=16,
    motor=38,
    led=37,
    battery=_BATTERY,
    advertise_us=20_000,
    lora=_LORA,
)
CALL_BOX = CallBoxPins(
    buttons=(15, 16),
    tamper=39,
    cabinet=40,
    mains=41,
    lamp=42,
    siren=47,
    battery=_BATTERY,
    advertise_us=20_000,
    lora=_LORA,
)
RADIO_HEAD = HeadPins(link="stdio", advertise_us=20_000, lora=_LORA)
