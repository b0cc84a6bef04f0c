"""What is written beside the program: the secret and the settings, and nothing else of the board's NVS.

Settings are packed and stored twice by the firmware's own code, which reads and writes through the console
here. They are compared by digest: the secret goes to the board and never comes back.
"""

import binascii
import hashlib

from firmware.core import records, settings
from firmware.core.chosen import Settings
from tools.provision.identity import Identity, Planned
from tools.provision.repl import Repl
from tools.provision.stopped import Lost, Stopped

_SECRET = "secret"  # noqa: S105 - the name of the record
_NVS = "import esp32, binascii\n_nvs = esp32.NVS('tocsin')\n"
_READ = """
def _read(key, longest):
    buffer = bytearray(longest)
    try:
        return bytes(buffer[:_nvs.get_blob(key, buffer)])
    except OSError as error:
        if error.args[0] in (-0x1102, -0x110C):
            return b""
        raise
def _show(blob):
    print((binascii.hexlify(blob).decode(), binascii.crc32(blob)))
"""
_DIGEST = """
import hashlib
print(binascii.hexlify(hashlib.sha256(_read(%r, %d)).digest()).decode())
"""


def write_identity(repl: Repl, identity: Identity) -> None:
    """Write the secret record of a device that has one; raise `Lost` where it is not there afterwards."""
    if not identity.has_key:
        return
    record = records.pack_secret(identity.key, identity.counter)
    _write(repl, _SECRET, record)
    check_identity(repl, identity)


def check_identity(repl: Repl, identity: Identity) -> None:
    """Raise `Lost` unless the board holds the secret record of `identity`."""
    if not identity.has_key:
        return
    record = records.pack_secret(identity.key, identity.counter)
    if _digest(repl, _SECRET, records.SECRET_LEN) != hashlib.sha256(record).hexdigest():
        raise Lost("secret_differs")


def write_settings(repl: Repl, planned: Planned) -> None:
    """Write the settings into both copies, where they are not there yet; raise `Stopped`."""
    for _ in settings.NAMES:
        if all(_holds(repl, name, planned) for name in settings.NAMES):
            return
        stored = settings.store(
            dict(planned.settings),
            lambda key, longest: _read(repl, key, longest),
            lambda key, blob: _write(repl, key, blob),
        )
        if not stored:
            raise Stopped("settings_not_stored")
    check_settings(repl, planned)


def check_settings(repl: Repl, planned: Planned) -> None:
    """Raise `Stopped` where the firmware refuses a value, `Lost` unless both copies hold them all."""
    for name in settings.NAMES:
        found = settings.unpack(_read(repl, name, settings.LONGEST))
        if found.refused:
            raise Stopped("settings_refused", names=", ".join(found.refused))
        if not _has(found, planned):
            raise Lost("settings_differ")


def _holds(repl: Repl, name: str, planned: Planned) -> bool:
    return _has(settings.unpack(_read(repl, name, settings.LONGEST)), planned)


def _has(found: Settings, planned: Planned) -> bool:
    return not found.broken() and all(
        getattr(found, name) == value for name, value in planned.settings.items()
    )


def _read(repl: Repl, key: str, longest: int) -> bytes:
    """Return a blob; raise `Lost` where it was hurt on its way."""
    text, check = repl.ask(f"{_NVS}{_READ}_show(_read({key!r}, {longest}))")
    try:
        blob = binascii.unhexlify(text)
    except ValueError:
        blob = None
    if blob is None or binascii.crc32(blob) != check:
        raise Lost("console_garbled", port=repl.port)
    return blob


def _digest(repl: Repl, key: str, longest: int) -> str:
    return repl.run(_NVS + _READ + _DIGEST % (key, longest)).strip()


def _write(repl: Repl, key: str, blob: bytes) -> None:
    text = binascii.hexlify(blob).decode()
    repl.run(f"{_NVS}_nvs.set_blob({key!r}, binascii.unhexlify('{text}'))\n_nvs.commit()")
