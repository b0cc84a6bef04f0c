"""A port goes by the name that it keeps."""

from pathlib import Path

import pytest

from tools.provision.ports import one, stable
from tools.provision.stopped import Stopped


def test_a_port_goes_by_the_name_that_it_keeps(tmp_path: Path) -> None:
    node = tmp_path / "ttyUSB0"
    node.touch()
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-Silicon_Labs_CP2102-if00").symlink_to(node)
    assert stable(str(node), (by_id,)) == str(by_id / "usb-Silicon_Labs_CP2102-if00")


def test_a_port_without_such_a_name_keeps_its_own(tmp_path: Path) -> None:
    assert stable("/dev/ttyS9", (tmp_path,)) == "/dev/ttyS9"
    assert stable("rfc2217://127.0.0.1:1", (tmp_path,)) == "rfc2217://127.0.0.1:1"


def test_a_pattern_means_the_one_port_that_it_fits(tmp_path: Path) -> None:
    (tmp_path / "head-a").touch()
    assert one(str(tmp_path / "head*")) == str(tmp_path / "head-a")
    assert one("rfc2217://127.0.0.1:1") == "rfc2217://127.0.0.1:1"


def test_a_pattern_that_fits_none_or_several_is_refused(tmp_path: Path) -> None:
    for count in (0, 2):
        for number in range(count):
            (tmp_path / f"head-{number}").touch()
        with pytest.raises(Stopped, match=str(count)):
            one(str(tmp_path / "head*"))
