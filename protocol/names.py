"""What kinds, stages, commands, conditions and causes are called where people read. No board loads it."""

from protocol import causes, kinds

KIND_NAMES = {
    kinds.PANIC: "panic",
    kinds.HOLD_UP: "hold_up",
    kinds.MEDICAL: "medical",
    kinds.EMERGENCY: "emergency",
    kinds.TAMPER: "tamper",
    kinds.TEST: "test",
    kinds.CANCEL: "cancel",
    kinds.VISIT_START: "visit_start",
    kinds.VISIT_END: "visit_end",
    kinds.FAULT: "fault",
    kinds.RESTORE: "restore",
    kinds.QUERY: "query",
    kinds.REPORT: "report",
    kinds.HEARTBEAT: "heartbeat",
}
OP_NAMES = {
    kinds.STORED: "stored",
    kinds.DELIVERED: "delivered",
    kinds.ACKNOWLEDGED: "acknowledged",
    kinds.CLOSED: "closed",
}
COMMAND_NAMES = {
    kinds.SIREN: "siren",
    kinds.LIGHT: "light",
    kinds.IDENTIFY: "identify",
    kinds.WALK_TEST: "walk_test",
}
CONDITION_NAMES = {
    kinds.BATTERY_LOW: "battery_low",
    kinds.MAINS_LOST: "mains_lost",
    kinds.CONTACT_STUCK: "contact_stuck",
    kinds.CABINET_OPEN: "cabinet_open",
    kinds.SELF_TEST_FAILED: "self_test_failed",
    kinds.RADIO_FAILED: "radio_failed",
    kinds.SETTINGS_BROKEN: "settings_broken",
    kinds.STORAGE_FAILED: "storage_failed",
}
CAUSE_NAMES = {
    causes.POWER_UP: "power_up",
    causes.NO_RESET: "none",
    causes.WATCHDOG: "watchdog",
    causes.EXCEPTION: "exception",
    causes.DELIBERATE: "deliberate",
    causes.UNKNOWN_RESET: "unknown",
}
