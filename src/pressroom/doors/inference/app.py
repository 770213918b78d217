"""The application that the HTTP server runs in each worker: opens the workspace, answers, closes."""

import asyncio
import gc
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from pressroom import __version__
from pressroom.doors.inference.wire import Incoming
from pressroom.doors.inference.worker import Worker
from pressroom.doors.read_body import LargeBodies, read_body
from pressroom.doors.response import Response, problem
from pressroom.workspace import open_workspace

_SWEEP_S = 1.0
_SWITCH_S = 0.0005
_GARBAGE = (10_000, 20, 20)
"""When garbage is looked for: a request leaves hardly any, and a look at all of it takes milliseconds."""

_READS = ("GET", "HEAD")
_MOST_LARGE = 64
"""Bodies over 64 KiB that may be on their way at once."""


class Application:
    """One worker's application, as the RSGI protocol wants it."""

    def __init__(self, folder: Path, metrics_folder: Path | None = None, listening: Any = None) -> None:
        """Serve the workspace in `folder`; `listening` says where gRPC is spoken too (None: nowhere)."""
        self._folder = folder
        self._metrics_folder = metrics_folder
        self._listening = listening
        self._grpc: Any = None

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the workspace and load its endpoints: only then does the worker take requests."""
        # The thread that writes predictions gives way to requests ten times as often as Python would let it.
        sys.setswitchinterval(_SWITCH_S)
        self._workspace = open_workspace(self._folder)
        told = self._workspace.settings.server
        self._limit, self._read_seconds = told.max_body_bytes, told.read_seconds
        message = f"The body is larger than {self._limit} bytes."
        self._too_large = problem(413, message, "Send fewer rows, or raise max_body_bytes in [server].")
        self._worker = Worker(self._workspace, version=__version__, metrics_folder=self._metrics_folder)
        self._respond = self._worker.answering.respond
        self._reading: dict[asyncio.Task[Any], float] = {}
        self._large = LargeBodies(_MOST_LARGE)
        self._on_their_way = 0
        self._loop = loop
        _keep_what_is_loaded()
        loop.call_later(_SWEEP_S, self._sweep)
        if self._listening is not None:
            # Read only where it is spoken: it is an extra.
            door = import_module("pressroom.doors.inference.grpc_door").GrpcDoor
            bounds = {"most_bytes": self._limit, "read_seconds": self._read_seconds}
            self._grpc = door(self._worker.answering, self._listening, **bounds)
            self._grpc.open(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop: write what waits, note what was used, close."""
        if self._grpc is not None:
            self._grpc.close(loop)
        self._worker.close()
        self._workspace.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one HTTP request."""
        # Asked for once: granian copies them all each time.
        method, headers = scope.method, scope.headers
        self._on_their_way += 1
        try:
            body = b"" if method in _READS else await self._read(headers, protocol)
            if isinstance(body, bytes):
                alone = self._on_their_way == 1
                incoming = Incoming(method=method, path=scope.path, headers=headers, body=body, alone=alone)
                response = await self._respond(incoming)
            else:
                response = body
                self._worker.metrics.note_unread(response.status)
        finally:
            self._on_their_way -= 1
        protocol.response_bytes(response.status, response.all_headers(), response.body)

    async def _read(self, headers: Any, protocol: Any) -> bytes | Response:
        """The body, read no further than the limit, and no longer."""
        task = asyncio.current_task()
        assert task is not None
        self._reading[task] = self._loop.time()
        try:
            return await read_body(headers, protocol, self._limit, self._too_large, self._large)
        except asyncio.CancelledError:
            message = f"The body did not come within {self._read_seconds} seconds."
            return problem(408, message, "Send it faster, or raise read_seconds in [server].")
        finally:
            del self._reading[task]

    def _sweep(self) -> None:
        """Give up on bodies that take too long: one look a second at all, instead of a timer for each."""
        oldest = self._loop.time() - self._read_seconds
        for task, since in [*self._reading.items()]:
            if since < oldest:
                task.cancel()
        self._loop.call_later(_SWEEP_S, self._sweep)


def _keep_what_is_loaded() -> None:
    """Let no search for garbage walk what stays for good: modules and models, 50 ms in which nobody is answered."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


def load_application(folder: Path, metrics_folder: Path | None = None, listening: Any = None) -> Any:
    """Make a worker's application; the server calls it in each worker process."""
    return Application(folder, metrics_folder, listening)
