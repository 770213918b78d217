"""The control server: granian runs the application until it is told to stop."""

from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LOGGING_CONFIG

from pressroom.doors.control.app import load_application
from pressroom.workspace import read_settings


def control(folder: Path, *, host: str | None = None, port: int | None = None) -> None:
    """Take facts in over HTTP until SIGTERM or SIGINT. `host` and `port` go before the settings.

    One worker: its threads share their fsyncs. Further servers may append to the same workspace at the same time.
    """
    settings = read_settings(folder.resolve())
    server = Granian(
        target="pressroom",
        address=host or settings.control.host,
        port=port or settings.control.port,
        interface=Interfaces.RSGI,
        workers=1,
        websockets=False,
        log_access=False,
        log_dictconfig=_logging(),
        respawn_failed_workers=True,
    )
    server.serve(target_loader=partial(load_application, folder.resolve()), wrap_loader=False)


def _logging() -> dict[str, Any]:
    """The server's own log on stderr: stdout belongs to what was asked for."""
    told: dict[str, Any] = dict(LOGGING_CONFIG)
    handlers = {name: {**handler, "stream": "ext://sys.stderr"} for name, handler in told["handlers"].items()}
    return {**told, "handlers": handlers}
