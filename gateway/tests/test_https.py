"""Where a request may go, and what an answer means."""

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream import UpstreamDown
from gateway.upstream.drain import Busy, EventRefused
from gateway.upstream.http_config import HttpConfig
from gateway.upstream.https import Peer, allowed, judge

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PUBLIC = HttpConfig("webhook", "https://alerts.example.org/")
NAMED = HttpConfig("webhook", "https://desk.lan/", networks=(ip_network("10.1.2.0/24"),))
_DATES = st.from_regex(r"\A(Sun, )?\d{1,2} Nov \d{1,9} \d\d:\d\d(:\d\d)? ([+-]\d{1,9}|GMT|X)\Z")
LOCAL = HttpConfig("webhook", "http://localhost:8080/")


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "127.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.1.2.3",
        "ff0e::1",
    ],
)
def test_an_address_of_no_public_network_is_refused(address: str) -> None:
    assert not allowed(address, PUBLIC)


def test_a_public_address_is_allowed() -> None:
    assert allowed("9.9.9.9", PUBLIC)
    assert allowed("2620:fe::fe", PUBLIC)


def test_a_private_address_is_allowed_in_a_network_that_is_named() -> None:
    assert allowed("10.1.2.3", NAMED)
    assert allowed("::ffff:10.1.2.3", NAMED)
    assert not allowed("10.1.3.3", NAMED)
    assert not allowed("127.0.0.1", NAMED)


def test_this_machine_is_allowed_where_it_is_named() -> None:
    assert allowed("127.0.0.1", LOCAL)
    assert allowed("::1", LOCAL)


async def test_a_private_network_is_a_fault_before_anything_is_sent() -> None:
    for address in ("10.255.255.1", "169.254.169.254"):
        with pytest.raises(UpstreamDown, match="private_network"):
            await Peer(HttpConfig("webhook", f"https://{address}/")).post(b"{}", {})


@pytest.mark.parametrize(
    ("text", "after_s"),
    [
        ("7", 7),
        ("86400", 3600),
        ("Sun, 22 Nov 2026 08:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0),
        ("soon", 0),
        ("-1", 0),
        ("٣", 0),
    ],
)
def test_the_time_a_receiver_asks_for(text: str, after_s: float) -> None:
    for status in (429, 503):
        with pytest.raises(Busy) as caught:
            judge(status, {"retry-after": text}, NOW)
        assert caught.value.after_s == after_s


@given(st.text(max_size=40) | _DATES)
def test_whatever_is_asked_for_is_a_time_of_an_hour_at_most(text: str) -> None:
    with pytest.raises(Busy) as caught:
        judge(429, {"retry-after": text}, NOW)
    assert 0 <= caught.value.after_s <= 3600


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (301, UpstreamDown, "redirect"),
        (308, UpstreamDown, "redirect"),
        (401, UpstreamDown, "http_401"),
        (404, UpstreamDown, "http_404"),
        (410, Busy, "gone"),
        (400, EventRefused, "http_400"),
        (413, EventRefused, "http_413"),
        (500, UpstreamDown, "http_500"),
    ],
)
def test_what_an_answer_means(status: int, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=reason):
        judge(status, {}, NOW)


def test_every_success_is_one() -> None:
    for status in (200, 201, 202, 204):
        judge(status, {}, NOW)
