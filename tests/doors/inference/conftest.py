"""A server in memory for what is asked of it, and a real one for what the wire does to it."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.projects import ready
from tests.servers import Server, served_folder

from pressroom.doors.inference.wire import Incoming
from pressroom.doors.inference.worker import Worker
from pressroom.doors.response import Response
from pressroom.serving import Share
from pressroom.workspace import Settings
from pressroom.workspace.settings import Server as ServerSettings


class InProcess:
    """Answers without a server around it."""

    def __init__(self, folder: Path, *, replay: bool = False, **server: object) -> None:
        settings = Settings(folder=folder, server=ServerSettings(replay=replay, **server))
        self.workspace, self.definitions = ready(folder, settings=settings)
        self.workspace.serving.push(self.definitions.endpoint("risk"), [Share(model="late.by_pieces")])
        self.worker = Worker(self.workspace, version="test")
        self.live, self.log, self.desk = self.worker.live, self.worker.log, self.worker.desk
        self._loop = asyncio.new_event_loop()

    def respond(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Response:
        """One request."""
        incoming = Incoming(method=method, path=path, headers=headers or {}, body=body)
        return self._loop.run_until_complete(self.worker.answering.respond(incoming))

    def together(self, *requests: Incoming) -> list[Response]:
        """Several requests at once."""

        async def all_of_them() -> list[Response]:
            return await asyncio.gather(*(self.worker.answering.respond(one) for one in requests))

        return self._loop.run_until_complete(all_of_them())

    def ask(
        self, method: str, path: str, body: object = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self.respond(method, path, raw, headers)
        return response.status, json.loads(response.body)

    def predict(self, body: object, **headers: str) -> tuple[int, dict]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", "/v1/endpoints/risk:predict", body, told)

    def close(self) -> None:
        self.worker.close()
        self._loop.close()


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    """Answers in this process."""
    served = InProcess(tmp_path_factory.mktemp("inside"))
    yield served
    served.close()


@pytest.fixture(scope="module")
def replaying(tmp_path_factory):
    """The same, taking `as_of`."""
    served = InProcess(tmp_path_factory.mktemp("replaying"), replay=True)
    yield served
    served.close()


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
