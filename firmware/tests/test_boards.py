"""Pin maps: every pin exists, is free, and can do its work, on the chips of the virtual bench."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from firmware.boards.pins import BatteryPins, ButtonPins, CallBoxPins, HeadPins, LoraPins
from firmware.core.settings import ROLES, allowed
from tools.virtual.chips import C3, S3, Chip

FOLDER = Path(__file__).parents[1] / "boards"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "pins"))
LORA_PINS = ("sck", "mosi", "miso", "cs", "reset", "busy", "dio1")
PSRAM = {26}  # of the S3, where the package has one; the octal kind is on none of these boards
ON_BOARD = {  # what the maker has put on a pin, so that nothing else can be
    "esp32c3_devkit": {18, 19, 20, 21},
    "esp32c3_lora": set(),
    "esp32s3_devkit": {0, 19, 20, 48},
    "esp32s3_lora": {0, 19, 20, 48},
    "heltec_v3": {0, 17, 18, 19, 20, 21, 36},
    "heltec_v4": {0, 17, 18, 19, 20, 21, 34, 36, *PSRAM},
    "lilygo_t3s3": {0, 2, 10, 11, 13, 14, 17, 18, 19, 20, 21, *PSRAM},
    "lilygo_tbeam_supreme": {0, 6, 7, 8, 9, 14, 17, 18, 19, 20, 33, 34, 35, 36, 37, 40, 41, 42, 47},
}


def board(name: str) -> ModuleType:
    return importlib.import_module(f"firmware.boards.{name}")


def chip(name: str) -> Chip:
    return C3 if name.startswith("esp32c3") else S3


def lora_pins(lora: LoraPins | None) -> list[int]:
    if lora is None:
        return []
    return [*(getattr(lora, pin) for pin in LORA_PINS), *(gpio for gpio, _ in lora.power_pins)]


def battery_pins(battery: BatteryPins | None) -> list[int]:
    return [] if battery is None else [battery.adc, battery.enable]


def button_pins(pins: ButtonPins) -> list[int]:
    own = [pins.contact_main, pins.contact_second, pins.motor, pins.led]
    return own + battery_pins(pins.battery) + lora_pins(pins.lora)


def box_pins(pins: CallBoxPins) -> list[int]:
    own = [*pins.buttons, pins.tamper, pins.cabinet, pins.mains, pins.lamp, pins.siren]
    return own + battery_pins(pins.battery) + lora_pins(pins.lora)


def head_pins(pins: HeadPins) -> list[int]:
    return [pins.uart_tx, pins.uart_rx, *lora_pins(pins.lora)]


def used(name: str) -> dict[str, list[int]]:
    """Return the pins of each role of a board."""
    module = board(name)
    found = {}
    for role, pins_of in (
        ("PANIC_BUTTON", button_pins),
        ("CALL_BOX", box_pins),
        ("RADIO_HEAD", head_pins),
    ):
        if hasattr(module, role):
            pins = [gpio for gpio in pins_of(getattr(module, role)) if gpio >= 0]
            found[role] = [*pins, module.MAINTENANCE]
    return found


def test_there_is_a_map_for_each_promised_board_and_no_other_is_unchecked() -> None:
    assert set(NAMES) == set(ON_BOARD)
    promised = {"heltec_v3", "heltec_v4", "lilygo_t3s3", "lilygo_tbeam_supreme"}
    assert promised | {"esp32c3_devkit", "esp32s3_devkit"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_name_can_be_a_setting(name: str) -> None:
    assert allowed("board", name)


@pytest.mark.parametrize("name", NAMES)
def test_pins_exist_and_are_neither_flash_nor_taken_by_the_board(name: str) -> None:
    for pins in used(name).values():
        assert set(pins) <= chip(name).pins
        assert not set(pins) & ON_BOARD[name]


@pytest.mark.parametrize("name", NAMES)
def test_no_pin_has_two_uses(name: str) -> None:
    for pins in used(name).values():
        assert len(pins) == len(set(pins))


@pytest.mark.parametrize("name", NAMES)
def test_contacts_of_a_button_wake_the_chip(name: str) -> None:
    pins = board(name).PANIC_BUTTON
    wakes = chip(name).gpio_wake_pins | chip(name).ext_wake_pins
    assert {pins.contact_main, pins.contact_second} <= wakes


@pytest.mark.parametrize("name", NAMES)
def test_a_battery_is_measured_by_the_first_converter_within_its_range(name: str) -> None:
    module = board(name)
    for role in ("PANIC_BUTTON", "CALL_BOX"):
        battery = getattr(module, role).battery if hasattr(module, role) else None
        if battery is not None:
            assert battery.adc in chip(name).adc_pins
            assert 4_200 * 1000 // battery.ratio_1000 < chip(name).adc_full_mv[3]


@pytest.mark.parametrize("name", NAMES)
def test_radio_is_one_of_eu868_on_an_spi_of_the_chip(name: str) -> None:
    module = board(name)
    for role in used(name):
        lora = getattr(module, role).lora
        if lora is not None:
            assert lora.spi in chip(name).spis
            assert lora.max_dbm <= 22, "what an SX1262 gives; the band allows 27 dBm e.r.p."
            assert lora.tcxo_mv in (0, *range(1_600, 3_400, 100))


@pytest.mark.parametrize("name", NAMES)
def test_a_head_has_a_way_to_its_gateway(name: str) -> None:
    head = board(name).RADIO_HEAD
    assert head.link in ("uart", "stdio")
    if head.link == "uart":
        assert head.uart in chip(name).uarts
        assert head.uart_tx >= 0
        assert head.uart_rx >= 0
        assert head.uart != 0, "UART 0 is the console's"


def test_every_role_has_a_board() -> None:
    roles = {role for name in NAMES for role in used(name)}
    assert roles == {role.upper() for role in ROLES}


def test_the_loader_pin_of_the_s3_is_never_the_maintenance_pin() -> None:
    strapping = {0, 3, 45, 46}
    assert not {board(name).MAINTENANCE for name in NAMES if chip(name) is S3} & strapping


def test_the_amplifier_of_the_heltec_v4_stays_out() -> None:
    assert dict(board("heltec_v4").CALL_BOX.lora.power_pins) == {7: 1, 2: 1, 46: 0}
