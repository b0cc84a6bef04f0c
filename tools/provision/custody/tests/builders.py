"""Devices as a plan has them."""

from tools.provision.identity import Planned


def planned(name: str, role: str = "panic_button") -> Planned:
    board = "esp32c3_devkit" if role == "panic_button" else "esp32s3_lora"
    return Planned(name, role, f"Dr {name}", "Room 3", {"role": role, "board": board})
