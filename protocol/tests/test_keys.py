import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.aes import Aes
from protocol.keys import Keys, derive
from protocol.tests import independent


@given(st.binary(min_size=16, max_size=16), st.text(st.characters(codec="ascii"), min_size=1))
def test_derive_is_sp_800_108(device_key: bytes, label: str) -> None:
    label = label.replace("\0", "")
    assert derive(Aes(device_key), label.encode()) == independent.derive(device_key, label)


def test_all_keys_differ() -> None:
    keys = Keys(bytes(16))
    found = {getattr(keys, name).encrypt(bytes(16)) for name in Keys.__slots__}
    assert len(found) == 5


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_device_key_has_16_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Keys(bytes(length))
