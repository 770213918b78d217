"""Answers without a server around them, and a real server for what the wire does to it."""

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.projects import declared, in_memory, write_project
from tests.servers import Server, free_port

from pressroom.doors.control.answering import Answering
from pressroom.doors.control.request import Request
from pressroom.workspace import Settings, open_workspace
from pressroom.workspace.settings import Control

CONTROL = (
    "import sys; from pathlib import Path; from pressroom.doors.control import control; control(Path(sys.argv[1]))"
)
SETTINGS = "[control]\nport = {port}\nmax_body_bytes = 200000\nmax_body_s = 1\nmax_at_once = 64\n"


class InProcess:
    """Answers without a server around it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = in_memory(settings=Settings(folder=folder, control=Control(max_unpacked_bytes=1_000_000)))
        self.workspace.apply(declared(folder))
        self.following = self.workspace.following()
        self._answering = Answering(self.workspace, self.following)

    def ask(self, method: str, path: str, body: object = b"", form: str = "application/json", **said: str):
        path, _, query = path.partition("?")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        encoding = said.pop("encoding", "")
        request = Request(
            method=method,
            path=path,
            query=query or urlencode(said),
            headers={"content-type": form, "content-encoding": encoding},
            body=raw,
        )
        response = self._answering.respond(request)
        return response.status, json.loads(response.body)

    def post(self, body: object, fact: str = "delivered", **said: str):
        return self.ask("POST", f"/v1/facts/{fact}", body, **said)


@pytest.fixture
def inside(tmp_path):
    """Answers in this process."""
    served = InProcess(tmp_path)
    yield served
    served.following.close()


class ControlServer(Server):
    """A control server in processes of its own."""

    program = CONTROL

    def post(self, body: object, query: str, *, fact: str = "delivered", **headers: str) -> tuple[int, dict]:
        told = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        return self.ask("POST", f"/v1/facts/{fact}?{query}", body, **told)


def control_folder(folder: Path) -> int:
    """A workspace on disk with its definitions applied; the port that its server will take."""
    port = free_port()
    write_project(folder, settings=SETTINGS.format(port=port))
    with open_workspace(folder) as workspace:
        workspace.apply(workspace.definitions())
    return port


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The workspace of the module's server."""
    return tmp_path_factory.mktemp("controlled")


@pytest.fixture(scope="module")
def server(folder):
    """One server for all tests of a module."""
    running = ControlServer(folder, control_folder(folder))
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def own_server(tmp_path):
    """A server that a test may kill or stop."""
    running = ControlServer(tmp_path, control_folder(tmp_path))
    yield running
    if running.process.poll() is None:
        running.stop()
