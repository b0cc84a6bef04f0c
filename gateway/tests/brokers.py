"""A real mosquitto on a free port, for the tests of what must survive it."""

import asyncio
import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import aiomqtt

_STARTED_WITHIN_S = 5.0


class Mosquitto:
    """Started, stopped and started again by a test; what it holds survives as on a real server."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
        if program is None:
            raise RuntimeError("mosquitto is missing: install it (Debian: apt install mosquitto)")
        self.port = free_port()
        self._program = program
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n"
            f"persistence true\npersistence_location {folder}/\nuser root\n",
            encoding="utf-8",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._config)], stderr=subprocess.DEVNULL
        )
        give_up = time.monotonic() + _STARTED_WITHIN_S
        while time.monotonic() < give_up:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("mosquitto did not start")

    def encrypt(self, certificate: Path, key: Path) -> None:
        """Speak TLS from the next start on."""
        with self._config.open("a", encoding="utf-8") as file:
            file.write(f"certfile {certificate}\nkeyfile {key}\n")

    def demand(self, authority: Path, access: Path) -> None:
        """From the next start on let in whoever shows a certificate of `authority`, as its name says.

        `access` is the list of who may publish and read what.
        """
        text = self._config.read_text(encoding="utf-8").replace("allow_anonymous true", "")
        text += f"cafile {authority}\nrequire_certificate true\nuse_identity_as_username true\n"
        self._config.write_text(text + f"acl_file {access}\n", encoding="utf-8")

    def lock(self, users: Path) -> None:
        """Let in nobody but "gateway" with the password "right"."""
        subprocess.run(["mosquitto_passwd", "-c", "-b", users, "gateway", "right"], check=True)
        self.stop()
        text = self._config.read_text(encoding="utf-8").replace("allow_anonymous true", "")
        text += f"allow_anonymous false\npassword_file {users}\n"
        self._config.write_text(text, encoding="utf-8")
        self.start()

    def reload(self) -> None:
        """Let it read its lists anew."""
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def freeze(self, *, frozen: bool) -> None:
        """Let it hang with its connections open, or go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def kill(self) -> None:
        """Let it do nothing more of what it was given."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def stop(self) -> None:
        if self._process is not None:
            self.freeze(frozen=False)
            self._process.terminate()
            self._process.wait(10)
            self._process = None


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def listen(
    port: int,
    topic: str,
    take: Callable[[dict[str, object]], None],
    subscribed: asyncio.Event | None = None,
) -> None:
    """Give every JSON message of `topic` to `take`, also those sent while the broker was away."""
    while True:
        client = aiomqtt.Client("127.0.0.1", port, identifier="listener", clean_session=False)
        try:
            async with client:
                await client.subscribe(topic, qos=1)
                if subscribed is not None:
                    subscribed.set()
                async for message in client.messages:
                    take(json.loads(message.payload))
        except aiomqtt.MqttError:
            # Confirmed to the broker already, so it will not come again.
            while not client._queue.empty():
                take(json.loads(client._queue.get_nowait().payload))
            await asyncio.sleep(0.05)
