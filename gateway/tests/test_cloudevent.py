"""Events written ahead, while the disk is at work."""

import json

from gateway.config import Place
from gateway.disk.outbox_rows import row_of
from gateway.drafts import Written
from gateway.upstream.cloudevent import Author
from gateway.upstream.signature import Signer

COLUMNS = (7, "i.1", "i", "tocsin.alert.raised", 5.0, "i", 1)


class Counting(Signer):
    """Counts its signatures."""

    made = 0

    def sign(self, message: bytes) -> bytes:
        self.made += 1
        return super().sign(message)


def author() -> tuple[Author, Counting]:
    signer = Counting(bytes(32))
    return Author(Place("site", "one"), signer), signer


def written(data: str = '{"a": 1}', *, urgent: bool = True, event: str = "i.1") -> Written:
    return Written("broker", urgent, (7, event, *COLUMNS[2:], data))


def test_what_was_written_ahead_is_not_signed_again_and_the_same_for_every_target() -> None:
    ahead, signer = author()
    ahead.prepare([written(), written()])
    assert signer.made == 1
    row = row_of(written().columns)
    plain, _ = author()
    assert ahead.write(row) == plain.write(row)
    assert signer.made == 1


def test_of_a_commit_that_failed_nothing_is_told() -> None:
    ahead, _ = author()
    ahead.prepare([written('{"head": "first"}')])
    told = json.loads(ahead.write(row_of(written('{"head": "second"}').columns)))
    assert told["data"] == {"head": "second"}
    ahead.prepare([written('{"head": "third"}')])
    told = json.loads(ahead.write(row_of(written('{"head": "third"}').columns)))
    assert told["data"] == {"head": "third"}


def test_only_alerts_are_and_only_a_few_are_kept() -> None:
    ahead, signer = author()
    ahead.prepare([written(urgent=False)])
    assert signer.made == 0
    ahead.prepare([written(event=f"i.{number}") for number in range(100)])
    assert len(ahead._prepared) < 20
