"""Whoever has no board at hand gets one, and a kit that it starts."""

import subprocess
import sys
from pathlib import Path

from tools.provision import images
from tools.provision.head import Head


def test_boards_are_plugged_in_and_a_kit_is_made(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "tools.virtual.bare", "--folder", str(tmp_path / "boards")]
    argv += ["--kit", str(tmp_path / "kit"), "--boards", "2", "--head"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        urls = [process.stdout.readline().strip() for _ in range(2)]
        with Head(str(tmp_path / "boards" / "tty-table")) as head:
            assert head.port
        process.terminate()
    assert all(url.startswith("rfc2217://127.0.0.1:") for url in urls)
    assert process.returncode == 0
    chips = [image.firmware.chip for image in images.kit(tmp_path / "kit")]
    assert chips == ["esp32c3", "esp32s3"]
