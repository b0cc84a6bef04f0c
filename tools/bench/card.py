"""What of a gateway's files goes to the SD card, told page by page, as the kernel writes them.

    the log of the database   each commit is synced: the pages that its frames touch
    all other files           what differs from half a minute ago: so often the kernel writes it
    the database itself       left out: it changes when the log is written back (`tidied`)

The kernel's own count (write_bytes of /proc/PID/io) is no use: where ext4 has large folios (Linux 6.16)
it counts up to two megabytes for a page. Metadata and the journal of the file system are not counted.
"""

import asyncio
import itertools
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

PAGE = 4096
_LOOK_S = 5.0
_LOOKS = 6  # 30 s: vm.dirty_expire_centisecs
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
        self._files = self._all_files()

    async def watch(self) -> None:
        """Look for ever: at the log more often, for it begins anew."""
        for turn in itertools.count(1):
            await asyncio.sleep(_LOOK_S)
            self.look_at_log()
            if turn % _LOOKS == 0:
                self.look_at_files()

    def look_at_log(self) -> None:
        """Count the commits since the last look."""
        now = commits(self._log_path.read_bytes())
        for place in now:
            if self._commits.get(place) != now[place]:
                self.log += _touched(*place)
        self._commits = now

    def look_at_files(self) -> None:
        """Count the pages that have changed since the last look."""
        now = self._all_files()
        for path, pages in now.items():
            before = self._files.get(path, [])
            same = sum(old == new for old, new in zip(before, pages, strict=False))
            self.others += (len(pages) - same) * PAGE
        self._files = now

    def _all_files(self) -> dict[Path, list[bytes]]:
        left_out = (self._log_path, self._database, self._database.with_name("ballast"))
        paths = [path for path in self._database.parent.rglob("*") if path not in left_out]
        return {path: _pages(path, PAGE) for path in paths if path.is_file()}


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
    with closing(sqlite3.connect(copy)) as connection:
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        before = _pages(copy, page_bytes)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        after = _pages(copy, page_bytes)
    same = sum(old == new for old, new in zip(before, after, strict=False))
    return int((len(after) - same) * page_bytes)


def _touched(begin: int, end: int) -> int:
    """Return the bytes of all pages between two places of a file."""
    return (-(-end // PAGE) - begin // PAGE) * PAGE


def _pages(file: Path, page_bytes: int) -> list[bytes]:
    content = file.read_bytes()
    return [content[at : at + page_bytes] for at in range(0, len(content), page_bytes)]
