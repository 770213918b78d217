"""Facts over real HTTP into a real server process: what is acknowledged is there, once, whatever happens."""

import contextlib
import http.client
import json
import os
import signal
import socket
import threading
import time

import pytest
from tests.doors.control.conftest import ControlServer
from tests.servers import free_port, wait_for

from pressroom.workspace import open_workspace

KNOWN = "known=event"


def row(number, **more):
    return {
        "event": f"2025-04-01T10:{number % 60:02}:{number // 60 % 60:02}Z",
        "order": f"o{number}",
        "customer": f"c{number % 7}",
        "quarter": "q1",
        "delay": 1.5,
        **more,
    }


def stored(folder):
    """The orders of all facts, in the order in which they were appended."""
    with open_workspace(folder) as workspace:
        table, _ = workspace.facts.read(workspace.fact("delivered"))
        return table.sort_by("seq").column("order").to_pylist()


def send_raw(port, *parts, wait=5.0):
    """What the server says to these bytes, until it hangs up or falls silent."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        for part in parts:
            connection.sendall(part)
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while received := connection.recv(65_536):
                said += received
                if b"\r\n\r\n" in said:
                    break
    return said


@pytest.fixture(autouse=True)
def answers_afterwards(request):
    """Whatever was sent, the server goes on answering."""
    yield
    if "server" in request.fixturenames:
        assert request.getfixturevalue("server").ask("GET", "/health/live")[0] == 200


def test_a_batch_goes_in_and_is_there_at_once(server, folder):
    status, said = server.post([row(1), row(2)], f"{KNOWN}&source=wire&batch=b1")
    assert (status, said["appended"]) == (201, 2)
    assert stored(folder)[-2:] == ["o1", "o2"]
    assert server.post([row(1), row(2)], f"{KNOWN}&source=wire&batch=b1")[0] == 200


HEAD = f"POST /v1/facts/delivered?{KNOWN} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


def test_a_body_over_the_limit_is_refused_by_its_told_length(server):
    assert send_raw(server.port, f"{HEAD}content-length: 99999999\r\n\r\n[".encode()).startswith(b"HTTP/1.1 413")


def test_a_body_over_the_limit_is_refused_though_its_length_is_not_told(server):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    said = send_raw(server.port, f"{HEAD}transfer-encoding: chunked\r\n\r\n".encode(), *[chunk] * 4)
    assert said.startswith(b"HTTP/1.1 413")


def test_a_body_that_never_ends_is_given_up(server):
    assert send_raw(server.port, f"{HEAD}content-length: 50\r\n\r\n[".encode()).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("sent", [b"", b"POST /v1/fa", HEAD.encode(), b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"])
def test_a_connection_on_which_nothing_more_comes_is_closed(server, sent):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20.0) as connection:
        connection.sendall(sent)
        while connection.recv(65_536):
            pass


def test_http_is_spoken_in_the_version_whose_idle_connections_are_closed(server):
    said = send_raw(server.port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
    assert not said.startswith(b"\0"), "no frame of HTTP/2"


@pytest.mark.parametrize(("pause_s", "number"), [(0.0, 8), (0.05, 9)])
def test_a_body_that_is_cut_off_changes_nothing(server, folder, pause_s, number):
    before = stored(folder)
    body = json.dumps([row(3)]).encode()
    told = f"{HEAD}content-length: {len(body) + 9}\r\n\r\n".encode() + body
    in_parts = f"{HEAD}transfer-encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body
    for request in (told, in_parts, in_parts + b"\r\n", in_parts + b"\r\n0\r\n") * 3:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(request)
            time.sleep(pause_s)
    assert server.post([row(number)], f"{KNOWN}&source=wire&batch=cuts-{number}")[0] == 201
    assert stored(folder) == [*before, f"o{number}"]


def test_a_body_whose_end_is_cut_off_is_answered_with_400(server):
    connection = socket.create_connection(("127.0.0.1", server.port))
    with contextlib.closing(connection):
        connection.sendall(f"{HEAD}transfer-encoding: chunked\r\n\r\n2\r\n[]".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096)[:12] in (b"HTTP/1.1 400", b"")


def test_a_told_length_that_is_too_short_takes_no_more_than_that(server, folder):
    before = stored(folder)
    said = send_raw(server.port, f"{HEAD}content-length: 5\r\n\r\n".encode() + json.dumps([row(3)]).encode())
    assert said.startswith(b"HTTP/1.1 400")
    assert stored(folder) == before


@pytest.mark.parametrize("part", [b"POST / HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n", b"\x16\x03\x01\x00", b""])
def test_what_is_no_http_hurts_nobody(server, part):
    with contextlib.closing(socket.create_connection(("127.0.0.1", server.port))) as connection:
        connection.sendall(part)


def append_many(server, client, count, acknowledged):
    """Append small batches on one connection until the server is gone."""
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(server.connect()) as connection:
        for number in range(count):
            name = f"{client}-{number}"
            body = json.dumps([row(number, order=name)])
            connection.request(
                "POST", f"/v1/facts/delivered?{KNOWN}&batch={name}", body, {"content-type": "application/json"}
            )
            response = connection.getresponse()
            response.read()
            if response.status in (200, 201):
                acknowledged.append(name)


def together(*work):
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    return threads


def test_what_was_acknowledged_survives_a_kill_and_is_there_once(own_server, tmp_path):
    acknowledged = []
    threads = together(
        *(lambda client=client: append_many(own_server, client, 1_000_000, acknowledged) for client in range(8))
    )
    assert wait_for(lambda: len(acknowledged) > 100)
    os.kill(own_server.worker().pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    own_server.wait_until_ready()
    before = list(acknowledged)
    found = stored(tmp_path)
    assert len(found) == len(set(found))
    assert set(before) <= set(found)
    # Sent again, as a client does that heard nothing: every batch is there once.
    append_many(own_server, 0, len([name for name in found if name.startswith("0-")]) + 3, acknowledged)
    again = stored(tmp_path)
    assert len(again) == len(set(again))
    assert set(acknowledged) | set(found) == set(again)


def test_several_servers_append_to_one_workspace_each_batch_once(own_server, tmp_path):
    port = free_port()
    settings = (tmp_path / "pressroom.toml").read_text()
    (tmp_path / "pressroom.toml").write_text(settings.replace(str(own_server.port), str(port)))
    other = ControlServer(tmp_path, port)
    acknowledged = []
    for thread in together(
        *(
            lambda running=running, client=client: append_many(running, client, 30, acknowledged)
            for running in (own_server, other)
            for client in ("a", "b", "c")
        )
    ):
        thread.join()
    assert other.stop() == 0
    wanted = {f"{client}-{number}" for client in "abc" for number in range(30)}
    assert sorted(stored(tmp_path)) == sorted(wanted)
    assert sorted(acknowledged) == sorted([*wanted, *wanted])


def test_online_features_come_up_to_date_also_with_what_waited_at_the_stop(own_server, tmp_path):
    for number in range(50):
        assert own_server.post([row(number, customer="c1")], f"{KNOWN}&batch={number}")[0] == 201
    assert own_server.stop() == 0
    with open_workspace(tmp_path) as workspace:
        assert workspace.follow() == 0
        assert len(workspace.facts.read(workspace.fact("delivered"))[0]) == 50
