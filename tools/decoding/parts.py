"""An explanation: parts within parts, each with its fields, where they stand, and what they mean."""

from collections.abc import Iterator
from dataclasses import dataclass, field

Value = int | str | bool | None


@dataclass(frozen=True)
class Field:
    """`start` to `end` (not included) are bytes of the input; `bits` of the word in them, 23..0.

    Where the two are equal, the field is not in the bytes but follows from them.
    """

    name: str
    start: int
    end: int
    value: Value
    meaning: str = ""
    bits: str | None = None


@dataclass
class Part:
    """A frame, an advertisement, a packet ...; `problem` says why it cannot be explained further."""

    name: str
    fields: list[Field] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)
    problem: str | None = None
    reason: str | None = None  # the stable one: malformed, unknown_device, bad_tag

    def add(
        self,
        name: str,
        span: tuple[int, int],
        value: Value,
        meaning: str = "",
        bits: str | None = None,
    ) -> None:
        """Add a field; `span` is its start and end."""
        self.fields.append(Field(name, *span, value, meaning, bits))

    def refuse(self, reason: str, problem: str) -> "Part":
        """Say why there is no more; return self."""
        self.reason, self.problem = reason, problem
        return self

    def all(self) -> Iterator["Part"]:
        """Yield this part and all below it."""
        yield self
        for part in self.parts:
            yield from part.all()

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is wrong here or below."""
        return all(part.problem is None for part in self.all())


def as_json(part: Part) -> dict[str, object]:
    """Return a part as what `--json` prints; `bytes` is [first, last], or null."""
    return {
        "name": part.name,
        "fields": [
            {
                "name": each.name,
                "bytes": [each.start, each.end - 1] if each.start < each.end else None,
                "bits": each.bits,
                "value": each.value,
                "meaning": each.meaning,
            }
            for each in part.fields
        ],
        "parts": [as_json(each) for each in part.parts],
        "reason": part.reason,
        "problem": part.problem,
    }


def as_text(part: Part, indent: str = "") -> str:
    """Return a part as lines for people."""
    lines = [f"{indent}{part.name}"]
    names = max((len(each.name) for each in part.fields), default=0)
    values = max((len(_shown(each)) for each in part.fields), default=0)
    for each in part.fields:
        value = _shown(each).ljust(values)
        line = f"{indent}  {_place(each):<18} {each.name.ljust(names)}  {value}  {each.meaning}"
        lines.append(line.rstrip())
    lines += [as_text(each, indent + "  ") for each in part.parts]
    if part.problem:
        lines.append(f"{indent}  {part.reason}: {part.problem}")
    return "\n".join(lines)


def _place(each: Field) -> str:
    if each.start >= each.end:
        return ""
    span = f"{each.start}" if each.end == each.start + 1 else f"{each.start}..{each.end - 1}"
    return f"{span} bits {each.bits}" if each.bits else span


def _shown(each: Field) -> str:
    return "-" if each.value is None else str(each.value)
