"""Heltec WiFi LoRa 32 V4 (ESP32-S3R2, SX1262 and a GC1109 amplifier, the chip's own USB).

Pins from Heltec's schematic HTIT-WB32LAF V4.2 and, in agreement, Meshtastic's variant `heltec_v4`. The
GC1109 is fed by GPIO 7 and enabled by 2; DIO2 switches it between its receiving amplifier (17 dB: RSSI
reads that much too high) and sending. GPIO 46 low leaves its power amplifier out, about 1 dB of loss: with
it, 22 dBm would become 28, above the 27 dBm e.r.p. of the band. Boards from V4.3 on have another front
end: not this map. GPIO 26 is PSRAM, 34, 38-42 go to the GNSS socket, here without a module.
Contacts need a pull-up of their own, 100 kOhm to 1 MOhm: the S3 loses its own in deep sleep.
"""

from firmware.boards.pins import BatteryPins, ButtonPins, CallBoxPins, HeadPins, LoraPins

MAINTENANCE = 40  # a wire to ground

_BATTERY = BatteryPins(adc=1, ratio_1000=4_900, enable=37, enable_level=1)
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
    power_pins=((7, 1), (2, 1), (46, 0)),
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
    tamper=3,
    cabinet=33,
    mains=6,
    lamp=47,
    siren=48,
    battery=_BATTERY,
    advertise_us=20_000,
    lora=_LORA,
)
RADIO_HEAD = HeadPins(link="stdio", advertise_us=20_000, lora=_LORA)
