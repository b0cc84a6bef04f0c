"""What gateway.toml says of webhooks and CAP: good tables, and each mistake by name."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config import ConfigError, load
from gateway.upstream.cap_config import CapConfig
from gateway.upstream.webhook_config import WebhookConfig, secret_of

HEAD = """
[gateway]
site = "s"
[[radio]]
type = "radio_head"
port = "/dev/ttyUSB0"
[[upstream]]
"""
WEBHOOK = 'type = "webhook"\nurl = "https://a.example.org/x"\n'
CAP = 'type = "cap"\nurl = "https://a.example.org/x"\n'


def read(tmp_path: Path, upstream: str, more: str = "") -> WebhookConfig | CapConfig:
    path = tmp_path / "gateway.toml"
    path.write_text(HEAD + upstream + more, encoding="utf-8")
    (found,) = load(path).upstreams
    assert isinstance(found, WebhookConfig | CapConfig)
    return found


def test_a_webhook_needs_a_url_alone(tmp_path: Path) -> None:
    found = read(tmp_path, WEBHOOK)
    assert isinstance(found, WebhookConfig)
    assert (found.name, found.http.host, found.http.port) == ("webhook", "a.example.org", 443)
    assert found.http.networks == found.secrets == ()
    assert not found.commands


def test_a_webhook_may_have_all_of_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        WEBHOOK + 'name = "desk"\nsecret_file = "/s"\ncert_file = "/c"\nkey_file = "/k"\n'
        'token_file = "/t"\nca_file = "/a"\nproxy = "http://proxy:3128"\ncommands = true\n'
        'networks = ["10.1.2.0/24", "fd00::/8"]\n',
    )
    assert isinstance(found, WebhookConfig)
    assert found.name == "desk"
    assert found.commands
    assert found.http.networks == (ip_network("10.1.2.0/24"), ip_network("fd00::/8"))
    assert sorted(map(str, found.secrets)) == ["/k", "/s", "/t"]


def test_cap_needs_a_sender_and_whom_it_is_for(tmp_path: Path) -> None:
    found = read(tmp_path, CAP + 'sender = "t@example.org"\naddresses = ["arc"]\nlanguage = "fr"\n')
    assert isinstance(found, CapConfig)
    assert (found.sender_name, found.addresses, found.language) == ("t@example.org", ("arc",), "fr")


@pytest.mark.parametrize(
    ("upstream", "key"),
    [
        (WEBHOOK.replace("https", "http"), "url"),
        (WEBHOOK.replace("https", "ftp"), "url"),
        (WEBHOOK.replace("//", "//user:password@"), "url"),
        (WEBHOOK.replace("a.example.org", "a.example.org:port"), "url"),
        ('type = "webhook"\n', "url"),
        (WEBHOOK + 'networks = ["ten"]\n', "networks"),
        (WEBHOOK + 'networks = ["10.1.2.3/24"]\n', "networks"),
        (WEBHOOK + 'proxy = "https://proxy"\n', "proxy"),
        (WEBHOOK + 'proxy = "http://proxy"\n', "proxy"),
        (WEBHOOK + 'proxy = "http://[:3128"\n', "proxy"),
        (WEBHOOK + 'proxy = "http://jo:secret@proxy:3128"\n', "proxy"),
        (WEBHOOK + 'key_file = "/k"\n', "cert_file"),
        (WEBHOOK + 'host = "x"\n', "host"),
        (CAP + 'addresses = ["arc"]\n', "sender"),
        (CAP + 'sender = "a b"\naddresses = ["arc"]\n', "sender"),
        (CAP + 'sender = "a,b"\naddresses = ["arc"]\n', "sender"),
        (CAP + 'sender = "a"\n', "addresses"),
        (CAP + 'sender = "a"\naddresses = ["<"]\n', "addresses"),
        (CAP + 'sender = "a"\naddresses = ["b"]\nlanguage = "de"\n', "language"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, upstream: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, upstream)
    assert [problem.key for problem in caught.value.problems] == [f"upstream[1].{key}"]


@pytest.mark.parametrize(
    "upstream",
    [
        WEBHOOK.replace("//", "//user:s3cr3t@"),
        WEBHOOK + 'secret = "s3cr3t"\n',
        WEBHOOK + 'token = "s3cr3t"\n',
        'type = "mqtt"\nhost = "b.example.org"\npassword = "s3cr3t"\n',
        'type = "sia"\nhost = "a.example.org"\nport = 1\naccount = "1234"\nkey = "s3cr3t"\n',
    ],
)
def test_a_secret_that_stands_in_gateway_toml_is_refused_and_not_repeated(
    tmp_path: Path, upstream: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, upstream)
    assert "s3cr3t" not in str(caught.value)


def test_gateways_share_over_a_broker_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, WEBHOOK, '[site]\nbroker = "webhook"\n')
    assert [problem.key for problem in caught.value.problems] == ["site.broker"]


@pytest.mark.parametrize("text", ["whsec_", "whsec_AAAA", "whsec_%%", "whsec_" + "A" * 120])
def test_a_weak_or_broken_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|bytes"):
        secret_of(text)


def test_a_secret_is_read_with_and_without_its_prefix() -> None:
    assert secret_of("whsec_" + "A" * 32 + "\n") == secret_of("A" * 32) == bytes(24)
