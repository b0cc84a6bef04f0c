"""What a frame says in 24 bits, most significant first: kinds, stages, and the words that carry them.

    alert, test, cancel, visit_end   kind 4 | duress 1 | felt 2 | block 6 | time 11
    visit_start                      kind 4 | duress 1 | minutes / 5, 8   | time 11
    fault, restore                   kind 4 | code 5 | value 4            | time 11
    query                            kind 4 | zero 9                      | time 11
    report                           kind 4 | op 4 | seq 4 | ok 1         | time 11
    heartbeat                        kind 4 | listening 1 | heard 1 | page data 7 | time 11
    downlink                         op 4 | arg 8 | seq 4 | mark 8

A device builds the 24 bits as one small integer (a `word`), because that allocates nothing; this
module is all of a message it needs. Longer bodies carry the word first.
"""

from protocol.constants import TIME_MODULUS, TIME_UNIT_S, TIME_UNKNOWN
from protocol.portable import const

# Kinds. 0 and 15 are reserved.
PANIC = const(1)  # SIA PA
HOLD_UP = const(2)  # HA, silent
MEDICAL = const(3)  # MA
EMERGENCY = const(4)  # QA, call box
TAMPER = const(5)  # TA
TEST = const(6)  # RP, RX
CANCEL = const(7)
VISIT_START = const(8)
VISIT_END = const(9)
FAULT = const(10)
RESTORE = const(11)
QUERY = const(12)
REPORT = const(13)
HEARTBEAT = const(14)

ALERT_KINDS = (PANIC, HOLD_UP, MEDICAL, EMERGENCY, TAMPER, TEST)

# Stages of acknowledgement: what a wearer felt (2 bits up), what a gateway says (op down).
NONE = const(0)
STORED = const(1)
DELIVERED = const(2)
ACKNOWLEDGED = const(3)
CLOSED = const(4)  # downlink only

# Commands of a gateway, with their argument. Reports answer them; 12 to 15 are reserved.
SIREN = const(8)  # seconds, 0 is off
LIGHT = const(9)  # seconds, 0 is off
IDENTIFY = const(10)  # show which device you are
WALK_TEST = const(11)  # minutes of test mode, 0 ends it

# Conditions that begin (`FAULT`) and end (`RESTORE`), with their value. 0 and 9 to 31 are reserved.
BATTERY_LOW = const(1)  # tenths left, `TENTHS_UNKNOWN` where they are not known
MAINS_LOST = const(2)
CONTACT_STUCK = const(3)  # number of the contact
CABINET_OPEN = const(4)
SELF_TEST_FAILED = const(5)  # what failed: a bit for each `TESTED_..`
RADIO_FAILED = const(6)  # 0 BLE, 1 LoRa
SETTINGS_BROKEN = const(7)
STORAGE_FAILED = const(8)
TENTHS_UNKNOWN = const(15)
TESTED_LAMP = const(1)
TESTED_SIREN = const(2)
TESTED_BATTERY = const(4)
TESTED_RADIO = const(8)

# Argument of an ack: health of the gateway, and minutes until help arrives
STORE_OK = const(0x80)
UPSTREAM_OK = const(0x40)
PLAN_OK = const(0x20)
COVERED = const(0xE0)
ESTIMATE_UNKNOWN = const(31)

BLOCK_MAX = const(63)

# Heartbeat pages: the page is the counter modulo 8. Odd ones are the marks heard for the frame before.
PAGES = const(8)
PAGE_BATTERY = const(0)
PAGE_BUILD = const(2)
PAGE_STATUS = const(4)
PAGE_LIFE = const(6)  # uptime where bit 3 of the counter is 0, else the exception digest
PAGE_WIDE = const(6)  # its window stays open to the end: a slower gateway is heard, too
_SECOND_LIFE_PAGE = const(8)  # that bit
MARK_MAX = const(7)
HEARD_WITHIN_MS = const(8_000)  # from building a frame to the ack that counts as heard
BATTERY_FLOOR_MV = const(1_600)
BATTERY_STEP_MV = const(20)

UPTIME_HOURS = const(48)  # from here on the code counts days
UPTIME_DAYS_OFFSET = const(46)
UPTIME_MAX = const(127)


def device_time(seconds: int, known: bool) -> int:
    """Return the 11-bit time of a device whose clock shows `seconds`; 2047 where not `known`."""
    return seconds // TIME_UNIT_S % TIME_MODULUS if known else TIME_UNKNOWN


def incident_word(kind: int, duress: int, felt: int, block: int, time: int) -> int:
    """Return the word of an alert, test, cancel or visit_end."""
    return kind << 20 | duress << 19 | felt << 17 | block << 11 | time


def visit_start_word(duress: int, minutes: int, time: int) -> int:
    """Return the word that starts or extends a visit of `minutes` (a multiple of 5, to 1,275)."""
    return VISIT_START << 20 | duress << 19 | minutes // 5 << 11 | time


def condition_word(kind: int, code: int, value: int, time: int) -> int:
    """Return the word of a `FAULT` or `RESTORE`."""
    return kind << 20 | code << 15 | value << 11 | time


def query_word(time: int) -> int:
    """Return the word of a query, am I covered here."""
    return QUERY << 20 | time


def report_word(op: int, seq: int, ok: int, time: int) -> int:
    """Return the word that answers a command."""
    return REPORT << 20 | op << 16 | seq << 12 | ok << 11 | time


def heartbeat_word(listening: int, heard: int, data: int, time: int) -> int:
    """Return the word of a heartbeat; `data` is the page of its counter."""
    return HEARTBEAT << 20 | listening << 19 | heard << 18 | data << 11 | time


def downlink_word(op: int, arg: int, seq: int, mark: int = 0) -> int:
    """Return the word of an ack by the gateway with `mark` (0: it has none), or of a command."""
    return op << 20 | arg << 12 | seq << 8 | mark


def mark_bit(word: int) -> int:
    """Return the bit of an odd page that stands for the mark in the word of an ack; 0 for none."""
    mark = word & 0xFF
    return 1 << mark - 1 if 1 <= mark <= MARK_MAX else 0


def battery_page(millivolts: int) -> int:
    """Return the 7 bits of the battery page: 1.6 V and 20 mV steps, clipped at both ends."""
    return min(max((millivolts - BATTERY_FLOOR_MV) // BATTERY_STEP_MV, 0), 127)


def status_page(cause: int, low: int, mains_lost: int, fault: int, defaults: int) -> int:
    """Return the 7 bits of the status page: why it started, and what is wrong now.

    `low` battery, `mains_lost`, another standing `fault` and settings that are `defaults` are 0 or 1.
    """
    return cause << 4 | low << 3 | mains_lost << 2 | fault << 1 | defaults


def uptime_page(seconds: int) -> int:
    """Return the 7 bits of an uptime: hours below 48, then 46 more than the days, 127 at most."""
    hours = max(seconds, 0) // 3_600
    return hours if hours < UPTIME_HOURS else min(UPTIME_DAYS_OFFSET + hours // 24, UPTIME_MAX)


def tells_exception(counter: int) -> bool:
    """Say whether the page of life with `counter` is the exception digest, not the uptime."""
    return counter & _SECOND_LIFE_PAGE != 0


def put_word(word: int, out: bytearray) -> None:
    """Write `word` to the first three bytes of `out`, allocating nothing."""
    out[0] = word >> 16
    out[1] = word >> 8 & 0xFF
    out[2] = word & 0xFF


def word_of(body: bytes | bytearray) -> int:
    """Return the first three bytes of `body` as a word, allocating nothing."""
    return body[0] << 16 | body[1] << 8 | body[2]
