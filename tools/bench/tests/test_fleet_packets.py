"""The packets of the simulated gateways are MQTT 3.1.1, however the bytes arrive."""

import pytest

from tools.bench import fleet_packets as mqtt
from tools.bench.fleet_packets import Message, NotMqtt, Packet, Packets


def only(sent: bytes) -> Packet:
    (packet,) = Packets().feed(sent)
    return packet


def test_a_connect_asks_for_its_session_and_leaves_a_retained_will() -> None:
    packet = only(mqtt.connect("gw", 15, Message("a/status", b"gone", None)))
    assert packet.kind == mqtt.CONNECT
    assert packet.rest.hex(" ") == (
        "00 04 4d 51 54 54 04 2c 00 0f 00 02 67 77"  # MQTT, 4, no clean session, 15 s, gw
        " 00 08 61 2f 73 74 61 74 75 73 00 04 67 6f 6e 65"
    )


def test_without_a_will_no_flag_is_set() -> None:
    assert only(mqtt.connect("gw", 15)).rest[7] == 0


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 70_000])
def test_a_message_is_the_same_at_the_other_end(size: int) -> None:
    packet = only(mqtt.publish(7, "a/b", b"x" * size))
    assert Message.of(packet) == Message("a/b", b"x" * size, 7)


def test_a_message_of_qos_0_is_confirmed_by_nobody() -> None:
    assert Message.of(Packet(mqtt.PUBLISH, 0, b"\x00\x01ax")) == Message("a", b"x", None)


def test_packets_are_cut_wherever_the_bytes_were() -> None:
    sent = mqtt.puback(300) + mqtt.publish(1, "a", b"x" * 200) + mqtt.PINGREQ
    packets = Packets()
    found = [packet for at in range(len(sent)) for packet in packets.feed(sent[at : at + 1])]
    assert found == list(Packets().feed(sent))
    assert [packet.kind for packet in found] == [mqtt.PUBACK, mqtt.PUBLISH, 12]
    assert found[0].number == 300


def test_a_length_that_does_not_end_is_no_mqtt() -> None:
    with pytest.raises(NotMqtt):
        list(Packets().feed(b"\x20\xff\xff\xff\xff"))


def test_a_message_that_ends_in_its_head_is_no_mqtt() -> None:
    with pytest.raises(NotMqtt):
        Message.of(Packet(mqtt.PUBLISH, 2, b"\x00\x09ab"))
