"""What a device keeps without power: NVS as ESP-IDF lays it out, key by key, each old or new, never a mix.

    page     4,096 bytes: 126 entries of 32; written once, erased whole
    number   1 entry
    blob     1 entry | 1 for each 32 bytes | 1 entry of index
    full     the page with the most dead entries is copied to the one kept free, and erased

A value that is there already is not written. (ESP-IDF: "NVS Library", internals.)
"""

from dataclasses import dataclass, field

Value = int | bytes
Slot = tuple[str, str, str]  # namespace, key, kind

PAGES = 6  # MicroPython's partition for boards of 4 MB: 0x6000
ENTRIES = 126
ESP_FAIL, NOT_ENOUGH_SPACE = -1, 0x1105

# ESP32-C3-MINI-1 Datasheet v2.2, table 6-8: a page program takes 0.8 ms, a sector's erase 70 ms, typically;
# a set programs its entries and their states, some pages.
_WRITE_US = (2_000, 8_000)
_ERASE_US = 70_000


@dataclass(slots=True)
class Page:
    """One sector of flash."""

    used: int = 0
    erased: int = 0  # how many times
    live: dict[Slot, int] = field(default_factory=dict)


class NvsError(Exception):
    """The flash does not take it; `code` is ESP-IDF's."""

    def __init__(self, code: int) -> None:
        """Keep `code`."""
        super().__init__(code)
        self.code = code


class Nvs:
    """The non-volatile storage of one board, and what can go wrong with it."""

    def __init__(self, pages: int = PAGES) -> None:
        """Begin erased."""
        self.pages = [Page() for _ in range(pages)]
        self.writes = 0
        self.silent_erases = 0
        self.of_newer_version = False  # a newer firmware wrote it: the next boot erases it all
        self.fail: list[int] = []  # codes that the next writes fail with
        self._values: dict[Slot, Value] = {}
        self._before: tuple[Slot, Value | None] = (("", "", ""), None)
        self._current = 0
        self._erases_due_us = 0

    def get(self, namespace: str, key: str, kind: str) -> Value | None:
        """Return a value of `kind` ("i32" or "blob"), or None."""
        return self._values.get((namespace, key, kind))

    def copy_from(self, other: "Nvs") -> None:
        """Hold what another one holds, as if its flash were soldered in here."""
        for (namespace, key, kind), value in other._values.items():  # noqa: SLF001 - of its own kind
            self.set(namespace, key, kind, value)

    def set(self, namespace: str, key: str, kind: str, value: Value) -> bool:
        """Write a value; say whether flash was touched. Raise `NvsError` where it fails."""
        slot = (namespace, key, kind)
        if self.fail:
            raise NvsError(self.fail.pop(0))
        if self._values.get(slot) == value:
            return False
        self._place(slot, entries(value))
        self.writes += 1
        self._before = (slot, self._values.get(slot))
        self._values[slot] = value
        return True

    def tear(self) -> None:
        """Take the last write back: power went before its entry was marked as written."""
        slot, value = self._before
        if value is None:
            self._values.pop(slot, None)
        else:
            self._values[slot] = value

    def erase(self, namespace: str, key: str) -> bool:
        """Forget a key; say whether there was one."""
        found = [slot for slot in self._values if slot[:2] == (namespace, key)]
        for slot in found:
            del self._values[slot]
            self._kill(slot)
        return bool(found)

    def erase_all(self) -> None:
        """Erase every page."""
        self._values.clear()
        for page in self.pages:
            self._erase(page)

    def mount(self) -> None:
        """Do what the port does at boot: what it cannot read is erased, and nobody is told."""
        if self.of_newer_version:
            self.of_newer_version = False
            self.silent_erases += 1
            self.erase_all()

    def wear(self) -> list[int]:
        """Return how often each page was erased."""
        return [page.erased for page in self.pages]

    def time_us(self, chance: float) -> int:
        """Return how long the last write took, `chance` from 0 to 1."""
        low, high = _WRITE_US
        erases_us, self._erases_due_us = self._erases_due_us, 0
        return round(low + (high - low) * chance) + erases_us

    def _place(self, slot: Slot, count: int) -> None:
        if self.pages[self._current].used + count > ENTRIES:
            self._next_page(count)
        self._kill(slot)
        page = self.pages[self._current]
        page.live[slot] = count
        page.used += count

    def _kill(self, slot: Slot) -> None:
        for page in self.pages:
            page.live.pop(slot, None)

    def _next_page(self, count: int) -> None:
        fresh = [page for page in self.pages if not page.used]
        if len(fresh) < 2:
            self._collect(fresh[0])
            if fresh[0].used + count > ENTRIES:
                raise NvsError(NOT_ENOUGH_SPACE)
        self._current = self.pages.index(fresh[0])

    def _collect(self, free: Page) -> None:
        """Copy what lives of the page with the most dead entries to the free one, and erase it."""
        full = [page for page in self.pages if page.used]
        victim = max(full, key=lambda page: (page.used - sum(page.live.values()), -page.erased))
        free.live = dict(victim.live)
        free.used = sum(victim.live.values())
        self._erase(victim)

    def _erase(self, page: Page) -> None:
        page.live = {}
        page.used = 0
        page.erased += 1
        self._erases_due_us += _ERASE_US


def entries(value: Value) -> int:
    """Return how many entries of a page a value takes."""
    return 1 if isinstance(value, int) else 2 + -(-len(value) // 32)
