"""[[operator]] of gateway.toml: whose signed commands are obeyed, and which."""

from gateway.fields import Fields
from gateway.upstream.signed_command import MAY, Operator
from gateway.words import say


def read_operators(root: Fields) -> tuple[Operator, ...]:
    """Return the tables; a name or a key that two of them have is a problem."""
    operators = tuple(_operator(fields) for fields in root.tables("operator"))
    names = [operator.name for operator in operators]
    for name in sorted({name for name in names if names.count(name) > 1}):
        root.problem("operator.name", say("taken_name", name=name))
    if len({operator.key for operator in operators}) != len(operators):
        root.problem("operator.key", say("taken_key"))
    return operators


def _operator(fields: Fields) -> Operator:
    operator = Operator(
        name=fields.name("name", "desk"),
        key=fields.public_key("key"),
        may=fields.some("may", MAY) or MAY,
    )
    fields.finish()
    return operator
