import logging
import socket

import pytest

from pressroom.doors.control import control
from pressroom.doors.inference import serve
from pressroom.doors.listening import warn_where_anybody_may_ask


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "no such name."])
def test_a_server_for_other_machines_that_asks_for_no_token_says_so_in_one_line(host, caplog):
    warn_where_anybody_may_ask(host, tokens=False, section="server", what="ask for predictions")
    (line,) = caplog.records
    assert line.levelno == logging.WARNING
    said = line.getMessage()
    assert said.startswith(f"Whoever reaches {host} can ask for predictions: no token is asked for.")
    assert "tokens = true in [server]" in said
    assert "\n" not in said


@pytest.mark.parametrize(("host", "tokens"), [("127.0.0.1", False), ("::1", False), ("localhost", False), ("::", True)])
def test_nothing_is_said_where_only_this_machine_or_holders_of_tokens_ask(host, tokens, caplog):
    warn_where_anybody_may_ask(host, tokens=tokens, section="server", what="ask for predictions")
    assert caplog.records == []


class Server:
    """What would listen."""

    def __init__(self, **told):
        self.told = told

    def serve(self, **told):
        """End at once."""


@pytest.mark.parametrize(
    ("start", "section", "listens"),
    [
        (serve, "server", "pressroom.doors.inference.server.PatientServer"),
        (control, "control", "pressroom.doors.control.server.Granian"),
    ],
)
def test_both_servers_say_so_when_they_start(start, section, listens, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(listens, Server)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = tmp_path / "pressroom.toml"
    told.write_text("")
    start(tmp_path, host="0.0.0.0", port=port)
    assert [f"tokens = true in [{section}]" in record.getMessage() for record in caplog.records] == [True]
    caplog.clear()
    start(tmp_path, port=port)
    told.write_text(f"[{section}]\ntokens = true\n")
    start(tmp_path, host="0.0.0.0", port=port)
    assert caplog.records == []
