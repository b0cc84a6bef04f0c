"""What a radio head tells of itself: which one it is, how it fares, what its radios hear."""

from collections import Counter, deque

from gateway.events import Fault, Overheard, Restore
from gateway.radio.radio_config import LoraConfig
from protocol import link_messages
from protocol.link_messages import (
    CAP_LORA,
    FREQUENCY_HZ,
    MEDIUM_NAMES,
    POWER_DBM,
    SPREADING_FACTOR,
)
from protocol.names import CAUSE_NAMES

_NOISE_UNKNOWN = -128
# The channel follows hello, and answers each setting.
_CHANNELS = 4
_REPORTS_MAX = 64  # nobody may be asking


class HeadReport:
    """The last of each report, counts added up; and whether the head took the settings for LoRa."""

    def __init__(self, source: str, lora: LoraConfig) -> None:
        """Begin with nothing told; `source` names the head where its settings are refused."""
        self.lora = lora
        self._source = source
        self._own: dict[str, object] = {}
        self._media: dict[str, dict[str, int | None]] = {}
        self._channels_due = 0
        self._has_lora: bool | None = None
        self._ours: Counter[str] = Counter()
        self._reports: deque[Overheard] = deque(maxlen=_REPORTS_MAX)

    def status(self) -> dict[str, object]:
        """Return what is known, for people: of the head, and of each of its radios."""
        return {**self._own, **self._media}

    def settings(self) -> list[link_messages.Setting]:
        """Return what to tell a head with LoRa that has started."""
        self._channels_due = _CHANNELS
        return [
            link_messages.Setting(FREQUENCY_HZ, self.lora.hz),
            link_messages.Setting(SPREADING_FACTOR, self.lora.sf),
            link_messages.Setting(POWER_DBM, self.lora.dbm),
        ]

    def take_hello(self, hello: link_messages.Hello, at: float) -> Fault | Restore | None:
        """Take which radios work now; say so where LoRa has failed, or has come back."""
        had, has = self._has_lora, bool(hello.caps & CAP_LORA)
        self._has_lora = has
        self._own |= {"build": hello.build, "has_lora": has}
        if has and not had:
            return Restore(self._source, "lora_failed", at)
        return Fault(self._source, "lora_failed", at) if had and not has else None

    def take(self, told: link_messages.Identity | link_messages.Health) -> None:
        """Take what the head tells of itself."""
        if isinstance(told, link_messages.Identity):
            board = told.board.rstrip(b"\0").decode("ascii", "replace")
            cause = CAUSE_NAMES.get(told.cause, str(told.cause))
            self._own |= {"board": board, "unique": f"{told.unique:012x}", "cause": cause}
        else:
            self._own |= {
                "uptime_s": told.uptime,
                "rescans": told.rescans,
                "restarts": told.restarts,
                "lost": told.lost,
                "exception": told.digest,
            }

    def heard(self, medium: str) -> None:
        """Count a frame in our format."""
        self._ours[medium] += 1

    def reports(self) -> list[Overheard]:
        """Return the reports of its radios since the last question."""
        told = list(self._reports)
        self._reports.clear()
        return told

    def take_stats(self, stats: link_messages.Stats) -> None:
        """Take what one of its radios heard since the last time."""
        medium = MEDIUM_NAMES[stats.medium]
        known = self._media.setdefault(medium, {"foreign": 0, "dropped": 0})
        noise_dbm = None if stats.noise == _NOISE_UNKNOWN else stats.noise
        ours = self._ours.pop(medium, 0)
        self._reports.append(Overheard(medium, noise_dbm, stats.busy, stats.foreign, ours))
        known["noise_dbm"] = noise_dbm
        known["busy_percent"] = stats.busy
        known["foreign"] = (known["foreign"] or 0) + stats.foreign
        known["dropped"] = (known["dropped"] or 0) + stats.dropped

    def take_channel(self, channel: link_messages.Channel, at: float) -> Fault | Restore | None:
        """Take what LoRa uses now; once every setting was answered, say whether it is what it should be."""
        self._own |= {"lora_hz": channel.hz, "lora_sf": channel.sf, "lora_dbm": channel.dbm}
        self._channels_due -= 1
        if self._channels_due != 0:
            return None
        if (channel.hz, channel.sf, channel.dbm) == (self.lora.hz, self.lora.sf, self.lora.dbm):
            return Restore(self._source, "lora_settings", at)
        why = f"{channel.hz}_{channel.sf}_{channel.dbm}"
        return Fault(self._source, "lora_settings", at, why)
