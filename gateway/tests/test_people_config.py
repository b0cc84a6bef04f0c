"""[[upstream]] of type sia, mail and apprise, and [acknowledge]: what is read, and what is refused."""

from pathlib import Path

import pytest

from gateway.config import Config, ConfigError, load
from gateway.upstream.apprise_config import AppriseConfig
from gateway.upstream.people_config import MailConfig
from gateway.upstream.sia_config import SiaConfig

HEAD = '[gateway]\nsite = "msp"\n[[radio]]\ntype = "radio_head"\nport = "/dev/ttyACM0"\n'
SIA = '[[upstream]]\ntype = "sia"\nhost = "arc.example.org"\nport = 9000\naccount = "12ab"\n'
MAIL = (
    '[[upstream]]\ntype = "mail"\nhost = "mail.example.org"\nsender = "t@example.org"\n'
    'recipients = ["a@example.org"]\n'
)
PERSON = '[[upstream]]\ntype = "apprise"\nname = "anne"\nurl_file = "/etc/tocsin/anne.url"\n'


def read(folder: Path, text: str) -> Config:
    path = folder / "gateway.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load(path)


def test_an_alarm_receiving_centre_with_two_receivers_areas_and_zones(tmp_path: Path) -> None:
    text = (
        SIA + 'second_host = "arc2.example.org"\n[[upstream.area]]\nplace = "yard"\nnumber = 2\n'
        '[[upstream.zone]]\ndevice = "button-01"\nnumber = 7\n'
    )
    (centre,) = read(tmp_path, text).upstreams
    assert isinstance(centre, SiaConfig)
    assert centre.receivers == (("arc.example.org", 9000), ("arc2.example.org", 9000))
    assert (centre.account, centre.areas, centre.zones) == ("12AB", {"yard": 2}, {"button-01": 7})


def test_mail_is_encrypted_and_tells_no_names_unless_the_file_says_otherwise(
    tmp_path: Path,
) -> None:
    config = read(tmp_path, MAIL)
    (mail,) = config.upstreams
    assert isinstance(mail, MailConfig)
    assert (mail.security, mail.port, mail.labels) == ("starttls", 587, False)
    assert config.acknowledge.base_url == ""


def test_a_person_is_a_file_that_holds_a_url_and_nobody_else_may_read(tmp_path: Path) -> None:
    (anne,) = read(tmp_path, PERSON).upstreams
    assert isinstance(anne, AppriseConfig)
    assert (anne.name, anne.language, anne.labels) == ("anne", "fr", False)
    assert anne.secrets == (Path("/etc/tocsin/anne.url"),)


def test_a_url_in_gateway_toml_is_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, PERSON.replace("url_file", "url").replace("/etc", "ntfys://s3cr3t"))
    assert {problem.key for problem in caught.value.problems} == {
        "upstream[1].url",
        "upstream[1].url_file",
    }
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (PERSON + 'proxy = "socks5://x:1"\n', "upstream[1].proxy"),
        (PERSON + 'language = "de"\n', "upstream[1].language"),
        (PERSON + "labels = 1\n", "upstream[1].labels"),
        (SIA.replace("12ab", "12xy"), "upstream[1].account"),
        (SIA.replace("12ab", "12"), "upstream[1].account"),
        (SIA + "colour = 1\n", "upstream[1].colour"),
        (MAIL.replace("a@example.org", "a@b\\r\\nBcc: c@d"), "upstream[1].recipients"),
        (MAIL.replace('["a@example.org"]', "[]"), "upstream[1].recipients"),
        (
            MAIL + 'security = "none"\nusername = "x"\npassword_file = "/x"\n',
            "upstream[1].security",
        ),
        (MAIL + '[acknowledge]\nack_base_url = "http://x.org"\n', "acknowledge.ack_base_url"),
        (MAIL + '[acknowledge]\nlisten = "x"\n', "acknowledge.listen"),
    ],
)
def test_what_is_wrong_is_named_once(text: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert [problem.key for problem in caught.value.problems] == [key]
