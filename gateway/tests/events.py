"""Every event of every test of the path, held against the schema that we publish."""

from jsonschema import Draft202012Validator

from gateway.drafts import Notice
from gateway.upstream.event_types import FAMILIES, data_schema

_TYPES = {f"{family}.{name}" for family, (names, _, _) in FAMILIES.items() for name in names}
_DATA = {family: Draft202012Validator(data_schema(family)) for family in FAMILIES}


def assert_is_published(notice: Notice) -> None:
    assert notice.type in _TYPES, notice.type
    _DATA[notice.type.rpartition(".")[0]].validate(dict(notice.data))
