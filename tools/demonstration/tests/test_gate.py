import socket

import pytest

from tools.demonstration.gate import Gate


def test_bytes_pass_while_it_is_open_and_connections_are_cut_when_it_closes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gate = Gate()
        gate.open(server.getsockname()[1])
        with socket.create_connection(("127.0.0.1", gate.port), timeout=5) as near:
            far, _ = server.accept()
            with far:
                far.settimeout(5)
                near.sendall(b"there")
                assert far.recv(16) == b"there"
                far.sendall(b"and back")
                assert near.recv(16) == b"and back"
                gate.close()
                assert near.recv(16) == b""

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", gate.port), timeout=5)
