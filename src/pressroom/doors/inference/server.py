"""The prediction server: granian's processes run the application until it is told to stop."""

import os
import shutil
import socket
import time
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LOGGING_CONFIG
from granian.server.mp import MPServer

from pressroom.doors.inference.app import load_application
from pressroom.doors.inference.errors import PortTaken, UnreadableKey
from pressroom.doors.inference.listening import listening_at
from pressroom.doors.inference.traced import check_traces
from pressroom.workspace import Settings, read_settings

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 5.0
_LIVED_WELL_S = 10.0
_STOP_S = 10
"""A worker that is told to stop while it starts may not hear it, and is killed after so long."""


class PatientServer(MPServer):
    """Replaces workers that die, for ever. Granian gives up when one dies within seconds of its start; here, those that
    die young are only replaced ever more slowly.
    """

    _pause_s = _SHORTEST_PAUSE_S
    _replaced_at = 0.0

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        now = time.monotonic()
        lived_well = now - self._replaced_at > _LIVED_WELL_S
        self._pause_s = _SHORTEST_PAUSE_S if lived_well else min(2 * self._pause_s, _LONGEST_PAUSE_S)
        if not lived_well:
            # A signal to stop ends the pause.
            self.main_loop_interrupt.wait(self._pause_s)
        self._replaced_at = time.monotonic()
        super()._respawn_workers(workers, spawn_target, target_loader, delay)
        self.respawned_wrks.clear()


def serve(
    folder: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    grpc_port: int | None = None,
    workers: int | None = None,
) -> None:
    """Serve a workspace's endpoints until SIGTERM or SIGINT. What is given goes before the settings.

    Raises PortTaken, UnreadableKey, ExtraMissing.
    """
    settings = read_settings(folder.resolve())
    told = settings.server
    address, number = host or told.host, port or told.port
    _check_free(address, number)
    certificate, key = _tls(settings)
    check_traces(settings)
    listening = listening_at(address, grpc_port or told.grpc_port, certificate, key)
    if listening is not None:
        _check_free(address, listening.port)
    metrics = _metrics_folder(settings)
    server = PatientServer(
        target="pressroom",
        address=address,
        port=number,
        interface=Interfaces.RSGI,
        workers=workers or told.workers,
        http=HTTPModes.auto if certificate else HTTPModes.http1,
        websockets=False,
        log_access=False,
        log_dictconfig=_logging(),
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_S,
        ssl_cert=certificate,
        ssl_key=key,
    )
    try:
        server.serve(target_loader=partial(load_application, folder.resolve(), metrics, listening), wrap_loader=False)
    finally:
        shutil.rmtree(metrics, ignore_errors=True)


def _check_free(host: str, port: int) -> None:
    """Refuse a port that another process serves: workers share theirs, and would share it with a stranger too."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise PortTaken(
            f"{host}:{port} can't be listened on: {error.strerror or error}.",
            next_step="Stop what listens there, or choose another with --port.",
        ) from error


def _tls(settings: Settings) -> tuple[Path | None, Path | None]:
    told = settings.server
    if not told.tls_cert:
        return None, None
    paths = settings.folder / told.tls_cert, settings.folder / told.tls_key
    for path in paths:
        if not os.access(path, os.R_OK):
            raise UnreadableKey(f"{path} can't be read.", next_step="Mend tls_cert and tls_key in [server].")
    return paths


def _metrics_folder(settings: Settings) -> Path:
    folder = settings.folder / "data" / "metrics" / str(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _logging() -> dict[str, Any]:
    """The server's own log on stderr: stdout belongs to what was asked for."""
    told: dict[str, Any] = dict(LOGGING_CONFIG)
    handlers = {name: {**handler, "stream": "ext://sys.stderr"} for name, handler in told["handlers"].items()}
    return {**told, "handlers": handlers}
