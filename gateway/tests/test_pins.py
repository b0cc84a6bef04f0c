"""The seam to gpiozero: its mock pins do what real ones would; where there are none, that is said."""

from pathlib import Path

import pytest

from gateway.response.annunciator import Output
from gateway.response.pins import GpioPins, PinsNotAvailable, open_pins

OUTPUTS = (Output("siren", 17), Output("light", 27, active_high=False))


def levels(pins: GpioPins) -> list[bool]:
    return [device.pin.state for device in pins._devices.values()]  # type: ignore[attr-defined]


def test_pins_start_off_whatever_their_polarity_and_follow(tmp_path: Path) -> None:
    pins = open_pins(OUTPUTS, tmp_path, virtual=True)
    assert levels(pins) == [False, True]
    pins.show({"siren": True, "light": True})
    assert levels(pins) == [True, False]
    pins.show({"siren": False, "light": True})
    assert levels(pins) == [False, False]
    pins.close()


def test_a_computer_without_pins_says_so_and_leaves_nothing_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if Path("/dev/gpiochip0").exists():
        pytest.skip("this machine has pins")
    monkeypatch.chdir(tmp_path)
    scratch = tmp_path / "run"
    scratch.mkdir()
    with pytest.raises(PinsNotAvailable):
        open_pins(OUTPUTS, scratch, virtual=False)
    assert list(tmp_path.iterdir()) == [scratch]


def test_an_error_of_the_library_is_one_of_the_world() -> None:
    class Broken:
        @property
        def value(self) -> object:
            return 0

        @value.setter
        def value(self, on: object) -> None:
            raise OSError("gone")

        def close(self) -> None:
            raise OSError("gone")

    broken = Broken()
    pins = GpioPins({"siren": broken}, broken, (OSError,))
    with pytest.raises(PinsNotAvailable, match="OSError"):
        pins.show({"siren": True})
    pins.close()
