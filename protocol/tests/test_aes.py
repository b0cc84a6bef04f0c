import pytest
from Crypto.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st

from protocol.aes import Aes


def test_fips_197_appendix_b() -> None:
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    block = bytes.fromhex("3243f6a8885a308d313198a2e0370734")
    assert Aes(key).encrypt(block).hex() == "3925841d02dc09fbdc118597196a0b32"


@given(st.binary(min_size=16, max_size=16), st.integers(1, 20))
def test_blocks_are_encrypted_each_on_its_own(block: bytes, count: int) -> None:
    aes = Aes(bytes(16))
    assert aes.encrypt(block * count) == aes.encrypt(block) * count


@given(st.binary(min_size=48, max_size=48))
def test_encrypt_into_is_encrypt_also_in_place(blocks: bytes) -> None:
    aes = Aes(bytes(16))
    out = bytearray(blocks)
    aes.encrypt_into(out, out)
    assert out == aes.encrypt(blocks)


@pytest.mark.parametrize("length", [0, 15, 17, 24, 32])
def test_other_key_lengths_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Aes(bytes(length))


@given(
    st.binary(min_size=16, max_size=16),
    st.binary(max_size=64).map(lambda b: b[: len(b) // 16 * 16]),
)
def test_pycryptodome_agrees(key: bytes, blocks: bytes) -> None:
    assert Aes(key).encrypt(blocks) == AES.new(key, AES.MODE_ECB).encrypt(blocks)


@pytest.mark.parametrize("length", [1, 15, 17])
def test_a_part_of_a_block_is_refused_and_leaves_nothing_behind(length: int) -> None:
    aes = Aes(bytes(16))
    whole = aes.encrypt(bytes(16))
    with pytest.raises(ValueError, match="whole blocks"):
        aes.encrypt(bytes(length))
    assert aes.encrypt(bytes(16)) == whole
