"""What a MicroPython of one's own carries frozen: all programs and all boards, in the image itself.

    make -C ports/esp32 BOARD=ESP32_GENERIC_C3 FROZEN_MANIFEST=.../firmware/manifest.py

Frozen code runs from flash: it costs no heap for its bytes and no time to load. `main.py` is not frozen:
MicroPython would start that before any main.py of the file system (pyexec_file_if_exists), and a board
that nobody has provisioned would have no console to be provisioned at. Provisioning writes it, last.
`frozen_program` tells what is in. MicroPython's tools/manifestfile.py runs this, in this folder.
"""

import atexit
import hashlib
import os
import shutil
import tempfile

ABSENT_FOLDERS = ("tests", "model", "__pycache__")  # no board needs them
ABSENT_FILES = ("main.py", "manifest.py")
PACKAGES = ("protocol", "firmware")
ROLES = ("call_box", "panic_button", "radio_head")
NO_BOARDS = ("__init__.py", "pins.py")
DESCRIPTION = "frozen_program.py"


def sources(package: str, root: str = "..") -> "list[str]":
    """Return the files of a package, as paths in it."""
    top = os.path.join(root, package)
    found = []
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(set(folders) - set(ABSENT_FOLDERS))
        names = sorted(name for name in set(files) - set(ABSENT_FILES) if name.endswith(".py"))
        found += [os.path.relpath(os.path.join(folder, name), top) for name in names]
    return found


def description(root: str = "..") -> str:
    """Return the source of `frozen_program`: which roles and boards, and the digest of all sources."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        for name in sources(package, root):
            with open(os.path.join(root, package, name), "rb") as file:
                content = hashlib.sha256(file.read()).hexdigest()
            digest.update("{}/{} {}\n".format(package, name, content).encode())
    there = sources("firmware", root)
    roles = tuple(role for role in ROLES if role + ".py" in there)
    boards = os.listdir(os.path.join(root, "firmware", "boards"))
    maps = sorted(name for name in boards if name.endswith(".py") and name not in NO_BOARDS)
    names = tuple(name[: -len(".py")] for name in maps)
    lines = (
        '"""What is frozen into this image."""',
        "ROLES = {!r}",
        "BOARDS = {!r}",
        "DIGEST = {!r}",
    )
    return "\n".join(lines).format(roles, names, digest.hexdigest()) + "\n"


def described() -> str:
    """Return a folder with `frozen_program`, which lives as long as the build."""
    folder = tempfile.mkdtemp(prefix="frozen-")
    atexit.register(shutil.rmtree, folder, True)
    with open(os.path.join(folder, DESCRIPTION), "w") as file:
        file.write(description())
    return folder


if "package" in globals():  # else somebody asks what would be in
    include("$(PORT_DIR)/boards/manifest.py")  # noqa: F821
    for name in PACKAGES:
        package(name, files=sources(name), base_path="..")  # noqa: F821
    module(DESCRIPTION, base_path=described())  # noqa: F821
