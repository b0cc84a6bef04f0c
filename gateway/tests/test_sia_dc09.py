"""The way to an alarm receiving centre, judged by pysiaalarm, a receiver that others wrote."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import pytest
from pysiaalarm.account import SIAAccount
from pysiaalarm.aio.client import SIAClient, SIAClientTCP, SIAClientUDP
from pysiaalarm.event import SIAEvent
from pysiaalarm.utils.enums import CommunicationsProtocol, MessageTypes

from gateway.tests.brokers import free_port
from gateway.tests.rows import Rows, row
from gateway.tests.waiting import eventually
from gateway.upstream import drain, sia_receiver
from gateway.upstream.dc09 import Account, crc, framed
from gateway.upstream.sia_config import SiaConfig
from gateway.upstream.sia_dc09 import SiaUpstream

KEYS = {16: "0123456789ABCDEF", 24: "0123456789ABCDEF01234567", 32: "0123456789ABCDEF" * 2}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "RETRY_FIRST_S", 0.05)
    monkeypatch.setattr(drain, "RETRY_MAX_S", 0.1)
    monkeypatch.setattr(drain, "REFUSED_FIRST_S", 0.05)
    monkeypatch.setattr(sia_receiver, "ANSWER_WITHIN_S", 1.0)


def config(*ports: int, key_file: Path | None = None, **fields: object) -> SiaConfig:
    values: dict[str, object] = {
        "name": "centre",
        "receivers": tuple(("127.0.0.1", port) for port in ports),
        "transport": "tcp",
        "form": "SIA-DCS",
        "account": "1234",
        "receiver": "0",
        "line": "0",
        "key_file": key_file,
        "supervision_s": 0,
        "areas": {"reception": 3},
        "zones": {"button-01": 7},
    } | fields
    return SiaConfig(**values)  # type: ignore[arg-type]


@asynccontextmanager
async def running(settings: SiaConfig) -> AsyncIterator[Rows]:
    rows = Rows()
    task = asyncio.create_task(SiaUpstream(settings, rows, rows.post).run())
    try:
        yield rows
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Centre:
    """pysiaalarm on a port, and what it took."""

    def __init__(self, port: int, key: str | None = None, **fields: object) -> None:
        self.heard: list[SIAEvent] = []  # supervision, too
        self.taken: list[SIAEvent] = []
        account = str(fields.pop("account", "1234"))
        transport = fields.pop("transport", "tcp")
        accounts = [SIAAccount(account, key, **fields)]  # type: ignore[arg-type]
        self.client: SIAClientTCP | SIAClientUDP
        if transport == "tcp":
            self.client = SIAClient("127.0.0.1", port, accounts, self._take)  # type: ignore[abstract, assignment]
            return
        udp = CommunicationsProtocol.UDP
        self.client = SIAClient("127.0.0.1", port, accounts, self._take, protocol=udp)  # type: ignore[abstract, assignment]
        server = self.client.sia_server  # it asserts a type that Python's own has not
        server.connection_made = lambda made: setattr(server, "transport", made)  # type: ignore[union-attr, method-assign]

    async def _take(self, event: SIAEvent) -> None:
        self.heard.append(event)
        if event.message_type is not MessageTypes.NULL:
            self.taken.append(event)

    async def __aenter__(self) -> Self:
        await self.client.async_start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.async_stop()


@asynccontextmanager
async def answering(
    port: int, answer: Callable[[bytes], Awaitable[bytes]]
) -> AsyncIterator[list[bytes]]:
    """Serve a receiver of our own making, for what no decent one does."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.readuntil(b"\r"))
            writer.write(await answer(heard[-1]))
            await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield heard
    finally:
        server.close()


def key_file(folder: Path, key: str) -> Path:
    path = folder / "sia.key"
    path.write_text(key.encode().hex() + "\n", encoding="ascii")
    return path


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("size", [0, *KEYS])
@pytest.mark.parametrize("form", ["SIA-DCS", "ADM-CID"])
async def test_the_receiver_takes_an_alert_of_both_forms_in_clear_and_under_every_key(
    transport: str, size: int, form: str, tmp_path: Path
) -> None:
    port, key = free_port(), KEYS.get(size)
    file = key_file(tmp_path, key) if key else None
    settings = config(port, key_file=file, transport=transport, form=form)
    async with Centre(port, key, transport=transport) as centre, running(settings) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.delivered and centre.taken)
    event = centre.taken[0]  # by UDP it may have come again, under the same number
    assert {one.sequence for one in centre.taken} == {event.sequence}
    assert (event.account, event.code, bool(event.encrypted)) == ("1234", "PA", key is not None)
    if form == "ADM-CID":
        assert (event.partition, event.ri, event.event_type) == ("03", "007", "120")
    else:
        assert (event.ri, event.message) == ("3", "7")
    assert [(one.row, one.incident, one.number) for one in rows.delivered] == [
        (1, row(1).incident, 1)
    ]


