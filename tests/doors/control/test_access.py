"""Who may append over HTTP: tokens, their roles, and TLS by configuration."""

import http.client
import shutil
import socket
import ssl

import pytest
from tests.doors.control.conftest import ControlServer, control_folder
from tests.doors.control.test_server import row, send_raw
from tests.doors.inference.test_tls import write_certificate
from tests.servers import PATIENCE_S, wait_for

from pressroom.doors.control import control
from pressroom.doors.control.access import Access
from pressroom.doors.errors import PortTaken
from pressroom.workspace import ROLES, open_workspace
from pressroom.workspace.tokens import _hash

FACTS = "/v1/facts"
APPEND = f"{FACTS}/delivered?known=event"


def bearer(secret):
    return f"Bearer {secret}"


def statuses(access, path):
    told = {role: access.refusal(path, bearer(role)) for role in ROLES}
    return {role: 200 if refused is None else refused.status for role, refused in told.items()}


def test_appending_takes_its_role_or_all_of_them():
    access = Access({_hash(role): role for role in ROLES})
    for path in (APPEND, FACTS, f"{FACTS}/delivered/set-aside", "/nowhere"):
        assert statuses(access, path) == {"ask": 403, "append": 200, "watch": 403, "admin": 200}
        for told in (None, "", "Bearer ", "Bearer x", "append", "Basic append", "Bearer ü\x00"):
            refused = access.refusal(path, told)
            assert refused.status == 401
            assert ("www-authenticate", "Bearer") in refused.headers
    assert access.refusal("/health/ready", None) is None


def test_where_no_tokens_are_asked_for_everybody_comes_in():
    assert Access(None).refusal(APPEND, None) is None


def test_a_server_asks_for_tokens_and_hears_of_new_and_revoked_ones(tmp_path):
    port = control_folder(tmp_path)
    with (tmp_path / "pressroom.toml").open("a", encoding="utf-8") as settings:
        settings.write("tokens = true\n")
    server = ControlServer(tmp_path, port)
    with open_workspace(tmp_path) as workspace:
        secret = workspace.tokens.create("shop", "append")
        told = {"authorization": bearer(secret)}
        assert server.post([row(1)], "known=event")[0] == 401
        assert wait_for(lambda: server.post([row(1)], "known=event&batch=one", **told)[0] in (200, 201))
        workspace.tokens.revoke("shop")
        assert wait_for(lambda: server.post([row(1)], "known=event&batch=one", **told)[0] == 401)
    # Refused before its body is read.
    head = f"POST {APPEND} HTTP/1.1\r\nhost: x\r\ncontent-length: 150000\r\n\r\n"
    assert send_raw(port, head.encode()).startswith(b"HTTP/1.1 401")
    assert server.stop() == 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_tls_is_spoken_where_it_is_told(tmp_path):
    port = control_folder(tmp_path)
    write_certificate(tmp_path)
    with (tmp_path / "pressroom.toml").open("a", encoding="utf-8") as settings:
        settings.write('tls_cert = "cert.pem"\ntls_key = "key.pem"\n')
    trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))

    class Secure(ControlServer):
        def connect(self):
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_S, context=trust)

    server = Secure(tmp_path, port)
    assert server.post([row(1)], "known=event")[0] == 201
    assert not send_raw(port, b"GET /v1/facts HTTP/1.1\r\nhost: x\r\n\r\n").startswith(b"HTTP/1.1 200"), (
        "not without it"
    )
    assert server.stop() == 0


def test_a_port_that_is_taken_is_refused(tmp_path):
    control_folder(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken):
            control(tmp_path, port=taken.getsockname()[1])
