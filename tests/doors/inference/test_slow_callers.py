"""Callers that are slow, or never finish, hold nothing for long and keep nobody else out."""

import contextlib
import json
import resource
import socket
import threading

import grpc
import pytest
from tests.doors.inference.test_grpc_door import SERVICE, Rpc, request_of
from tests.projects import request_row
from tests.servers import PATIENCE_S, Server, free_port, served_folder, wait_for

PREDICT = "/v1/endpoints/risk:predict"
RIGHT = {"rows": [request_row()]}
HEAD = f"POST {PREDICT} HTTP/1.1\r\nhost: x\r\n".encode()
MORE = 1_100
"""Connections: more than a server's own default would take."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server that waits a second for what has to come."""
    port, folder = free_port(), tmp_path_factory.mktemp("slow")
    running = Server(folder, served_folder(folder, more=f"grpc_port = {port}\nread_seconds = 1\n"))
    running.grpc_port = port
    yield running
    assert running.stop() == 0


def opened(port, content=b""):
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    connection.sendall(content)
    return connection


def until_closed(connection):
    """What is said until the server hangs up; fails where it does not."""
    said = b""
    with connection:
        while received := connection.recv(65_536):
            said += received
    return said


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", b""),
        (b"POST /v1/endp", b""),
        (HEAD, b""),
        (b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n", b"200"),
        (HEAD + b"content-length: 500\r\n\r\n{", b"408"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n", b"408"),
    ],
)
def test_a_connection_on_which_nothing_more_comes_is_closed(served, sent, told):
    said = until_closed(opened(served.port, sent))
    assert said[9:12] == told
    assert served.predict(RIGHT)[0] == 200


def test_a_call_whose_message_never_comes_is_given_up(served):
    forever, before = threading.Event(), served.worker().pid

    def nothing():
        forever.wait(PATIENCE_S)
        yield from ()

    with grpc.insecure_channel(f"127.0.0.1:{served.grpc_port}") as channel:
        ask = channel.stream_unary(f"/{SERVICE}/ModelInfer")
        slow = [ask.future(nothing()) for _ in range(20)]
        assert Rpc(channel).ask("ModelInfer", request_of([request_row()])).outputs, "others are answered meanwhile"
        for call in slow:
            assert call.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            assert "read_seconds" in call.details()
    forever.set()
    assert served.worker().pid == before


def test_a_call_without_a_message_is_refused(served):
    with grpc.insecure_channel(f"127.0.0.1:{served.grpc_port}") as channel, pytest.raises(grpc.RpcError) as caught:
        channel.stream_unary(f"/{SERVICE}/ServerLive")(iter(()), timeout=PATIENCE_S)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_connection_that_speaks_no_grpc_is_closed(served):
    assert until_closed(opened(served.grpc_port))


def test_many_idle_connections_keep_nobody_out(served):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * MORE:
        pytest.skip("needs more open files than the system grants")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MORE), hard))
    with contextlib.ExitStack() as idle:
        for _ in range(MORE):
            idle.enter_context(opened(served.port))
        assert served.predict(RIGHT)[0] == 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_bodies_that_are_large_and_slow_have_a_bound_and_small_ones_go_on(served):
    with contextlib.ExitStack() as slow:
        for _ in range(64):
            slow.enter_context(opened(served.port, HEAD + b"content-length: 150000\r\n\r\n{"))
        large = {"rows": [request_row(number) for number in range(600)]}
        assert len(json.dumps(large)) > 65_536

        def refused():
            # Who is refused before all is sent may find the connection closed.
            with contextlib.closing(served.connect()) as connection, contextlib.suppress(OSError):
                connection.request("POST", PREDICT, json.dumps(large))
                response = connection.getresponse()
                response.read()
                return response.status == 503 and response.getheader("retry-after") == "1"
            return False

        assert wait_for(refused)
        assert served.predict(RIGHT)[0] == 200
    assert wait_for(lambda: served.predict(large)[0] == 200)
    with contextlib.closing(served.connect()) as connection:
        connection.request("GET", "/metrics")
        counted = connection.getresponse().read().decode()
    assert 'pressroom_requests_total{endpoint="",kind="body",status="503"}' in counted
