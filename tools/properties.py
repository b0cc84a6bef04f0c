"""How many examples a property is shown: read by pytest before any test (pyproject.toml).

| profile | examples | |
|---|---|---|
| `tocsin` | 100 | without a word |
| `quick` | 25 | `tools/test --quick` |

No example has a deadline: the machine may be busy.
"""

from hypothesis import settings

settings.register_profile("tocsin", deadline=None, max_examples=100)
settings.register_profile("quick", deadline=None, max_examples=25)
settings.load_profile("tocsin")


def at_most(examples: int) -> settings:
    """Return the settings of a property whose examples are dear."""
    return settings(max_examples=min(examples, settings().max_examples))
