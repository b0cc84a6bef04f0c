import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.aes import Aes
from protocol.ccm import ShortCcm
from protocol.errors import BadTag
from protocol.whole_ccm import seal, unseal

AES = Aes(bytes(range(16)))
NONCES = st.binary(min_size=13, max_size=13)
SHORT = st.binary(max_size=16)


@given(NONCES, st.binary(max_size=70), st.binary(max_size=40), st.sampled_from([4, 8, 10, 16]))
def test_reference_round_trip(nonce: bytes, payload: bytes, ad: bytes, tag_len: int) -> None:
    sealed = seal(AES, nonce, payload, ad, tag_len)
    assert len(sealed) == len(payload) + tag_len
    assert unseal(AES, nonce, sealed, ad, tag_len) == payload


@given(NONCES, SHORT, st.integers(0, 5))
def test_short_form_is_the_reference(nonce: bytes, payload: bytes, at: int) -> None:
    ccm = ShortCcm(AES)
    ccm.nonce[:] = nonce
    out = bytearray(at + len(payload) + 8)
    ccm.seal(payload, len(payload), out, at)
    assert out == bytes(at) + seal(AES, nonce, payload, b"", 8)
    back = bytearray(len(payload))
    assert ccm.unseal(out, at, len(payload), back)
    assert back == payload


@given(NONCES, SHORT, st.data())
def test_any_flipped_bit_is_bad_tag(nonce: bytes, payload: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(AES, nonce, payload, b"", 8))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadTag):
        unseal(AES, nonce, bytes(sealed), b"", 8)
    ccm = ShortCcm(AES)
    ccm.nonce[:] = nonce
    out = bytearray(b"\xff" * len(payload))
    assert not ccm.unseal(sealed, 0, len(payload), out)
    assert out == bytes(len(payload))


@given(NONCES, SHORT, st.integers(0, 8 * 13 - 1))
def test_another_nonce_is_bad_tag(nonce: bytes, payload: bytes, bit: int) -> None:
    sealed = seal(AES, nonce, payload, b"", 8)
    other = bytearray(nonce)
    other[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadTag):
        unseal(AES, bytes(other), sealed, b"", 8)
