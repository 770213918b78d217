"""A real prediction server over the small project, for the tests that need one."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from tests.projects import BY_PIECES, BY_TRAFFIC, fill, train, write_project

from pressroom.serving import Share
from pressroom.workspace import open_workspace

SERVE = "import sys; from pathlib import Path; from pressroom.doors.inference import serve; serve(Path(sys.argv[1]))"
PATIENCE_S = 30.0
SETTINGS = "[server]\nport = {port}\nmax_body_bytes = 200000\nreplay = {replay}\n"


class Server:
    """A prediction server in processes of its own."""

    program = SERVE

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.output = folder / "server.log"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", self.program, str(folder)], stdout=output, stderr=subprocess.STDOUT
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/health/ready")[0] == http.client.OK:
                    return
            time.sleep(0.02)
        raise AssertionError(self.output.read_text(encoding="utf-8"))

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict]:
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        with contextlib.closing(self.connect()) as connection:
            connection.request(method, path, raw, headers)
            response = connection.getresponse()
            said = response.read()
            assert response.getheader("content-type") == "application/json"
            return response.status, json.loads(said) if said else {}

    def predict(self, body: object, **headers: str) -> tuple[int, dict]:
        return self.ask("POST", "/v1/endpoints/risk:predict", body, **headers)

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def worker(self) -> psutil.Process:
        (worker,) = psutil.Process(self.process.pid).children()
        return worker

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.kill(self.process.pid, signal.SIGKILL)
            raise


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def served_folder(folder: Path, *, replay: bool = False, more: str = "") -> int:
    """A workspace on disk with three models, one of them pushed; the port that its server will take."""
    port = free_port()
    write_project(folder, settings=SETTINGS.format(port=port, replay=str(replay).lower()) + more)
    with open_workspace(folder) as workspace:
        definitions = workspace.definitions()
        fill(workspace, definitions)
        train(workspace, definitions, BY_PIECES, BY_TRAFFIC)
        workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_pieces")])
    return port


def wait_for(happened: Callable[[], object]) -> bool:
    """Whether something happens before patience ends."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if happened():
            return True
        threading.Event().wait(0.02)
    return False
