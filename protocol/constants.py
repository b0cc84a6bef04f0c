"""Constants of SPEC.md, apart from those an implementation may choose (named so)."""

from protocol.portable import const

# SPEC 3: sizes in bytes
KEY_LEN = const(16)
BLOCK_LEN = const(16)
HINT_LEN = const(4)
TAG_LEN = const(8)
BODY_MIN = const(3)
BODY_MAX = const(11)
CONTENT_MAX = const(7)  # downlink
OVERHEAD = const(12)  # hint and tag
FRAME_MIN = const(15)
FRAME_MAX = const(23)

# SPEC 3: first byte of every nonce, hint block and mask block
UP = const(1)
DOWN = const(2)
MASK = const(3)

# SPEC 6: counters
COUNTER_LIMIT = const(1 << 30)
COUNTER_BLOCK = const(16)  # an incident begins at a multiple of it
LAST_COUNTERS = const(4)  # a device accepts a downlink for so many of its counters
WINDOW_BITS = const(1024)
RECENT_FRAMES = const(16)
RESERVE = const(32)
RESERVE_AT_POWER_UP = const(8)

# SPEC 5: device time
TIME_UNIT_S = const(16)
TIME_MODULUS = const(2047)
TIME_UNKNOWN = const(2047)

# SPEC 8: BLE. 0xFFFF is the company identifier reserved for tests.
COMPANY_ID = const(0xFFFF)

# SPEC 7: an alert is refreshed every .. ms until the alert is .. ms old
REFRESH_SCHEDULE_MS = ((1_000, 10_000), (2_000, 60_000), (5_000, 600_000), (10_000, 3_600_000))
