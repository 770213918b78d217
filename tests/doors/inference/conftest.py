"""A server in memory for what is asked of it, and a real one for what the wire does to it."""

import json
from pathlib import Path

import pytest
from tests.projects import ready
from tests.servers import Server, served_folder

from pressroom.doors.inference.answering import Answering
from pressroom.serving import Share


class InProcess:
    """Answers without a server around it."""

    def __init__(self, folder: Path, *, replay: bool = False) -> None:
        self.workspace, self.definitions = ready(folder)
        self.workspace.serving.push(self.definitions.endpoint("risk"), [Share(model="late.by_pieces")])
        self.live = self.workspace.serving.live()
        self.live.refresh()
        self.log = self.workspace.serving.prediction_log()
        self._answering = Answering(live=self.live, log=self.log, clock=self.workspace.ports.clock, replay=replay)

    def ask(self, method: str, path: str, body: object = b"") -> tuple[int, dict]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self._answering.respond(method, path, raw)
        return response.status, json.loads(response.body)

    def predict(self, body: object) -> tuple[int, dict]:
        return self.ask("POST", "/v1/endpoints/risk:predict", body)


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    """Answers in this process."""
    served = InProcess(tmp_path_factory.mktemp("inside"))
    yield served
    served.log.close()


@pytest.fixture(scope="module")
def replaying(tmp_path_factory):
    """The same, taking `as_of`."""
    served = InProcess(tmp_path_factory.mktemp("replaying"), replay=True)
    yield served
    served.log.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The workspace of the module's server."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(folder):
    """One server for all tests of a module."""
    running = Server(folder, served_folder(folder))
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def own_server(tmp_path):
    """A server that a test may kill or stop."""
    running = Server(tmp_path, served_folder(tmp_path))
    yield running
    if running.process.poll() is None:
        running.stop()
