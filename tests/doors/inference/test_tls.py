"""TLS by configuration: a certificate of its own, and a client that trusts it."""

import shutil
import ssl
import subprocess
import time

import pytest
from tests.projects import request_row
from tests.servers import PATIENCE_S, Server, served_folder

from pressroom.client import connect
from pressroom.doors.errors import UnreadableKey
from pressroom.doors.listening import tls_files


class SecureServer(Server):
    """A server that is asked over https."""

    def wait_until_ready(self):
        self.trust = ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
        until = time.monotonic() + PATIENCE_S
        with connect(f"https://127.0.0.1:{self.port}", tls=self.trust) as client:
            while not client.is_ready():
                assert self.process.poll() is None, self.output.read_text(encoding="utf-8")
                assert time.monotonic() < until
                time.sleep(0.02)


def write_certificate(folder):
    made = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    told = ["-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(["openssl", "req", *kind, *made, *told], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_server_speaks_tls_where_it_is_told_to(tmp_path):
    port = served_folder(tmp_path, more='tls_cert = "cert.pem"\ntls_key = "key.pem"\n')
    write_certificate(tmp_path)
    server = SecureServer(tmp_path, port)
    try:
        with connect(f"https://127.0.0.1:{port}", tls=server.trust) as client:
            assert len(client.predict("risk", request_row()).predictions) == 1
        with connect(f"https://127.0.0.1:{port}") as stranger:
            assert not stranger.is_ready(), "nobody vouches for this certificate"
    finally:
        assert server.stop() == 0


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(UnreadableKey, match=r"a\.pem") as caught:
        tls_files(tmp_path, "a.pem", "b.pem", section="server")
    assert "[server]" in caught.value.next_step
    assert tls_files(tmp_path, "", "", section="server") == (None, None)
