"""ESP32-S3 development board: the gateway is behind the USB bridge on the pins of UART 0."""

from firmware.boards.pins import HeadPins

RADIO_HEAD = HeadPins(
    uart=1,  # UART 1 on the bridge's pins: UART 0 belongs to the REPL
    uart_tx=43,
    uart_rx=44,
    uart_baud=921_600,
    advertise_us=20_000,
)
