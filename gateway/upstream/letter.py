"""An event as a person reads it: a subject and a few lines, in French or English. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.disk.outbox_rows import Row
from gateway.words import known, say_in

_SENTENCES = {
    "tocsin.alert.raised": "letter.alert",
    "tocsin.alert.updated": "letter.alert",
    "tocsin.alert.escalated": "letter.alert",
    "tocsin.alert.repeated": "letter.alert",
    "tocsin.alert.nobody_told": "letter.alert",
    "tocsin.alert.acknowledged": "letter.acknowledged",
    "tocsin.alert.closed": "letter.closed",
    "tocsin.alert.cancelled": "letter.cancelled",
    "tocsin.device.missing": "letter.missing",
    "tocsin.device.restored": "letter.restored",
    "tocsin.test.trial": "letter.test",
    "tocsin.test.raised": "letter.test",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """`calls`: a person is to take it, so that a link belongs into it."""

    subject: str
    headline: str
    lines: tuple[str, ...]
    calls: bool

    def text(self, language: str, link: str | None) -> str:
        """Return the body of an e-mail; `link` acknowledges."""
        return f"{self.headline}\n\n{self.message(language, link)}\n"

    def message(self, language: str, link: str | None) -> str:
        """Return what stands below the subject where both are read as one: on a telephone."""
        extra = ("", say_in(language, "letter.link"), link) if link and self.calls else ()
        return "\n".join((*self.lines, *extra))


def of_row(row: Row, site: str, language: str, *, labels: bool) -> Letter | None:
    """Return what people are told of a row, None where it is not for them; names only with `labels`."""
    sentence = _SENTENCES.get(row.type)
    if sentence is None:
        return None
    subject = say_in(language, sentence, **_named(row.data, language))
    return Letter(
        subject=f"[{site}] {subject}",
        headline=subject,
        lines=tuple(_lines(row, site, language, labels=labels)),
        calls=sentence == "letter.alert" and row.data.get("state") == "open",
    )


def _named(data: Mapping[str, object], language: str) -> dict[str, str]:
    kind = f"letter.kind.{data.get('kind')}"
    return {
        "kind": say_in(language, kind) if known(kind) else str(data.get("kind")),
        "place": _one_line(data.get("place")) or "?",
        "device": _one_line(data.get("device")),
    }


def _lines(row: Row, site: str, language: str, *, labels: bool) -> list[str]:
    at = datetime.fromtimestamp(row.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    lines = [say_in(language, "letter.site", site=site), say_in(language, "letter.at", at=at)]
    if row.data.get("device"):
        lines.append(say_in(language, "letter.device", device=_one_line(row.data["device"])))
    if labels and row.data.get("label"):
        lines.append(say_in(language, "letter.label", label=_one_line(row.data["label"])))
    if row.data.get("silent"):
        lines.append(say_in(language, "letter.silent"))
    access = row.data.get("access")
    if isinstance(access, Mapping):
        lines += [_one_line(text) for text in access.values()]
    return lines


def _one_line(value: object) -> str:
    """Return a value that makes no header and no line of its own."""
    return "".join(one if one.isprintable() else " " for one in str(value or ""))
