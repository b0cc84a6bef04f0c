"""The one spelling of a JSON value (RFC 8785), that a signature may hold for it. Pure.

orjson writes what events hold as RFC 8785 wants it, in a small part of the time, once numbers are spelt as
ECMAScript does and while names are ASCII. All else goes to the library that knows every case.
"""

from typing import Any

import orjson
import rfc8785

_WHOLE_MAX = 2**53  # below, a number has one spelling in ECMAScript and here


class _Unusual(Exception):
    """The encoder might spell it in another way."""


def canonical(value: dict[str, Any]) -> bytes:
    """Return the bytes; raise `rfc8785.CanonicalizationError` where a value has none."""
    try:
        return orjson.dumps(_spelt(value), option=orjson.OPT_SORT_KEYS)
    except (_Unusual, orjson.JSONEncodeError):
        return rfc8785.dumps(value)


def _spelt(value: Any) -> Any:  # noqa: ANN401 - whatever JSON may hold
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int and -_WHOLE_MAX < value < _WHOLE_MAX:
        return value
    if kind is float and (value == 0 or 1e-4 <= abs(value) < _WHOLE_MAX):  # others have exponents
        whole = int(value)
        return whole if whole == value else value
    if kind is dict and "".join(value).isascii():  # else they are sorted by their UTF-16
        return {name: _spelt(one) for name, one in value.items()}
    if kind is list:
        return [_spelt(one) for one in value]
    raise _Unusual
