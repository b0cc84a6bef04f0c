"""ESP32-C3 development board: two contacts to ground, motor and light behind transistors."""

from firmware.boards.pins import ButtonPins

PANIC_BUTTON = ButtonPins(
    contact_main=3,  # GPIO 0-5 can wake the C3 from deep sleep
    contact_second=4,
    motor=6,
    led=7,
    advertise_us=30_000,  # the C3 allows 20 ms
)
