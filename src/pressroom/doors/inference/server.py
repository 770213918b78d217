"""The prediction server: granian's processes run the application until it is told to stop."""

import os
import resource
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from pressroom.doors.inference.app import load_application
from pressroom.doors.inference.gathering_loop import use_gathering_loop
from pressroom.doors.inference.listening import listening_at
from pressroom.doors.inference.traced import check_traces
from pressroom.doors.listening import check_free, logging_to_stderr, tls_files, warn_where_anybody_may_ask
from pressroom.workspace import Settings, read_settings

_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 5.0
_LIVED_WELL_S = 10.0
_OWN_FILES = 256
"""What a worker opens besides connections."""

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
    check_free(address, number)
    certificate, key = tls_files(settings.folder, told.tls_cert, told.tls_key, section="server")
    warn_where_anybody_may_ask(address, tokens=told.tokens, section="server", what="ask for predictions")
    check_traces(settings)
    listening = listening_at(address, grpc_port or told.grpc_port, certificate, key)
    if listening is not None:
        check_free(address, listening.port)
    _allow_files(told.max_connections + _OWN_FILES)
    metrics = _metrics_folder(settings)
    use_gathering_loop()
    server = PatientServer(
        target="pressroom",
        address=address,
        port=number,
        interface=Interfaces.RSGI,
        workers=workers or told.workers,
        # Of HTTP/2, and of any connection before it is known what it speaks, an idle one would never be closed.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=told.read_seconds * 1_000),
        backpressure=told.max_connections,
        websockets=False,
        log_access=False,
        log_dictconfig=logging_to_stderr(),
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_S,
        ssl_cert=certificate,
        ssl_key=key,
    )
    try:
        server.serve(target_loader=partial(load_application, folder.resolve(), metrics, listening), wrap_loader=False)
    finally:
        shutil.rmtree(metrics, ignore_errors=True)


def _allow_files(wanted: int) -> None:
    """Let workers open so many files, or as many as the system grants: a usual 1,024 is soon taken by connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    granted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < granted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))


def _metrics_folder(settings: Settings) -> Path:
    folder = settings.folder / "data" / "metrics" / str(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
