"""What each program needs to know of a board. GPIO numbers; -1 is a thing the board has not."""

NONE = -1


class LoraPins:
    """An SX1262 on a board."""

    __slots__ = (
        "busy",
        "cs",
        "dio1",
        "dio2_switch",
        "max_dbm",
        "miso",
        "mosi",
        "power_pins",
        "reset",
        "sck",
        "spi",
        "tcxo_mv",
    )

    def __init__(
        self,
        *,
        spi: int,
        sck: int,
        mosi: int,
        miso: int,
        cs: int,
        reset: int,
        busy: int,
        dio1: int,
        tcxo_mv: int,
        dio2_switch: bool,
        max_dbm: int,
        power_pins: "tuple[tuple[int, int], ...]" = (),
    ) -> None:
        """Take the bus and its pins; `tcxo_mv` is what DIO3 feeds the oscillator, 0 for a crystal.

        `power_pins`: (gpio, level) to set before the chip is used.
        """
        self.spi = spi
        self.sck = sck
        self.mosi = mosi
        self.miso = miso
        self.cs = cs
        self.reset = reset
        self.busy = busy
        self.dio1 = dio1
        self.tcxo_mv = tcxo_mv
        self.dio2_switch = dio2_switch
        self.max_dbm = max_dbm
        self.power_pins = power_pins


class BatteryPins:
    """A battery behind a divider."""

    __slots__ = ("adc", "enable", "enable_level", "ratio_1000")

    def __init__(
        self, *, adc: int, ratio_1000: int, enable: int = NONE, enable_level: int = 1
    ) -> None:
        """`ratio_1000` mV at the battery are 1,000 mV at the pin; `enable` switches the divider on."""
        self.adc = adc
        self.ratio_1000 = ratio_1000
        self.enable = enable
        self.enable_level = enable_level


class ButtonPins:
    """A board as a panic button. Contacts are to ground and on pins that wake the chip."""

    __slots__ = (
        "advertise_us",
        "battery",
        "contact_main",
        "contact_second",
        "led",
        "lora",
        "motor",
    )

    def __init__(
        self,
        *,
        contact_main: int,
        motor: int,
        led: int,
        advertise_us: int,
        contact_second: int = NONE,
        battery: "BatteryPins | None" = None,
        lora: "LoraPins | None" = None,
    ) -> None:
        """Take GPIO numbers, and the advertising interval of an alert."""
        self.contact_main = contact_main
        self.contact_second = contact_second
        self.motor = motor
        self.led = led
        self.advertise_us = advertise_us
        self.battery = battery
        self.lora = lora


class CallBoxPins:
    """A board as a call box.

    Buttons close to ground. Tamper and cabinet are loops to ground: whole is closed. Mains present is
    high. Lamp and siren are switched by a high level.
    """

    __slots__ = (
        "advertise_us",
        "battery",
        "buttons",
        "cabinet",
        "lamp",
        "lora",
        "mains",
        "siren",
        "tamper",
    )

    def __init__(
        self,
        *,
        buttons: "tuple[int, ...]",
        tamper: int,
        cabinet: int,
        mains: int,
        lamp: int,
        siren: int,
        advertise_us: int,
        battery: "BatteryPins | None" = None,
        lora: "LoraPins | None" = None,
    ) -> None:
        """Take GPIO numbers, and the advertising interval of an alert."""
        self.buttons = buttons
        self.tamper = tamper
        self.cabinet = cabinet
        self.mains = mains
        self.lamp = lamp
        self.siren = siren
        self.advertise_us = advertise_us
        self.battery = battery
        self.lora = lora


class HeadPins:
    """A board as a radio head, and how the gateway is reached.

    `link`: "uart" behind the board's USB bridge, or "stdio", the chip's own USB.
    """

    __slots__ = ("advertise_us", "link", "lora", "uart", "uart_baud", "uart_rx", "uart_tx")

    def __init__(
        self,
        *,
        advertise_us: int,
        link: str = "uart",
        uart: int = NONE,
        uart_tx: int = NONE,
        uart_rx: int = NONE,
        uart_baud: int = 921_600,
        lora: "LoraPins | None" = None,
    ) -> None:
        """Take the link, the UART's number, pins and speed, and the advertising interval of an answer."""
        self.link = link
        self.uart = uart
        self.uart_tx = uart_tx
        self.uart_rx = uart_rx
        self.uart_baud = uart_baud
        self.advertise_us = advertise_us
        self.lora = lora
