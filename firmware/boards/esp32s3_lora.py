"""The ESP32-S3 of `esp32s3_devkit` with an SX1262 module: TCXO of 1.8 V on DIO3, antenna switch on DIO2.

4 5    buttons          6    lamp, or motor    8-14   SX1262: DIO1 RESET CS MOSI SCK MISO BUSY
15     tamper loop      7    siren, or light   1      battery, behind 1 MOhm over 1 MOhm
16     cabinet loop     17   mains present     21     MAINTENANCE
"""

from firmware.boards.pins import BatteryPins, ButtonPins, CallBoxPins, HeadPins, LoraPins

MAINTENANCE = 21  # a wire to ground

_BATTERY = BatteryPins(adc=1, ratio_1000=2_000)
_LORA = LoraPins(
    spi=1,
    sck=12,
    mosi=11,
    miso=13,
    cs=10,
    reset=9,
    busy=14,
    dio1=8,
    tcxo_mv=1_800,
    dio2_switch=True,
    max_dbm=22,
)
PANIC_BUTTON = ButtonPins(
    contact_main=4,
    contact_second=5,
    motor=6,
    led=7,
    battery=_BATTERY,
    advertise_us=20_000,
    lora=_LORA,
)
CALL_BOX = CallBoxPins(
    buttons=(4, 5),
    tamper=15,
    cabinet=16,
    mains=17,
    lamp=6,
    siren=7,
    battery=_BATTERY,
    advertise_us=20_000,
    lora=_LORA,
)
RADIO_HEAD = HeadPins(
    uart=1,
    uart_tx=43,
    uart_rx=44,
    uart_baud=921_600,
    advertise_us=20_000,
    lora=_LORA,
)
