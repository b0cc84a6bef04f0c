"""Two gateways hear one press: the wearer feels each stage once, and both name the same incident."""

from pathlib import Path

from firmware.tests.worn import KEY, Worn
from protocol.identity import first_counter, incident_id
from protocol.keys import Keys
from protocol.kinds import ACKNOWLEDGED, STORED
from protocol.messages import IncidentMessage
from tools.virtual.peer import Peer


def incidents(peer: Peer) -> set[bytes]:
    return {
        incident_id(Keys(KEY), first_counter(heard.counter, heard.message.block))
        for heard in peer.heard
        if isinstance(heard.message, IncidentMessage)
    }


def test_each_stage_is_felt_once_and_the_incident_is_the_same(tmp_path: Path) -> None:
    with Worn(tmp_path, loss=0.1) as worn:
        second = Peer(worn.world, KEY, name="second")
        worn.gateway.answer_mark, second.answer_mark = 1, 2
        worn.gateway.answer_op = second.answer_op = STORED
        worn.start(settle_s=5)
        worn.raise_alert()
        assert worn.feels("received", 5)
        worn.world.run_for(20)
        for peer in (worn.gateway, second):
            peer.answer_op = ACKNOWLEDGED
        assert worn.feels("help", 30)
        assert worn.sleeps(60)

        assert worn.felt() == ["sent", "received", "help"]
        assert incidents(worn.gateway) == incidents(second)
        assert len(incidents(second)) == 1