async def test_the_receiver_knows_every_code_that_is_told() -> None:
    port = free_port()
    told = {
        "PA": row(1),
        "HA": row(2, kind="hold_up"),
        "MA": row(3, kind="medical"),
        "QA": row(4, kind="emergency"),
        "TA": row(5, kind="tamper"),
        "PR": row(6, "tocsin.alert.closed"),
        "OC": row(7, "tocsin.alert.cancelled"),
        "XT": row(8, "tocsin.device.fault", code="battery_low"),
        "XR": row(9, "tocsin.device.restore", code="battery_low"),
        "UY": row(10, "tocsin.device.missing"),
        "UJ": row(11, "tocsin.device.restored"),
        "YC": row(12, "tocsin.gateway.fault", code="link_down"),
        "YK": row(13, "tocsin.gateway.restore", code="link_down"),
        "RX": row(14, "tocsin.test.raised"),
        "RP": row(15, "tocsin.test.trial"),
    }
    async with Centre(port) as centre, running(config(port)) as rows:
        rows.add(*told.values())
        await eventually(lambda: len(rows.delivered) == len(told))
        await eventually(lambda: len(centre.taken) == len(told))
    assert [event.code for event in centre.taken] == [*reversed(told)]
    assert [event.sia_code is not None for event in centre.taken] == [True] * len(told)


async def test_what_has_no_code_is_settled_and_counts_as_told_to_nobody() -> None:
    async with running(config(free_port())) as rows:
        rows.add(row(1, "tocsin.alert.acknowledged"))
        await eventually(lambda: not rows.waiting)
    assert [(one.row, one.incident) for one in rows.delivered] == [(1, None)]


async def test_the_clock_of_the_receiver_is_taken_from_its_refusal(tmp_path: Path) -> None:
    port, ahead_s = free_port(), 7_200.0
    stamp = "%H:%M:%S,%m-%d-%Y"
    heard_at: list[float] = []

    async def strict(raw: bytes) -> bytes:
        head, _, text = raw.decode().strip().rpartition("_")
        sequence = head[8:].split('"')[2][:4]
        now = time.time() + ahead_s
        told = calendar(text, stamp)
        if abs(told - now) > 20:
            return framed(f'"NAK"0000R0L0A0[]_{time.strftime(stamp, time.gmtime(now))}')
        heard_at.append(told)
        return framed(f'"ACK"{sequence}R0L0#1234[]')

    async with answering(port, strict) as heard, running(config(port)) as rows:
        rows.add(row(1), row(2))
        await eventually(lambda: len(rows.delivered) == 2)
    assert (
        len([raw for raw in heard if b"SIA-DCS" in raw]) == 3
    )  # refused once, then the offset is known
    assert all(abs(at - time.time() - ahead_s) < 20 for at in heard_at)


def calendar(text: str, form: str) -> float:
    import calendar as dates

    return float(dates.timegm(time.strptime(text, form)))


async def test_pysiaalarm_refuses_a_stale_clock_and_takes_the_message_once_it_is_followed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    port = free_port()
    async with Centre(port, KEYS[16]) as centre:
        receiver = sia_receiver.Receiver("127.0.0.1", port, "tcp")
        receiver._ahead_s = -3_600.0  # as a gateway whose clock is an hour behind
        account = Account("1234", KEYS[16].encode())
        answer = await receiver.ask(account, "SIA-DCS", 5, "#1234|NPA7")
    assert answer.verdict == "ACK"
    assert abs(receiver._ahead_s) < 5.0
    assert centre.client.counts.error_timestamp == 1


async def test_an_unknown_account_is_a_fault_and_the_alert_stays() -> None:
    port = free_port()
    async with Centre(port, account="9999"), running(config(port)) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong.get("event_refused") == "nak")
    assert [one.id for one in rows.waiting] == [1]
    assert not rows.delivered


async def test_where_the_first_receiver_is_gone_the_second_takes_it_and_the_fault_names_the_first() -> (
    None
):
    first, second = free_port(), free_port()
    async with Centre(second) as centre, running(config(first, second)) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.delivered and centre.taken)
        assert rows.wrong == {"receiver_1_down": "connection_refused"}


async def test_a_link_that_falls_silent_is_a_fault_before_any_alert_and_ends_by_itself() -> None:
    port = free_port()
    async with running(config(port, supervision_s=0.05)) as rows:
        await eventually(lambda: {"receiver_1_down", "unreachable"} <= rows.wrong.keys())
        async with Centre(port) as centre:
            await eventually(lambda: not rows.wrong)
            await eventually(lambda: len(centre.heard) >= 2)
            assert {str(event.sequence) for event in centre.heard} == {"0000"}


async def test_a_centre_that_does_not_know_the_account_is_a_fault_before_any_alert() -> None:
    port = free_port()
    async with running(config(port, supervision_s=0.05)) as rows:
        async with Centre(port, account="9999"):
            await eventually(lambda: rows.wrong.get("refused") == "nak")
        async with Centre(port):
            await eventually(lambda: not rows.wrong)


