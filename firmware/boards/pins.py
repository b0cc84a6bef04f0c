"""What each program needs to know of a board."""


class ButtonPins:
    """A board as a panic button. Contacts are to ground and on pins that wake the chip."""

    __slots__ = ("advertise_us", "contact_main", "contact_second", "led", "motor")

    def __init__(
        self, *, contact_main: int, contact_second: int, motor: int, led: int, advertise_us: int
    ) -> None:
        """Take GPIO numbers, and the advertising interval of an alert."""
        self.contact_main = contact_main
        self.contact_second = contact_second
        self.motor = motor
        self.led = led
        self.advertise_us = advertise_us


class HeadPins:
    """A board as a radio head: the UART behind its USB bridge."""

    __slots__ = ("advertise_us", "uart", "uart_baud", "uart_rx", "uart_tx")

    def __init__(
        self, *, uart: int, uart_tx: int, uart_rx: int, uart_baud: int, advertise_us: int
    ) -> None:
        """Take the UART's number, pins and speed, and the advertising interval of an answer."""
        self.uart = uart
        self.uart_tx = uart_tx
        self.uart_rx = uart_rx
        self.uart_baud = uart_baud
        self.advertise_us = advertise_us
