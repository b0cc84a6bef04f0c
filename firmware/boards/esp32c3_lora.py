"""The ESP32-C3 of `esp32c3_devkit` with an SX1262 module on its last free pins; its own USB is given up.

The module: TCXO of 1.8 V on DIO3, antenna switch on DIO2, as on most (Ebyte E22, Waveshare Core1262).
GPIO 2 and 8 must not be low at a reset: CS has a pull-up of 10 kOhm, NRESET one inside the SX1262
(datasheet, table 2-1). Console and loader are on UART 0, GPIO 20 and 21.
"""

from firmware.boards.pins import BatteryPins, ButtonPins, HeadPins, LoraPins

MAINTENANCE = 9

_LORA = LoraPins(
    spi=1,
    sck=10,
    mosi=5,
    miso=1,
    cs=2,
    reset=8,
    busy=18,
    dio1=19,
    tcxo_mv=1_800,
    dio2_switch=True,
    max_dbm=22,
)
PANIC_BUTTON = ButtonPins(
    contact_main=3,
    contact_second=4,
    motor=6,
    led=7,
    battery=BatteryPins(adc=0, ratio_1000=2_000),
    advertise_us=20_000,
    lora=_LORA,
)
RADIO_HEAD = HeadPins(
    uart=1,  # UART 1 on the bridge's pins: UART 0 belongs to the console
    uart_tx=21,
    uart_rx=20,
    uart_baud=921_600,
    advertise_us=20_000,
    lora=_LORA,
)
