"""Frames heard that nobody has taken yet."""

from firmware.core.frame_ring import FrameRing


def put(ring: FrameRing, frame: bytes, rssi: int = -80, snr: int = 5) -> bool:
    ring.free_slot()[: len(frame)] = frame
    return ring.add(len(frame), rssi, snr)


def test_frames_come_out_in_order_with_their_levels() -> None:
    ring = FrameRing(3)
    out = bytearray(24)
    for i in range(8):  # more than once around
        assert put(ring, bytes([i]) * 15, -80 - i, i - 4)
        assert put(ring, bytes([i]) * 23, -70, 9)
        assert ring.take(out) == 15
        assert (bytes(out[:15]), ring.rssi, ring.snr) == (bytes([i]) * 15, -80 - i, i - 4)
        assert ring.take(out) == 23
        assert (bytes(out[:23]), ring.rssi, ring.snr) == (bytes([i]) * 23, -70, 9)
        assert ring.take(out) == 0


def test_a_full_ring_keeps_what_it_has() -> None:
    ring = FrameRing(2)
    out = bytearray(24)
    assert put(ring, b"a" * 15)
    assert put(ring, b"b" * 15)
    assert not put(ring, b"c" * 15)
    assert ring.take(out) == 15
    assert out[0] == ord("a")
    assert put(ring, b"d" * 15)
    assert [ring.take(out) and out[0] for _ in range(2)] == [ord("b"), ord("d")]
