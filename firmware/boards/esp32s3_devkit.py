"""ESP32-S3-DevKitC-1: contacts to ground, outputs behind transistors, the gateway behind the USB bridge.

ESP32-S3 datasheet: GPIO 0-21 are RTC pins and wake it; ADC1 is GPIO 1-10; 26-32 are flash, 33-37 too on
modules with octal PSRAM; 0, 3, 45 and 46 are strapping pins; 19 and 20 are its USB; 43 and 44 are UART 0.
Contacts need a pull-up of their own, 100 kOhm to 1 MOhm: the S3 loses its own in deep sleep.
"""

from firmware.boards.pins import BatteryPins, ButtonPins, HeadPins

MAINTENANCE = 21  # a wire to ground

PANIC_BUTTON = ButtonPins(
    contact_main=4,
    contact_second=5,
    motor=6,
    led=7,
    battery=BatteryPins(adc=1, ratio_1000=2_000),  # 1 MOhm over 1 MOhm
    advertise_us=20_000,
)
RADIO_HEAD = HeadPins(
    uart=1,  # UART 1 on the bridge's pins: UART 0 belongs to the console
    uart_tx=43,
    uart_rx=44,
    uart_baud=921_600,
    advertise_us=20_000,
)
