"""[[radio]]: radio heads and adapters of this machine, and what is said of a wrong one."""

from pathlib import Path

import pytest

from gateway.config import Config, ConfigError, load
from gateway.radio.radio_config import BluezConfig, HeadConfig, LoraConfig

GOOD = """
[gateway]
site = "msp"
[[radio]]
type = "radio_head"
port = "/dev/ttyACM0"
[[upstream]]
type = "mqtt"
host = "broker.example.org"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def read(path: Path, text: str) -> Config:
    path.write_text(text, encoding="utf-8")
    return load(path)


def complaints(path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(path, text)
    return str(caught.value).splitlines()


def radios(*tables: str) -> str:
    """Return a configuration with these tables behind the radio head."""
    return GOOD + "".join(f"\n[[radio]]\n{table}\n" for table in tables)


def test_an_adapter_of_this_machine_stands_beside_a_radio_head(path: Path) -> None:
    text = radios('type = "bluez"', 'type = "bluez"\nname = "stick"\nadapter = "hci1"')
    assert read(path, text).radios[1:] == (
        BluezConfig("bluetooth", "hci0"),
        BluezConfig("stick", "hci1"),
    )


def test_an_adapter_may_be_told_by_its_address(path: Path) -> None:
    text = radios('type = "bluez"\nadapter = "DC:A6:32:01:02:0F"')
    assert read(path, text).radios[1] == BluezConfig("bluetooth", "DC:A6:32:01:02:0F")


@pytest.mark.parametrize("adapter", ["hci", "hci100", "eth0", "dc:a6:32:01:02:0f", "/dev/ttyS0"])
def test_what_is_no_adapter_is_refused(path: Path, adapter: str) -> None:
    (line,) = complaints(path, radios(f'type = "bluez"\nadapter = "{adapter}"'))
    assert "radio[2].adapter: must be the name of an adapter" in line
    assert "'hci0'" in line


def test_an_adapter_serves_one_radio_and_has_no_settings_of_a_head(path: Path) -> None:
    one, two = (f'type = "bluez"\nname = "{name}"' for name in ("one", "two"))
    (line,) = complaints(path, radios(one, two))
    assert "radio.adapter: hci0 is used twice" in line
    (line,) = complaints(path, radios('type = "bluez"\nlora_sf = 9'))
    assert "radio[2].lora_sf: unknown" in line
    assert "type, name, adapter" in line


def test_the_lora_channel_of_a_site_is_read(path: Path) -> None:
    assert read(path, GOOD).radios == (
        HeadConfig("head", "/dev/ttyACM0", LoraConfig(869_525_000, 9, 14)),
    )
    more = 'port = "/dev/ttyACM0"\nlora_hz = 869_462_500\nlora_sf = 12\nlora_dbm = 27'
    text = GOOD.replace('port = "/dev/ttyACM0"', more)
    (head,) = read(path, text).radios
    assert isinstance(head, HeadConfig)
    assert head.lora == LoraConfig(869_462_500, 12, 27)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("lora_hz", "869_462_499", "869.400 to 869.650 MHz"),
        ("lora_hz", "869_587_501", "869.400 to 869.650 MHz"),
        ("lora_hz", "868_100_000", "869.400 to 869.650 MHz"),
        ("lora_sf", "6", "7"),
        ("lora_sf", "13", "12"),
        ("lora_dbm", "28", "500 mW"),
        ("lora_dbm", "-1", "500 mW"),
    ],
)
def test_a_lora_setting_outside_eu868_is_refused_by_name(
    path: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: str, reason: str
) -> None:
    port = 'port = "/dev/ttyACM0"'
    text = GOOD.replace(port, f"{port}\n{key} = {value}")
    (english,) = complaints(path, text)
    assert f"radio[1].{key}:" in english
    assert reason in english
    monkeypatch.setenv("TOCSIN_LANG", "fr")
    (french,) = complaints(path, text)
    assert "compris entre" in french
