from protocol import errors


def test_every_reason_is_its_own() -> None:
    kinds = errors.ProtocolError.__subclasses__()
    assert {kind.reason for kind in kinds} == {
        "malformed",
        "unknown_device",
        "bad_tag",
        "counter_reuse",
        "too_old",
    }
    assert len({kind.reason for kind in kinds}) == len(kinds)
