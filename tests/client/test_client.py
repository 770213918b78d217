"""A client against a server that does what it is told, and against nobody."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from pressroom.client import Rejected, Unreachable, connect
from pressroom.values import InvalidInput

PREDICTION = {
    "prediction_id": "1", "prediction": 0.5, "model": "m", "version": "1.0.0", "digest": "d", "variant": None,
    "fallback": None, "ages_s": {"a.b": 3.0, "a.c": None},
}  # fmt: skip
ANSWER = {"endpoint": "risk", "endpoint_version": 4, "predictions": [PREDICTION]}
BUSY = {"error": {"message": "Full.", "next_step": "Later."}}
WRONG = {"error": {"message": "Wrong.", "next_step": "Mend.", "field": "rows[0].a", "expected": "a number"}}


class Scripted(BaseHTTPRequestHandler):
    """Answers with the next of a script: a status and a document, or it hangs up."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        self.server.asked.append((self.path, dict(self.headers), json.loads(self.rfile.read(length) or b"null")))
        self.server.connections.add(self.client_address)
        step = self.server.script.pop(0)
        if step is None:
            self.close_connection = True
            return
        status, document = step
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        if status == 503:
            self.send_header("retry-after", "0")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_):
        pass


class Forgetful(Scripted):
    """Closes each connection after its answer, and has not said that it would."""

    def do_POST(self):
        super().do_POST()
        self.close_connection = True


@contextmanager
def server(*script, kind=Scripted):
    running = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    running.script, running.asked, running.connections = [*script], [], set()
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running, f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


def test_an_answer_has_types():
    with server((200, ANSWER)) as (running, url), connect(url, token="secret") as client:
        reply = client.predict("risk", {"a": 1})
        assert (reply.endpoint_version, reply.predictions[0].prediction) == (4, 0.5)
        assert reply.predictions[0].ages_s == {"a.b": 3.0, "a.c": None}
        path, headers, body = running.asked[0]
        assert (path, body) == ("/v1/endpoints/risk:predict", {"rows": [{"a": 1}]})
        assert headers["authorization"] == "Bearer secret"
        assert 0 < int(headers["x-deadline-ms"]) <= 5_000


def test_a_connection_is_kept():
    with server(*[(200, ANSWER)] * 5) as (running, url), connect(url) as client:
        for _ in range(5):
            client.predict("risk", [{}])
        assert len(running.connections) == 1


def test_what_may_pass_is_tried_again():
    with server((503, BUSY), None, (200, ANSWER)) as (running, url), connect(url) as client:
        assert client.predict("risk", {}).endpoint == "risk"
        assert len(running.asked) == 3


def test_it_gives_up_after_so_many_tries_and_says_what_it_heard():
    with server(*[(503, BUSY)] * 3) as (running, url), connect(url, tries=2) as client:
        with pytest.raises(Unreachable, match="Full"):
            client.predict("risk", {})
        assert len(running.asked) == 2


def test_a_refusal_is_told_at_once_with_its_field():
    with server((400, WRONG)) as (running, url), connect(url) as client:
        with pytest.raises(Rejected, match="Wrong") as caught:
            client.predict("risk", {})
        assert (caught.value.status, caught.value.field, caught.value.expected) == (400, "rows[0].a", "a number")
        assert len(running.asked) == 1


def test_it_waits_no_longer_than_it_was_told():
    started = time.monotonic()
    with (
        server(*[(503, BUSY)] * 99) as (_, url),
        connect(url, tries=99, deadline_s=0.2) as client,
        pytest.raises(Unreachable),
    ):
        client.predict("risk", {})
    assert time.monotonic() - started < 20.0


def test_nobody_there_is_told():
    with connect("http://127.0.0.1:1", tries=2, deadline_s=1.0) as client:
        assert not client.is_ready()
        with pytest.raises(Unreachable, match="did not answer"):
            client.predict("risk", {})


@pytest.mark.parametrize("url", ["", "localhost:7077", "ftp://x", "http://"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(InvalidInput, match="no address"):
        connect(url)


def test_kept_connections_that_the_server_closed_meanwhile_use_up_no_try():
    with server(*[(200, ANSWER)] * 8, kind=Forgetful) as (running, url), connect(url, tries=1) as client:
        crowd = [threading.Thread(target=client.predict, args=("risk", {"a": 1})) for _ in range(4)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        for _ in range(4):
            assert client.predict("risk", {"a": 1}).endpoint_version == 4
        assert len(running.asked) == 8


class Like:
    """A value of another library."""

    def __init__(self, value):
        self._value = value

    def item(self):
        return self._value


def test_numbers_of_other_libraries_are_sent_as_what_they_are():
    with server((200, ANSWER)) as (running, url), connect(url) as client:
        client.predict("risk", {"a": np.float64(1.5), "b": np.int64(3), "c": np.bool_(True), "d": Like("x")})
    assert running.asked[0][1:][1] == {"rows": [{"a": 1.5, "b": 3, "c": True, "d": "x"}]}


def test_a_value_that_cannot_be_sent_is_refused_here():
    with server() as (running, url), connect(url) as client, pytest.raises(InvalidInput, match="Client is nothing"):
        client.predict("risk", {"a": client})
    assert running.asked == []
