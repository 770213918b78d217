"""The control server: granian runs the application until it is told to stop."""

from functools import partial
from pathlib import Path

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from pressroom.doors.control.app import load_application
from pressroom.doors.listening import check_free, logging_to_stderr, tls_files, warn_where_anybody_may_ask
from pressroom.workspace import read_settings


def control(folder: Path, *, host: str | None = None, port: int | None = None) -> None:
    """Take facts in over HTTP until SIGTERM or SIGINT. `host` and `port` go before the settings.

    One worker: its threads share their fsyncs. Further servers may append to the same workspace at the same time.
    Raises PortTaken, UnreadableKey.
    """
    settings = read_settings(folder.resolve())
    told = settings.control
    address, number = host or told.host, port or told.port
    check_free(address, number)
    certificate, key = tls_files(settings.folder, told.tls_cert, told.tls_key, section="control")
    warn_where_anybody_may_ask(address, tokens=told.tokens, section="control", what="append facts")
    server = Granian(
        target="pressroom",
        address=address,
        port=number,
        interface=Interfaces.RSGI,
        workers=1,
        # Of HTTP/2, and of any connection before it is known what it speaks, an idle one would never be closed.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=told.max_body_s * 1_000),
        websockets=False,
        log_access=False,
        log_dictconfig=logging_to_stderr(),
        respawn_failed_workers=True,
        ssl_cert=certificate,
        ssl_key=key,
    )
    server.serve(target_loader=partial(load_application, folder.resolve()), wrap_loader=False)
