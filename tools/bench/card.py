"""What of a gateway's files goes to the SD card, told page by page, as the kernel writes them.

    the log of the database   each commit is synced: the pages that its frames touch
    all other files           the pages that changed, 30 to 35 s behind the first: the kernel looks at
                              vm.dirty_writeback_centisecs for what is older than dirty_expire_centisecs
    the database itself       left out: it changes when the log is written back (`tidied`)

The kernel's own count (write_bytes of /proc/PID/io) is no use: where ext4 has large folios (Linux 6.16)
it counts up to two megabytes for a page. Metadata and the journal of the file system are not counted.
"""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

PAGE = 4096
_LOOK_S = 5.0
_DIRTY_LOOKS = 6
_HEADER, _FRAME_HEADER = 32, 24  # of the log (SQLite, "WAL-mode File Format")
Commits = dict[tuple[int, int], bytes]


class Card:
    """Counts, from when it was made, the bytes of pages in `log` and in `others`."""

    def __init__(self, database: Path) -> None:
        """Know how the files beside `database` are now."""
        self.log = 0
        self.others = 0
        self._database = database
        self._log_path = database.with_name(f"{database.name}-wal")
        self._commits = commits(self._log_path.read_bytes())
        self._written = self._seen = self._all_files()
        self._dirty: dict[Path, int] = {}  # looks since it was found changed

    async def watch(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(_LOOK_S)
            self.look_at_log()
            self.look_at_files()

    def look_at_log(self) -> None:
        """Count the commits since the last look."""
        now = commits(self._log_path.read_bytes())
        for place in now:
            if self._commits.get(place) != now[place]:
                self.log += _touched(*place)
        self._commits = now

    def look_at_files(self) -> None:
        """Do as the kernel does every 5 s: count what has changed of files that were dirty long enough."""
        now = self._all_files()
        for path, pages in now.items():
            if path in self._dirty:
                self._dirty[path] += 1
            elif pages != self._seen.get(path):
                self._dirty[path] = 0
        self._seen = now
        self._write([path for path, looks in self._dirty.items() if looks >= _DIRTY_LOOKS])

    def settle(self) -> None:
        """Count what is still to be written at the end."""
        self.look_at_log()
        self.look_at_files()
        self._write(list(self._dirty))

    def _write(self, paths: list[Path]) -> None:
        for path in paths:
            del self._dirty[path]
            pages = self._seen.get(path, [])
            self.others += _changed(self._written.get(path, []), pages) * PAGE
            self._written = {**self._written, path: pages}

    def _all_files(self) -> dict[Path, list[bytes]]:
        left_out = (self._log_path, self._database, self._database.with_name("ballast"))
        paths = [path for path in self._database.parent.rglob("*") if path not in left_out]
        return {path: _pages(path) for path in paths if path.is_file()}


def commits(content: bytes) -> Commits:
    """Return the place of each commit in a log, begin and end, and what tells it from one there before."""
    page_bytes, salts = int.from_bytes(content[8:12], "big"), content[16:24]
    found: Commits = {}
    begin = at = _HEADER
    while content[at + 8 : at + 16] == salts and at + _FRAME_HEADER + page_bytes <= len(content):
        end = at + _FRAME_HEADER + page_bytes
        if content[at + 4 : at + 8] != bytes(4):  # the last frame of a commit
            found[begin, end] = content[at + 8 : at + _FRAME_HEADER]
            begin = end
        at = end
    return found


def tidied(database: Path) -> int:
    """Write the log of a copy of `database` back; return how many bytes of pages that changed."""
    copy = database.with_name("copy.sqlite")
    for suffix in ("", "-wal"):
        shutil.copy(f"{database}{suffix}", f"{copy}{suffix}")
    before = _pages(copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return _changed(before, _pages(copy)) * PAGE


def _touched(begin: int, end: int) -> int:
    """Return the bytes of all pages between two places of a file."""
    return (-(-end // PAGE) - begin // PAGE) * PAGE


def _changed(before: list[bytes], after: list[bytes]) -> int:
    """Count the pages that are others, or new."""
    same = sum(old == new for old, new in zip(before, after, strict=False))
    return len(after) - same


def _pages(file: Path) -> list[bytes]:
    content = file.read_bytes()
    return [content[at : at + PAGE] for at in range(0, len(content), PAGE)]
