"""The kernel's count of what a controller sends, read from a structure as C lays it out."""

import ctypes

import pytest

from gateway.radio.hci_counter import HciCounter


class DevInfo(ctypes.Structure):
    """struct hci_dev_info of Linux, by C's own rules of alignment."""

    _fields_ = (
        ("dev_id", ctypes.c_uint16),
        ("name", ctypes.c_char * 8),
        ("bdaddr", ctypes.c_uint8 * 6),
        ("flags", ctypes.c_uint32),
        ("type", ctypes.c_uint8),
        ("features", ctypes.c_uint8 * 8),
        ("pkt_type", ctypes.c_uint32),
        ("link_policy", ctypes.c_uint32),
        ("link_mode", ctypes.c_uint32),
        ("acl_mtu", ctypes.c_uint16),
        ("acl_pkts", ctypes.c_uint16),
        ("sco_mtu", ctypes.c_uint16),
        ("sco_pkts", ctypes.c_uint16),
        ("err_rx", ctypes.c_uint32),
        ("err_tx", ctypes.c_uint32),
        ("cmd_tx", ctypes.c_uint32),
        ("evt_rx", ctypes.c_uint32),
        ("acl_tx", ctypes.c_uint32),
        ("acl_rx", ctypes.c_uint32),
        ("sco_tx", ctypes.c_uint32),
        ("sco_rx", ctypes.c_uint32),
        ("byte_rx", ctypes.c_uint32),
        ("byte_tx", ctypes.c_uint32),
    )


class FakeSocket:
    """Counts those that were opened and not closed."""

    open = 0

    def __init__(self, family: int, kind: int, protocol: int) -> None:
        assert (family, protocol) == (31, 1)
        FakeSocket.open += 1

    def close(self) -> None:
        FakeSocket.open -= 1


def test_the_events_of_an_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_: object, request: int, asked: bytearray) -> None:
        assert request == 0x800448D3
        info = DevInfo.from_buffer(asked)
        assert info.dev_id == 3
        info.cmd_tx, info.evt_rx, info.acl_tx = 7, 4_000_000_000, 9

    monkeypatch.setattr("socket.socket", FakeSocket)
    monkeypatch.setattr("fcntl.ioctl", answer)
    counter = HciCounter()
    assert counter.events("hci3") == 4_000_000_000
    counter.close()
    assert FakeSocket.open == 0


def test_an_adapter_that_is_gone_and_a_kernel_without_bluetooth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("socket.socket", FakeSocket)
    monkeypatch.setattr("fcntl.ioctl", refuse)
    assert HciCounter().events("hci0") is None
    monkeypatch.setattr("socket.socket", refuse)
    counter = HciCounter()
    assert counter.events("hci0") is None
    counter.close()
