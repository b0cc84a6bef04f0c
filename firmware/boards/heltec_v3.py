"""Heltec WiFi LoRa 32 V3 (ESP32-S3FN8, SX1262, CP2102 on UART 0).

Pins from Heltec's schematic HTIT-WB32LA(F)_V3 and, in agreement, Meshtastic's variant `heltec_v3`. On the
board: 17, 18, 21 display, 35 white light, 36 Vext, 1 and 37 battery (390 kOhm over 100 kOhm, switched on by
a low 37; revision 3.2 turned that round: `enable_level=1`). The rest is on the headers.
Contacts need a pull-up of their own, 100 kOhm to 1 MOhm: the S3 loses its own in deep sleep.
"""

from firmware.boards.pins import BatteryPins, ButtonPins, CallBoxPins, HeadPins, LoraPins

MAINTENANCE = 40  # a wire to ground

_BATTERY = BatteryPins(adc=1, ratio_1000=4_900, enable=37, enable_level=0)
_LORA = LoraPins(
    spi=1,
    sck=9,
    mosi=10,
    miso=11,
    cs=8,
    reset=12,
    busy=13,
    dio1=14,
    tcxo_mv=1_800,
    dio2_switch=True,
    max_dbm=22,
)
PANIC_BUTTON = ButtonPins(
    contact_main=4,
    contact_second=5,
    motor=6,
    led=35,
    battery=_BATTERY,
    advertise_us=20_000,
    lora=_LORA,
)
CALL_BOX = CallBoxPins(
    buttons=(4, 5),
    tamper=2,
    cabinet=7,
    mains=6,
    lamp=47,
    siren=48,
    battery=_BATTERY,
    advertise_us=20_000,
    lora=_LORA,
)
RADIO_HEAD = HeadPins(
    uart=1,  # UART 1 on the bridge's pins: UART 0 belongs to the console
    uart_tx=43,
    uart_rx=44,
    uart_baud=921_600,
    advertise_us=20_000,
    lora=_LORA,
)
