"""The prediction server of the demo: a process of its own, on loopback."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.demo.errors import ServerDown

_PATIENCE_S = 30.0
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A server that is ready, and where."""

    port: int
    process: subprocess.Popen[bytes]

    def connect(self) -> http.client.HTTPConnection:
        """A connection to keep for many requests."""
        return http.client.HTTPConnection(_HOST, self.port, timeout=_PATIENCE_S)


@contextmanager
def running_server(folder: Path) -> Generator[ServerProcess]:
    """`pressroom serve` on a free port, ready when the block starts and stopped in good order when it ends."""
    port = _free_port()
    log = folder / "server.log"
    command = [sys.executable, "-m", "pressroom", "serve", "--dir", str(folder), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(process, port, log)
        yield ServerProcess(port=port, process=process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()


def ask(connection: http.client.HTTPConnection, endpoint: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """One request for predictions: the status, and the answer."""
    connection.request("POST", f"/v1/endpoints/{endpoint}:predict", body, {"content-type": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _is_ready(port: int) -> bool:
    with contextlib.closing(http.client.HTTPConnection(_HOST, port, timeout=1.0)) as connection:
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        if _is_ready(port):
            return
        time.sleep(0.05)
    raise ServerDown("The prediction server did not become ready.", next_step=f"Read {log}.")
