"""A file that holds disk space back, so that there is room for alerts when the disk is full."""

import os
import shutil
from pathlib import Path

FILE_NAME = "ballast"
BYTES = 8_000_000  # a write-ahead log of full length, and some thousand alerts
_ROOM_FOR_IT = 4 * BYTES
_NEEDED_TO_START = 1_000_000


class Ballast:
    """The file at `path`."""

    def __init__(self, path: Path) -> None:
        """Lay nothing yet."""
        self._path = path

    @property
    def laid(self) -> bool:
        """Say whether the space is held back."""
        return self._path.exists()

    def lay(self) -> bool:
        """Hold the space back where there is plenty; say whether it is."""
        if self.laid or shutil.disk_usage(self._path.parent).free < _ROOM_FOR_IT:
            return self.laid
        try:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, BYTES)
        except OSError:  # a limit of this user, or the space went meanwhile
            self.drop()
        return self.laid

    def make_way(self) -> None:
        """Give the space back where there is so little left that not even a start succeeds."""
        if shutil.disk_usage(self._path.parent).free < _NEEDED_TO_START:
            self.drop()

    def drop(self) -> bool:
        """Give the space back; say whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
