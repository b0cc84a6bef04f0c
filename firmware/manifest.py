"""What a MicroPython of one's own carries frozen: all programs and all boards, in the image itself.

    make -C ports/esp32 BOARD=ESP32_GENERIC_C3 FROZEN_MANIFEST=.../firmware/manifest.py

Frozen code runs from flash: it costs no heap for its bytes and no time to load. `main.py` is frozen, too,
and runs unless the file system has one. MicroPython's tools/manifestfile.py runs this, in this folder.
"""

import os

ABSENT_FOLDERS = ("tests", "model", "__pycache__")  # no board needs them
ABSENT_FILES = ("main.py", "manifest.py")


def sources(package: str) -> "list[str]":
    """Return the files of a package, as paths in it."""
    top = os.path.join("..", package)
    found = []
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(set(folders) - set(ABSENT_FOLDERS))
        names = sorted(name for name in set(files) - set(ABSENT_FILES) if name.endswith(".py"))
        found += [os.path.relpath(os.path.join(folder, name), top) for name in names]
    return found


include("$(PORT_DIR)/boards/manifest.py")  # noqa: F821
package("protocol", files=sources("protocol"), base_path="..")  # noqa: F821
package("firmware", files=sources("firmware"), base_path="..")  # noqa: F821
module("main.py")  # noqa: F821
