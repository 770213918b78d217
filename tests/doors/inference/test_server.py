"""Requests over real HTTP against a real server process."""

import contextlib
import json
import socket
import subprocess
import sys
import threading

import pytest
from tests.projects import request_row
from tests.servers import wait_for

from pressroom.costs import USAGE
from pressroom.workspace import open_workspace

PREDICT = "/v1/endpoints/risk:predict"
RIGHT = {"rows": [request_row(1)]}


def send_raw(port: int, *parts: bytes) -> bytes:
    """What the server says to these bytes, until it hangs up or falls silent."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5.0) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while received := connection.recv(65_536):
                said += received
    return said


def logged(folder):
    """The identities of all predictions that are in the facts."""
    with open_workspace(folder) as workspace:
        table, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
        return table.sort_by("seq").column("prediction_id").to_pylist()


def asked(server, count, *, bodies=None):
    """The identities of the answers to requests on one connection."""
    found = []
    with contextlib.closing(server.connect()) as connection:
        for number in range(count):
            body = bodies or json.dumps({"rows": [request_row(number)]})
            connection.request("POST", PREDICT, body)
            response = connection.getresponse()
            assert response.status == 200
            found += [given["prediction_id"] for given in json.loads(response.read())["predictions"]]
    return found


@pytest.fixture(autouse=True)
def answers_afterwards(server):
    """Whatever was asked, the server goes on answering."""
    yield
    assert server.predict(RIGHT)[0] == 200


def test_what_only_training_needs_is_not_read():
    heavy = ("scipy.optimize", "scipy.special", "scipy.stats", "sklearn", "lightgbm", "onnxruntime", "torch")
    code = f"import sys, pressroom.doors.inference.app; print([name for name in {heavy!r} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout == "[]\n", said


def test_a_right_request_is_answered(server):
    status, said = server.predict({"rows": [request_row(1), request_row(2)]})
    assert status == 200
    assert len(said["predictions"]) == 2


@pytest.mark.parametrize(
    ("row", "field", "expected"),
    [
        (request_row(distance="far"), "distance", "a number"),
        (request_row(distance=False), "distance", "a number"),
        (request_row(pieces=1.5), "pieces", "a whole number of 64 bits"),
        (request_row(pieces=2**70), "pieces", "a whole number of 64 bits"),
        (request_row(gift="yes"), "gift", "true or false"),
        (request_row(channel=1), "channel", "UTF-8 text"),
        (request_row(promised=5), "promised", "an instant with a zone, like 2013-10-01T05:00Z"),
        (request_row(customer=[]), "customer", "UTF-8 text"),
        (request_row(gift=None), "gift", "true or false"),
        ({name: value for name, value in request_row().items() if name != "gift"}, "gift", "true or false"),
    ],
)
def test_a_wrong_field_is_named(server, row, field, expected):
    status, said = server.predict({"rows": [row]})
    assert status == 400
    assert said["error"]["field"] == f"rows[0].{field}"
    assert said["error"]["expected"] == expected


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'{"rows": [{"distance": NaN}]}', b'{"rows": ["\xff"]}', b"\x00\x01\x02",
        b'{"rows":' * 3_000, b"[" * 50_000, {"rows": "none"}, {"rows": []}, {"rows": [5]}, {"rows": [{}] * 10_001},
        {"rows": [request_row(nobody=1)]}, {**RIGHT, "more": 1}, {**RIGHT, "as_of": "2025-04-10T00:00Z"},
    ],
)  # fmt: skip
def test_a_body_that_is_no_request_is_refused(server, body):
    status, said = server.predict(body)
    assert status == 400
    assert said["error"]["message"]


def test_a_body_over_the_limit_is_refused_by_its_told_length(server):
    said = send_raw(server.port, f"POST {PREDICT} HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n{{".encode())
    assert said.startswith(b"HTTP/1.1 413")
    assert b"max_body_bytes" in said


def test_a_body_over_the_limit_is_refused_though_its_length_is_not_told(server):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = f"POST {PREDICT} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    assert send_raw(server.port, head, *[chunk] * 4).startswith(b"HTTP/1.1 413")


def test_a_body_in_chunks_is_answered_like_one_that_tells_its_length(server):
    body = json.dumps(RIGHT).encode()
    with contextlib.closing(server.connect()) as connection:
        connection.request("POST", PREDICT, iter([body[:50], body[50:]]), encode_chunked=True)
        assert connection.getresponse().status == 200


@pytest.mark.parametrize("part", [b"POST / HTTP/1.1\r\n", b"nonsense\r\n\r\n", b"\x16\x03\x01\x00", b""])
def test_what_is_no_http_harms_nobody(server, part):
    assert b"200" not in send_raw(server.port, part)


def test_a_client_that_hangs_up_harms_nobody(server):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"POST {PREDICT} HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{{".encode())


def test_paths_methods_and_names(server):
    assert server.ask("GET", "/nowhere")[0] == 404
    assert server.ask("GET", PREDICT)[0] == 405
    assert server.ask("POST", "/v1/endpoints", b"")[0] == 405
    status, said = server.ask("POST", "/v1/endpoints/rusk:predict", RIGHT)
    assert status == 404
    assert said["error"]["next_step"] == "There are: risk."


def test_health_is_told_with_and_without_a_body(server):
    assert server.ask("GET", "/health/live") == (200, {"live": True})
    assert server.ask("GET", "/health/ready") == (200, {"ready": True, "endpoints": ["risk"]})
    assert server.ask("HEAD", "/health/ready") == (200, {})
    assert server.ask("HEAD", "/nowhere") == (404, {})


def test_requests_of_several_clients_at_once_are_answered_and_written_once_each(server, folder):
    found: list[list[str]] = []
    clients = [threading.Thread(target=lambda: found.append(asked(server, 40))) for _ in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    answers = [one for each in found for one in each]
    assert len(set(answers)) == len(answers) == 160
    assert wait_for(lambda: set(answers) <= set(logged(folder)))
    kept = logged(folder)
    assert len(kept) == len(set(kept))


def test_an_orderly_stop_writes_every_answer_that_was_given(own_server, tmp_path):
    given = asked(own_server, 60)
    assert own_server.stop() == 0
    assert logged(tmp_path) == given
    assert usage_of_serving(tmp_path) > 0


def test_a_worker_that_is_killed_loses_no_more_than_the_last_moment_and_another_takes_its_place(own_server, tmp_path):
    before = asked(own_server, 30)
    assert wait_for(lambda: logged(tmp_path) == before)
    killed = own_server.worker()
    last = asked(own_server, 5)
    killed.kill()
    killed.wait(10.0)
    own_server.wait_until_ready()
    assert own_server.worker().pid != killed.pid
    kept = logged(tmp_path)
    assert kept[: len(before)] == before
    assert set(kept) <= {*before, *last}
    after = asked(own_server, 20)
    assert own_server.stop() == 0
    assert logged(tmp_path) == [*kept, *after], "the log of facts goes on where it was"


def usage_of_serving(folder):
    with open_workspace(folder) as workspace:
        table, _ = workspace.facts.read(USAGE)
        return table.column("run").to_pylist().count("serve")