async def test_a_second_receiver_that_is_gone_is_a_fault_while_the_first_takes_all() -> None:
    first, second = free_port(), free_port()
    async with Centre(first) as centre, running(config(first, second, supervision_s=0.05)) as rows:
        await eventually(lambda: rows.wrong == {"receiver_2_down": "connection_refused"})
        rows.add(row(1))
        await eventually(lambda: rows.delivered and centre.taken)
        async with Centre(second):
            await eventually(lambda: not rows.wrong)


async def test_the_encrypted_supervision_is_taken_too(tmp_path: Path) -> None:
    port = free_port()
    settings = config(port, key_file=key_file(tmp_path, KEYS[32]), supervision_s=60)
    async with Centre(port, KEYS[32]) as centre, running(settings) as rows:
        await eventually(lambda: centre.heard)
        await eventually(lambda: not rows.wrong)
    assert bool(centre.heard[0].encrypted)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (framed('"ACK"0000R0L0#1234[]'), "another_message"),
        (b"\n0000" + framed('"ACK"0001R0L0#1234[]')[5:], "crc"),
        (b"HTTP/1.1 200 OK\r", "garbage"),
        (b"", "connection_lost"),
        (b'"ACK"', "unsigned_ack"),
        (b"x" * 5_000, "too_long"),
        (framed('"DUH"0042R0L0#1234[]'), "duh"),
    ],
)
async def test_a_receiver_that_answers_wrongly_confirms_nothing(
    answer: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setattr("gateway.upstream.sia_dc09.secrets.randbelow", lambda _: 41)

    async def wrong(_: bytes) -> bytes:
        return answer

    async with answering(port, wrong) as heard, running(config(port)) as rows:
        rows.add(row(1))
        await eventually(lambda: why in rows.wrong.values())
        await eventually(lambda: len(heard) >= 2)
    assert not rows.delivered
    assert (
        len({raw[8:].split(b'"')[2][:4] for raw in heard}) == 1
    )  # the same number at each attempt


async def test_a_receiver_that_never_answers_is_a_fault() -> None:
    port = free_port()

    async def silent(_: bytes) -> bytes:
        await asyncio.sleep(5)
        return b""

    async with answering(port, silent), running(config(port)) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong.get("unreachable") == "no_answer")
    assert not rows.delivered


async def test_a_datagram_that_is_lost_is_sent_again_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sia_receiver, "ANSWER_WITHIN_S", 0.1)
    heard: list[bytes] = []

    class Deaf(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            heard.append(data)
            if len(heard) > 1:
                sequence = data[8:].decode().split('"')[2][:4]
                self.transport.sendto(framed(f'"ACK"{sequence}R0L0#1234[]'), addr)  # type: ignore[attr-defined]

    port, loop = free_port(), asyncio.get_running_loop()
    made, _ = await loop.create_datagram_endpoint(Deaf, local_addr=("127.0.0.1", port))
    async with running(config(port, transport="udp")) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.delivered)
    made.close()
    assert heard[0] == heard[1]
    assert "unreachable" not in rows.wrong


async def test_by_datagrams_nobody_there_and_one_that_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sia_receiver, "ANSWER_WITHIN_S", 0.05)
    async with running(config(free_port(), transport="udp")) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong.get("unreachable") == "connection_refused")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        async with running(config(silent.getsockname()[1], transport="udp")) as rows:
            rows.add(row(1))
            await eventually(lambda: rows.wrong.get("unreachable") == "no_answer")
    assert not rows.delivered


async def test_a_centre_with_another_key_is_a_fault(tmp_path: Path) -> None:
    port = free_port()
    settings = config(port, key_file=key_file(tmp_path, KEYS[32][::-1]))
    async with Centre(port, KEYS[32]), running(settings) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong)
    # What the receiver reads by its key is noise, and may by chance look like a message of no sense.
    assert rows.wrong in ({"event_refused": "nak"}, {"event_refused": "duh"})
    assert not rows.delivered


async def test_with_a_key_an_acknowledgement_in_clear_confirms_nothing(tmp_path: Path) -> None:
    port = free_port()

    async def forger(raw: bytes) -> bytes:
        sequence = raw.decode().split('"')[2][:4]
        return framed(f'"ACK"{sequence}R0L0#1234[]')

    settings = config(port, key_file=key_file(tmp_path, KEYS[16]))
    async with answering(port, forger), running(settings) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong.get("unreachable") == "in_clear")
    assert not rows.delivered


async def test_a_key_that_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "sia.key"
    file.write_text("abcd", encoding="ascii")
    async with running(config(free_port(), key_file=file)) as rows:
        rows.add(row(1))
        await eventually(lambda: rows.wrong.get("unreachable") == "key_file")


def test_the_crc_is_the_one_of_messages_recorded_elsewhere() -> None:
    """As sent by a panel of another make, in the issues of a public receiver."""
    assert crc(b'"NULL"0000R000001L010000#2104814[]_09:31:47,05-27-2026') == 0x13B1
