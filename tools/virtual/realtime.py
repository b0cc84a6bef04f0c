"""The virtual world at the pace of the wall clock, in a thread of its own, with real serial ports."""

import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from tools.virtual.device import Device
from tools.virtual.line import DeviceDied
from tools.virtual.serial_port import SerialPort
from tools.virtual.world import World

_T = TypeVar("_T")
_LONGEST_SLEEP_S = 0.5


class RealTime:
    """Runs a world. All of the world belongs to the thread: reach it by `do`."""

    def __init__(self, world: World) -> None:
        """Take a world that nobody else runs."""
        self.world = world
        self.failure: BaseException | None = None
        self._selector = selectors.DefaultSelector()
        self._tasks: deque[Callable[[], None]] = deque()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._drain)
        self._stopping = False
        self._start_s = time.monotonic()
        self._start_unix_s = time.time()
        self._thread = threading.Thread(target=self._run, name="virtual world", daemon=True)

    def start(self) -> None:
        """Let time run."""
        self._thread.start()

    def stop(self) -> None:
        """End it, with all power cut."""
        self._stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join()
        self.world.close()
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def do(self, action: Callable[[], _T]) -> _T:
        """Call `action` in the world's thread and return its result."""
        future: Future[_T] = Future()

        def task() -> None:
            try:
                future.set_result(action())
            except BaseException as error:  # noqa: BLE001
                future.set_exception(error)

        if self.failure is not None:
            raise self.failure
        self._tasks.append(task)
        self._wake()
        return future.result(timeout=10)

    def unix_s(self, virtual_us: int) -> float:
        """Return the wall clock's time at a virtual moment."""
        return self._start_unix_s + virtual_us / 1_000_000

    def attach(self, port: SerialPort, device: Device) -> None:
        """Connect a board's serial line to a port that other programs can open."""
        device.on_uart = port.write
        port.on_bytes = device.uart_feed
        port.on_change = self._port_changed
        self._port_changed(port, None)

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._step()
        except DeviceDied as error:
            self.failure = error
            while self._tasks:
                self._tasks.popleft()()

    def _step(self) -> None:
        self._catch_up()
        due_us = self.world.clock.next_us()
        wait_s = _LONGEST_SLEEP_S
        if due_us is not None:
            wait_s = min(wait_s, max(0.0, (due_us - self._wall_us()) / 1_000_000))
        for key, _ in self._selector.select(wait_s):
            self._catch_up()
            key.data()
        while self._tasks:
            self._catch_up()
            self._tasks.popleft()()

    def _catch_up(self) -> None:
        """Let everything happen that is due by now, so that what comes from outside comes after it."""
        while self.world.clock.step(self._wall_us()):
            pass

    def _wall_us(self) -> int:
        return round((time.monotonic() - self._start_s) * 1_000_000)

    def _port_changed(self, port: SerialPort, old: int | None) -> None:
        if old is not None:
            self._selector.unregister(old)
        elif port.master is not None:
            self._selector.register(port.master, selectors.EVENT_READ, port.readable)

    def _wake(self) -> None:
        os.write(self._wake_write, b"\x00")

    def _drain(self) -> None:
        os.read(self._wake_read, 4096)
