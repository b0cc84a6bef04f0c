from hypothesis import given
from hypothesis import strategies as st

from protocol.aes import Aes
from protocol.cmac import cmac
from protocol.tests.independent import mac


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=70))
def test_cmac_is_that_of_pycryptodome(key: bytes, message: bytes) -> None:
    assert cmac(Aes(key), message) == mac(key, message)
