"""An alarm receiving centre by SIA DC-09: each event with a code goes to one of two receivers.

The receiver's ACK means delivered, and nothing more: that a person has taken it comes another way.
"""

import asyncio
import secrets
from collections.abc import Iterable
from pathlib import Path

from gateway.disk.outbox import Waiting
from gateway.disk.outbox_rows import Row
from gateway.upstream import Post, UpstreamDown
from gateway.upstream.dc09 import NULL, Account, data
from gateway.upstream.drain import Drain, EventRefused
from gateway.upstream.secret import secret_text
from gateway.upstream.sia_codes import of_event
from gateway.upstream.sia_config import SiaConfig
from gateway.upstream.sia_receiver import Receiver

_SEQUENCE_MAX = 9999
_KEY_SIZES = (16, 24, 32)


class SiaUpstream:
    """The centre of `config`. One event is under way at a time, as DC-09 asks."""

    def __init__(self, config: SiaConfig, outbox: Waiting, post: Post) -> None:
        """Connect to nothing yet."""
        self.name = config.name
        self._config = config
        self._drain = Drain(config.name, outbox, post, self._tell, side_by_side=1)
        self._receivers = [
            Receiver(host, port, config.transport) for host, port in config.receivers
        ]
        self._sequence = secrets.randbelow(_SEQUENCE_MAX)  # 1 behind each start would be no news
        self._numbers: dict[str, int] = {}  # of events on their way: the same at each attempt

    @property
    def up(self) -> bool:
        """Say whether a receiver has accepted what it was last given."""
        return self._drain.up

    async def run(self) -> None:
        """Drain the outbox and keep the link supervised, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._drain.run(self._look))
            if self._config.supervision_s:
                for receiver in self._receivers:
                    tasks.create_task(self._supervise(receiver))

    async def _look(self) -> None:
        """Ask whether any receiver answers, and to this account; raise `UpstreamDown`."""
        try:
            await self._tell_one_of_them(account_of(self._config), NULL, 0, "")
        except EventRefused as error:  # it is there, and will take no alert either
            self._drain.fault("refused", error.reason)

    async def _tell(self, row: Row) -> bool:
        """Tell the centre of a row that has a code; say whether it has."""
        code = of_event(row.type, row.data)
        if code is None:
            return False
        config, account = self._config, account_of(self._config)
        area = config.areas.get(str(row.data.get("place")), 0)
        zone = config.zones.get(str(row.data.get("device")), 0)
        content = data(account, config.form, code, area, zone)
        await self._tell_one_of_them(account, config.form, self._number(row), content)
        self._numbers.pop(row.event, None)
        return True

    async def _tell_one_of_them(
        self, account: Account, token: str, sequence: int, content: str
    ) -> None:
        """Return when a receiver has accepted; raise why the last one asked has not."""
        why: Exception = UpstreamDown("no_receiver")
        for receiver in self._best_first():
            try:
                await self._ask(receiver, account, token, sequence, content)
            except (UpstreamDown, EventRefused) as error:
                why = error
            else:
                return
        raise why

    async def _ask(
        self, receiver: Receiver, account: Account, token: str, sequence: int, content: str
    ) -> None:
        """Return when `receiver` has accepted; raise `UpstreamDown` or `EventRefused`."""
        code = f"receiver_{self._receivers.index(receiver) + 1}_down"
        try:
            answer = await receiver.ask(account, token, sequence, content)
        except UpstreamDown as error:
            self._drain.fault(code, error.reason)
            raise
        self._drain.restore(code)
        self._drain.answers()
        if answer.verdict != "ACK":
            raise EventRefused(answer.verdict.lower())
        self._drain.restore("refused")

    async def _supervise(self, receiver: Receiver) -> None:
        """Ask at the interval whether the path stands; what fails is a fault before an alert finds it."""
        while True:
            try:
                await self._ask(receiver, account_of(self._config), NULL, 0, "")
            except UpstreamDown as error:
                if receiver.down == all(one.down for one in self._receivers):
                    self._drain.down(error.reason)
            except EventRefused as error:
                self._drain.fault("refused", error.reason)
            await asyncio.sleep(self._config.supervision_s)

    def _best_first(self) -> Iterable[Receiver]:
        return sorted(self._receivers, key=lambda receiver: receiver.down)

    def _number(self, row: Row) -> int:
        if row.event not in self._numbers:
            self._sequence = self._sequence % _SEQUENCE_MAX + 1
            self._numbers[row.event] = self._sequence
        return self._numbers[row.event]


def account_of(config: SiaConfig) -> Account:
    """Return the account with its key, read anew: it may be replaced meanwhile; raise `UpstreamDown`."""
    return Account(config.account, _key(config.key_file), config.receiver, config.line)


def _key(path: Path | None) -> bytes | None:
    text = secret_text(path, "key_file")
    if text is None:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise UpstreamDown("key_file") from error
    if len(key) not in _KEY_SIZES:
        raise UpstreamDown("key_file")
    return key


async def probe(config: SiaConfig) -> None:
    """Ask every receiver whether it answers to this account; raise `UpstreamDown` or `EventRefused`."""
    for host, port in config.receivers:
        receiver = Receiver(host, port, config.transport)
        answer = await receiver.ask(account_of(config), NULL, 0, "")
        if answer.verdict != "ACK":
            raise EventRefused(answer.verdict.lower())
