"""An endpoint in use: pushed, rolled back, damaged and experimented on while people ask it."""

import contextlib
import http.client
import json
import threading
from pathlib import Path

import pytest
from tests.projects import END, append, mean_by, request_row, train
from tests.servers import Server, served_folder, wait_for

from pressroom.serving import PushRefused, Share
from pressroom.values import MICROSECONDS
from pressroom.workspace import open_workspace

PREDICT = "/v1/endpoints/risk:predict"
TURNS = 20


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path, served_folder(tmp_path, replay=True))
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def workspace(server):
    """The same folder, opened beside the server."""
    with open_workspace(server.folder) as opened:
        yield opened


class Crowd:
    """Four clients that ask all the time, and what they were told."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._enough = threading.Event()
        self._clients = [threading.Thread(target=self._ask, args=(number,)) for number in range(4)]
        self.failures: list[object] = []
        self.versions: list[list[int]] = [[] for _ in self._clients]
        self.names: list[list[str]] = [[] for _ in self._clients]

    def __enter__(self) -> "Crowd":
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for client in self._clients:
            client.join()

    def _ask(self, number: int) -> None:
        with contextlib.closing(self._server.connect()) as connection:
            asked = 0
            while not self._enough.wait(0.005):
                asked += 1
                connection.request("POST", PREDICT, json.dumps({"rows": [request_row(number * 1_000 + asked)]}))
                response = connection.getresponse()
                said = json.loads(response.read())
                if response.status != http.client.OK:
                    self.failures.append(said)
                    continue
                self.versions[number].append(said["endpoint_version"])
                self.names[number].append(said["predictions"][0]["prediction_id"])


def version(server):
    return server.predict({"rows": [request_row()]})[1]["endpoint_version"]


def test_pushes_and_rollbacks_under_load_fail_no_request_and_lose_no_answer(server, workspace):
    risk = workspace.definitions().endpoint("risk")
    with Crowd(server) as crowd:
        for turn in range(TURNS):
            if turn % 3 == 2:
                wanted = workspace.serving.roll_back("risk").version
            else:
                wanted = workspace.serving.push(risk, [Share(model=f"late.{MODELS[turn % 2]}")]).endpoint.version
            assert wait_for(lambda wanted=wanted: all(seen and seen[-1] == wanted for seen in crowd.versions))
    assert crowd.failures == []
    assert server.stop() == 0
    given = [name for names in crowd.names for name in names]
    table, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
    assert sorted(table.column("prediction_id").to_pylist()) == sorted(given)
    told = set(zip(given, [number for seen in crowd.versions for number in seen], strict=True))
    kept = table.select(["prediction_id", "endpoint_version"]).to_pydict()
    assert set(zip(kept["prediction_id"], kept["endpoint_version"], strict=True)) == told


MODELS = ("by_traffic", "by_pieces")


def test_a_damaged_model_is_not_pushed_and_does_not_disturb_what_serves(server, workspace):
    risk = workspace.definitions().endpoint("risk")
    digest = workspace.catalog.current("model", "late.by_traffic").digest
    damage(server.folder, digest)
    with pytest.raises(PushRefused, match=r"late\.by_traffic 1\.0\.0 can't be loaded"):
        workspace.serving.push(risk, [Share(model="late.by_traffic")])
    assert workspace.serving.current("risk").version == 1
    assert version(server) == 1
    assert server.stop() == 0
    again = Server(server.folder, server.port)
    assert version(again) == 1
    again.stop()


def test_a_model_that_is_damaged_after_its_push_leaves_the_version_before_in_service(server, workspace):
    risk = workspace.definitions().endpoint("risk")
    pushed = workspace.serving.push(risk, [Share(model="late.by_traffic")]).endpoint
    assert wait_for(lambda: version(server) == 2)
    workspace.serving.push(risk, [Share(model="late.by_pieces")])
    assert wait_for(lambda: version(server) == 3)
    damage(server.folder, pushed.routes[0].digest)
    workspace.serving.roll_back("risk")
    assert wait_for(lambda: version(server) == 2), "what is in memory still answers"
    workspace.serving.push(risk, [Share(model="late.by_pieces")])
    assert wait_for(lambda: version(server) == 4)
    assert server.stop() == 0
    again = Server(server.folder, server.port)
    workspace.serving.roll_back("risk")
    assert wait_for(lambda: "can't be loaded" in again.output.read_text(encoding="utf-8"))
    assert version(again) == 4
    assert workspace.serving.roll_back("risk").version == 1
    assert wait_for(lambda: version(again) == 1)
    again.stop()


def test_a_refused_push_changes_nothing(server, workspace):
    risk = workspace.definitions().endpoint("risk")
    with pytest.raises(PushRefused):
        workspace.serving.roll_back("risk")
    assert version(server) == 1
    assert workspace.serving.current("risk").version == 1
    assert workspace.serving.push(risk, [Share(model="late.by_pieces")]).endpoint.version == 2


def test_facts_that_arrive_are_in_the_next_answer_and_parity_holds_afterwards(server, workspace):
    definitions = workspace.definitions()
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_traffic")])
    assert wait_for(lambda: version(server) == 2)
    for minute in range(1, 30):
        now = END + minute * 60 * MICROSECONDS
        row = {"event": now, "order": f"y{minute}", "customer": "c1", "quarter": "q1", "delay": minute / 7}
        append(workspace, definitions.facts["delivered"], [row])
        status, said = server.predict({"rows": [request_row(1)], "as_of": f"2025-04-10T00:{minute:02}Z"})
        assert status == 200
        assert said["predictions"][0]["ages_s"]["habit.last_delay"] == 0.0
        if minute == 15:
            workspace.settle()
    assert server.stop() == 0
    running = workspace.serving.current("risk")
    report = workspace.monitoring.parity(running.question, running.predictions())
    assert (report.checked >= 30, report.unequal) == (True, 0), report.examples


def test_a_retrained_model_takes_over_with_its_own_version(server, workspace):
    definitions = workspace.definitions()
    train(workspace, definitions, mean_by("by_pieces", "pieces", prior_weight=400.0))
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_pieces")])
    assert wait_for(lambda: version(server) == 2)
    _, said = server.predict({"rows": [request_row()]})
    assert said["predictions"][0]["version"] == "1.1.0"


def damage(folder: Path, digest: str) -> None:
    """Flip a byte of a kept blob."""
    path = folder / "data" / "blobs" / digest[:2] / digest[2:]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)
