"""gateway.toml: the example is good, and whatever is wrong is named with its remedy, all at once."""

from pathlib import Path

import pytest

import gateway
from gateway.config import Config, ConfigError, load
from gateway.radio.radio_config import BluezConfig
from gateway.upstream.mqtt_config import MqttConfig

EXAMPLE = Path(gateway.__file__).parent / "packaging" / "gateway.toml"
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


def test_the_commented_example_is_good() -> None:
    config = load(EXAMPLE)
    assert config.place.site == "health-centre"
    assert [radio.name for radio in config.radios] == ["head"]
    assert [upstream.name for upstream in config.upstreams] == ["broker"]


def test_every_commented_key_of_the_example_is_known(path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    text = "\n".join(
        line.removeprefix("# ")
        if line.startswith("# [") or (" = " in line and "`" not in line)
        else line
        for line in lines
    )
    config = read(path, text)
    assert text.count("\nlora_") == 3
    head, adapter = config.radios
    assert (head,) == load(EXAMPLE).radios  # what is commented are the defaults
    assert adapter == BluezConfig("bluetooth", "hci0")
    upstream = config.upstreams[0]
    assert isinstance(upstream, MqttConfig)
    assert upstream.tls
    assert upstream.username == "gateway"


def test_defaults_are_safe(path: Path) -> None:
    config = read(path, GOOD)
    assert config.state_dir == Path("/var/lib/tocsin")
    assert config.runtime_dir == Path("/run/tocsin")
    assert config.log_format == "text"
    assert (config.mark, config.clock) == (1, "auto")
    upstream = config.upstreams[0]
    assert isinstance(upstream, MqttConfig)
    assert (upstream.name, upstream.tls, upstream.port) == ("broker", True, 8883)
    local = read(path, GOOD.replace("broker.example.org", "localhost")).upstreams[0]
    assert isinstance(local, MqttConfig)
    assert (local.tls, local.port, local.local) == (False, 1883, True)


def test_all_problems_at_once_each_with_file_key_and_remedy(path: Path) -> None:
    lines = complaints(
        path,
        """
        colour = "red"
        [gateway]
        sight = "msp"
        state_dir = 5
        [log]
        format = "xml"
        [[radio]]
        type = "wifi"
        [[upstream]]
        type = "mqtt"
        host = ""
        port = 70000
        tls = "yes"
        password_file = "/x"
        [[upstream]]
        type = "mqtt"
        host = "h"
        port = true
        """,
    )
    assert all(line.startswith(f"{path}: ") for line in lines)
    told = {line.split(": ")[1]: line.split(": ", 2)[2] for line in lines}
    assert told.pop("colour").startswith(
        "unknown; remove it, or correct it to one of: gateway, log"
    )
    assert told == {
        "gateway.site": 'is missing; add site = "health-centre"',
        "gateway.sight": (
            "unknown; remove it, or correct it to one of: "
            "site, name, mark, clock, state_dir, runtime_dir"
        ),
        "gateway.state_dir": 'must be a text in quotes, for instance "/var/lib/tocsin"',
        "log.format": "must be one of: text, json",
        "radio[1].type": "must be one of: radio_head, bluez",
        "radio[1].port": 'is missing; add port = "/dev/serial/by-id/usb-Espressif*"',
        "upstream[1].host": (
            "must be a text of 1 to 200 characters, for instance 'broker.example.org'"
        ),
        "upstream[1].port": "must be from 1 to 65535",
        "upstream[1].tls": "must be true or false, for instance true",
        "upstream[1].password_file": "is set without username; add username",
        "upstream[2].port": "must be a whole number, for instance 8883",
        "upstream.name": "broker is used twice; give each its own name",
    }


def test_a_mark_is_1_to_7_and_a_clock_is_not_believed_by_another_word(path: Path) -> None:
    good = read(path, GOOD.replace("[gateway]", '[gateway]\nmark = 7\nclock = "believed"'))
    assert (good.mark, good.clock) == (7, "believed")
    for mark in (0, 8):
        (line,) = complaints(path, GOOD.replace("[gateway]", f"[gateway]\nmark = {mark}"))
        assert line == f"{path}: gateway.mark: must be from 1 to 7"
    (line,) = complaints(path, GOOD.replace("[gateway]", '[gateway]\nclock = "sure"'))
    assert line == f"{path}: gateway.clock: must be one of: auto, believed"


def test_a_gateway_without_ears_or_mouth_is_refused(path: Path) -> None:
    lines = complaints(path, '[gateway]\nsite = "msp"\n')
    assert [line.split(": ")[1] for line in lines] == ["radio", "upstream"]


@pytest.mark.parametrize("site", ["", "a/b", "a b", "tocsin/+", "é", "x" * 65])
def test_a_site_must_be_fit_for_a_topic(path: Path, site: str) -> None:
    (line,) = complaints(path, GOOD.replace("msp", site))
    assert "gateway.site" in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gateway", "is not TOML"),
        ("gateway = 1\nradio = 2", "must be a table"),
        ("[radio]\nx=1", "must be a list of tables"),
    ],
)
def test_a_file_of_another_shape_is_refused(path: Path, text: str, said: str) -> None:
    assert any(said in line for line in complaints(path, text))


def test_a_missing_file_or_folder_or_binary_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is not TOML"):
        load(path)


def test_in_french(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_LANG")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    (line,) = complaints(path, GOOD + 'hots = "x"\n')
    assert line.startswith(f"{path} : upstream[1].hots : inconnu ; retirez-le")
