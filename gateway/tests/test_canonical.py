"""The spelling that is signed: the same as that of two libraries by others, whatever a value holds."""

import jcs
import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.upstream.canonical import canonical

_TEXT = st.text(max_size=8)
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _FLOATS | _TEXT
_INNER = st.lists(_LEAVES, max_size=3) | st.dictionaries(_TEXT, _LEAVES, max_size=3)


@settings(max_examples=50)
@given(value=st.dictionaries(_TEXT, _LEAVES | _INNER, max_size=4))
@example(value={"n": [0.0001, 0.00009999, 1e-7, 5.0, -0.0, 2.0**53, 1e16, 1e21, 0.1 + 0.2]})
@example(value={"\x7f": '\x00\x1f\x7f\u2028"\\/', "A": 1, "a": 2, "é": 3})
@example(value={"\U0001f600": 1, "\ufb33": 2})  # UTF-16 sorts them the other way round
def test_two_libraries_by_others_spell_it_so(value: dict[str, object]) -> None:
    assert canonical(value) == rfc8785.dumps(value) == jcs.canonicalize(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800"])
def test_what_has_no_spelling_is_refused(value: object) -> None:
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        canonical({"value": value})
