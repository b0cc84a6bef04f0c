"""The vectors of what carries frames: advertisements and the serial line (SPEC 8, 10)."""

from collections.abc import Iterator

from protocol.tests.independent import packet, uplink

Case = dict[str, object]

_KEY = bytes(range(16))


def advert_cases() -> Iterator[Case]:
    frames = [uplink(_KEY, 16, b"\x10\x00" + bytes(n)) for n in range(1, 10)]
    for frame in frames:
        payload = bytes.fromhex("020106") + bytes([len(frame) + 3]) + b"\xff\xff\xff" + frame
        yield {"payload": payload.hex(), "frame": frame.hex(), "to_send": True}
    frame = frames[0]
    ours = b"\x12\xff\xff\xff" + frame
    for payload, found in {
        ours: frame,  # no Flags
        ours + bytes.fromhex("020106"): frame,  # Flags behind
        bytes.fromhex("0302aafe") + ours: frame,
        bytes.fromhex("05ffffff0102") + ours: frame,  # ours, but no frame: too short
        b"\x11\xff\xff\xff" + frame[:14]: None,
        b"\x12\xff\x4c\x00" + frame: None,  # somebody else's
        b"\x12\xff\xff\xfe" + frame: None,
        b"\x12\x16\xff\xff" + frame: None,  # service data
        b"\x1b\xff\xff\xff" + frames[8] + b"\0": None,  # 24 bytes
        b"\x13\xff\xff\xff" + frame: None,  # a length past the end
        b"\x00" + ours: None,  # early termination
        bytes.fromhex("020106") + ours[:-1]: None,  # cut short
        ours + ours[:3]: frame,
        b"": None,
        b"\x01": None,
        b"\x03\xff\xff": None,
        b"\x02\x01": None,
        bytes(31): None,
        b"\xff" * 31: None,
    }.items():
        yield {
            "payload": payload.hex(),
            "frame": None if found is None else found.hex(),
            "to_send": False,
        }


def link_messages() -> Iterator[tuple[Case, bytes]]:
    short, long = (uplink(_KEY, 48, b"\x20" + bytes(n)) for n in (2, 10))
    number = {1: "hello", 2: "received", 3: "done", 4: "stats", 5: "pong"}
    number |= {6: "identity", 7: "health", 8: "channel"}
    number |= {0x81: "hello_request", 0x82: "transmit", 0x83: "setting", 0x84: "ping"}
    signed = {"rssi", "noise", "snr", "dbm"}
    for kind, fields in (
        (1, {"version": (1, 1), "caps": (3, 1), "build": (258, 2), "boot": (0xDEADBEEF, 4)}),
        (1, {"version": (1, 1), "caps": (1, 1), "build": (0, 2), "boot": (0, 4)}),
        (2, {"medium": (0, 1), "rssi": (-70, 1), "snr": (0, 1), "ms": (0xFFFFFFFF, 4)}),
        (2, {"medium": (1, 1), "rssi": (-128, 1), "snr": (127, 1), "ms": (0, 4)}),
        (3, {"id": (0, 2), "status": (0, 1)}),
        (3, {"id": (65_279, 2), "status": (4, 1)}),
        (4, {"medium": (0, 1), "noise": (-95, 1), "busy": (100, 1), "foreign": (70_000, 4)}),
        (5, {"token": (1 << 31, 4)}),
        (6, {"unique": (0x240AC4000001, 6), "cause": (2, 1)}),
        (7, {"uptime": (86_400, 4), "rescans": (3, 2), "restarts": (1, 2), "lost": (70_000, 4)}),
        (8, {"hz": (869_525_000, 4), "sf": (9, 1), "dbm": (14, 1)}),
        (8, {"hz": (869_462_500, 4), "sf": (12, 1), "dbm": (-9, 1)}),
        (0x81, {}),
        (0x82, {"id": (1, 2), "slot": (256, 2), "medium": (0, 1), "flags": (1, 1), "ms": (400, 2)}),
        (
            0x82,
            {"id": (2, 2), "slot": (0, 2), "medium": (1, 1), "flags": (0, 1), "ms": (65_535, 2)},
        ),
        (0x83, {"key": (255, 1), "value": (1 << 30, 4)}),
        (0x84, {"token": (0, 4)}),
    ):
        laid: dict[str, tuple[int, int]] = dict(fields)
        if kind == 4:
            laid["dropped"] = (1, 4)
        if kind == 7:
            laid["digest"] = (127, 1)
        data = bytes([kind])
        for name, (value, size) in laid.items():
            data += value.to_bytes(size, signed=name in signed)
        shown: Case = {"type": number[kind]} | {name: v for name, (v, _) in laid.items()}
        if kind in (2, 0x82):
            frame = long if laid["medium"][0] else short
            data += frame
            shown["frame"] = frame.hex()
        if kind == 6:
            data += b"esp32s3_devkit\0\0"
            shown["board"] = data[-16:].hex()
        yield shown, data


def link_cases() -> Iterator[Case]:
    everything = list(link_messages())
    for shown, data in everything:
        wire = packet(data) + b"\0"
        yield {"wire": wire.hex(), "messages": [shown], "malformed": 0, "to_send": True}
    shown, data = everything[4]
    good = packet(data) + b"\0"
    damaged = good[:2] + bytes([good[2] ^ 0x80]) + good[3:]
    spoilt = {
        "00000000": 0,  # empty packets
        "55aa00": 1,  # began in the middle
        damaged.hex(): 1,
        "0100": 1,  # decodes to nothing
        "0500": 1,  # points past its end
        packet(b"").hex() + "00": 1,  # a right CRC of nothing
        packet(b"\x7f").hex() + "00": 1,  # unknown type
        packet(data + b"\0").hex() + "00": 1,  # one byte too many
        packet(data[:-1]).hex() + "00": 1,  # one too few
        packet(everything[2][1][:-1]).hex() + "00": 1,  # a frame of 14
        packet(everything[3][1] + b"\1").hex() + "00": 1,  # a frame of 24
        ("01" * 56) + "00": 1,  # overlong
        ("ff" * 300) + "00": 1,
    }
    for noise, malformed in spoilt.items():
        wire_hex = noise + good.hex()
        yield {"wire": wire_hex, "messages": [shown], "malformed": malformed, "to_send": False}
