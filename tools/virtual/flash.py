"""What a device keeps without power: NVS, key by key, each written whole."""

Value = int | bytes


class Nvs:
    """The non-volatile storage of one board."""

    def __init__(self) -> None:
        """Begin erased."""
        self._values: dict[tuple[str, str, str], Value] = {}
        self.writes = 0

    def get(self, namespace: str, key: str, kind: str) -> Value | None:
        """Return a value of `kind` ("i32" or "blob"), or None."""
        return self._values.get((namespace, key, kind))

    def set(self, namespace: str, key: str, kind: str, value: Value) -> None:
        """Write a value."""
        self.writes += 1
        self._values[namespace, key, kind] = value

    def erase(self, namespace: str, key: str) -> bool:
        """Forget a key; say whether there was one."""
        found = [slot for slot in self._values if slot[:2] == (namespace, key)]
        for slot in found:
            del self._values[slot]
        return bool(found)
