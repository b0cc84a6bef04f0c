"""What anybody may send, for the tests of what must take it apart: any JSON, any bytes."""

from hypothesis import strategies as st

# JSON can hold halves of surrogate pairs, NaN and numbers of any size: senders are not ours.
_TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
JSON = st.recursive(
    _PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.dictionaries(_TEXTS, JSON, max_size=5)


def spliced(content: bytes) -> st.SearchStrategy[bytes]:
    """Return `content` with a piece of it replaced by other bytes."""

    def cut(begin: int, length: int, other: bytes) -> bytes:
        return content[:begin] + other + content[begin + length :]

    return st.builds(
        cut,
        begin=st.integers(0, len(content)),
        length=st.integers(0, 12),
        other=st.binary(max_size=12),
    )


def fields(*names: str) -> st.SearchStrategy[dict[str, object]]:
    """Return objects with any value under some of `names`."""
    return st.dictionaries(st.sampled_from(names), JSON, max_size=len(names))
