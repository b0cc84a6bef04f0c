"""A bare ESP32-C3 module or a small board with one: contacts to ground, motor and light behind transistors.

ESP32-C3 datasheet: GPIO 0-5 wake it from deep sleep (RTC domain); ADC1 is GPIO 0-4; 12-17 are its flash;
2, 8 and 9 are strapping pins; 18 and 19 are its USB; 20 and 21 are UART 0.

    0   battery, behind 1 MOhm over 1 MOhm    6   vibration motor
    3   main contact                          7   light
    4   second contact                        9   BOOT: MAINTENANCE
"""

from firmware.boards.pins import BatteryPins, ButtonPins, HeadPins

MAINTENANCE = 9  # pressed just after a reset: at the reset itself it asks for the ROM's loader

PANIC_BUTTON = ButtonPins(
    contact_main=3,
    contact_second=4,
    motor=6,
    led=7,
    battery=BatteryPins(adc=0, ratio_1000=2_000),
    advertise_us=20_000,  # the least that the C3 allows: the shorter a burst may be
)
RADIO_HEAD = HeadPins(link="stdio", advertise_us=20_000)
