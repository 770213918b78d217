"""Several processes on one port: one that dies is replaced, and nobody but its own askers notices."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from tests.crowd import Crowd
from tests.projects import request_row
from tests.servers import SERVE, Server, served_folder, wait_for

from pressroom.client import connect
from pressroom.workspace import open_workspace

PREDICT = "/v1/endpoints/risk:predict"


def started(server):
    """How many workers ever listened."""
    said = server.output.read_text(encoding="utf-8").rpartition("Starting granian")[2]
    return len(re.findall(r"Started worker-\d runtime", said))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace for all of these tests, one after the other."""
    folder = tmp_path_factory.mktemp("workers")
    return folder, served_folder(folder, more="workers = 2\nread_seconds = 1\n")


@pytest.fixture
def two_workers(made):
    running = Server(*made)
    assert wait_for(lambda: len(running.workers()) == 2)
    yield running
    if running.process.poll() is None:
        running.stop()


def test_a_worker_that_is_killed_again_and_again_is_always_replaced(two_workers):
    clients, kills = 8, 3
    with Crowd(two_workers, clients) as crowd:
        for kill in range(kills):
            assert wait_for(lambda kill=kill: started(two_workers) == 2 + kill), "both answer"
            before = {worker.pid for worker in two_workers.workers()}
            os.kill(min(before), signal.SIGKILL)
            asked = sum(crowd.answered)
            assert wait_for(lambda asked=asked: sum(crowd.answered) > asked + 2), "the other goes on"
            assert wait_for(lambda before=before: len({w.pid for w in two_workers.workers()} - before) == 1)
    # On each connection the request in flight, and on the next one a request that waited to be accepted by who died.
    assert len(crowd.failed) <= 2 * kills * clients
    assert all(crowd.answered)


def test_a_client_with_retries_notices_no_kill(two_workers):
    with connect(f"http://127.0.0.1:{two_workers.port}", tries=5) as client:
        for number in range(60):
            if number == 20:
                two_workers.workers()[0].kill()
            assert len(client.predict("risk", request_row(number)).predictions) == 1


def test_an_orderly_stop_answers_what_was_asked_and_writes_all_of_it(two_workers):
    with Crowd(two_workers, 4) as crowd:
        assert wait_for(lambda: all(count > 10 for count in crowd.answered))
        two_workers.process.send_signal(signal.SIGTERM)
        two_workers.process.wait(30)
    assert two_workers.process.returncode == 0
    assert not [said for said in crowd.failed if isinstance(said, bytes)], "nobody was told an error"
    with open_workspace(two_workers.folder) as workspace:
        table, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
        ids = table.column("prediction_id").to_pylist()
    assert len(set(ids)) == len(ids) >= sum(crowd.answered)


def test_a_port_that_is_taken_is_refused_though_workers_share_theirs(two_workers):
    again = subprocess.run(
        [sys.executable, "-c", SERVE, str(two_workers.folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert again.returncode != 0
    assert "PortTaken" in again.stderr


def test_metrics_tell_of_both_workers(two_workers):
    def workers():
        with contextlib.closing(two_workers.connect()) as connection:
            connection.request("GET", "/metrics")
            return b"pressroom_workers 2.0" in connection.getresponse().read()

    assert wait_for(workers)


def test_a_body_that_does_not_come_is_given_up(two_workers):
    with socket.create_connection(("127.0.0.1", two_workers.port), timeout=20.0) as connection:
        connection.sendall(f"POST {PREDICT} HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{{".encode())
        said = connection.recv(65_536)
    assert said.startswith(b"HTTP/1.1 408")
    assert two_workers.predict({"rows": [request_row()]})[0] == 200
