"""The application that the HTTP server runs in each worker: opens the workspace, answers, closes."""

import threading
from pathlib import Path
from typing import Any

from pressroom.costs import USAGE, Meter, Usage, usage_row
from pressroom.doors.inference.answering import Answering
from pressroom.doors.inference.wire import Response, problem
from pressroom.values import PressroomError
from pressroom.workspace import open_workspace

REFRESH_S = 0.2
"""How soon a moved pointer is noticed."""
_USAGE_EVERY = 300
_JSON = ("content-type", "application/json")


class Application:
    """One worker's application, as the RSGI protocol wants it."""

    def __init__(self, folder: Path) -> None:
        """Serve the workspace in `folder`."""
        self._folder = folder
        self._stop = threading.Event()

    def __rsgi_init__(self, loop: Any) -> None:
        """Open the workspace and load its endpoints: only then does the worker take requests."""
        self._workspace = open_workspace(self._folder)
        self._limit = self._workspace.settings.server.max_body_bytes
        serving = self._workspace.serving
        self._meter = Meter().__enter__()
        self._noted = Usage()
        self._live = serving.live()
        self._live.refresh()
        self._log = serving.prediction_log()
        self._answering = Answering(
            live=self._live,
            log=self._log,
            clock=self._workspace.ports.clock,
            replay=self._workspace.settings.server.replay,
        )
        self._watcher = threading.Thread(target=self._watch, name="pointer-watch", daemon=True)
        self._watcher.start()

    def __rsgi_del__(self, loop: Any) -> None:
        """Stop: write what waits, note what was used, close."""
        self._stop.set()
        self._watcher.join()
        self._log.close()
        self._note_usage()
        self._workspace.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one HTTP request."""
        body = await self._read(scope, protocol)
        response = body if isinstance(body, Response) else self._answering.respond(scope.method, scope.path, body)
        protocol.response_bytes(response.status, [_JSON, *response.headers], response.body)

    async def _read(self, scope: Any, protocol: Any) -> bytes | Response:
        """The body, read no further than the limit."""
        if scope.method in ("GET", "HEAD"):
            return b""
        told = scope.headers.get("content-length")
        if told is not None and told.isdigit() and int(told) > self._limit:
            return self._too_large()
        parts: list[bytes] = []
        size = 0
        async for part in protocol:
            size += len(part)
            if size > self._limit:
                return self._too_large()
            parts.append(bytes(part))
        return b"".join(parts)

    def _too_large(self) -> Response:
        message = f"The body is larger than {self._limit} bytes."
        return problem(413, message, "Send fewer rows, or raise max_body_bytes in [server].")

    def _watch(self) -> None:
        rounds = 0
        while not self._stop.wait(REFRESH_S):
            rounds += 1
            try:
                self._live.refresh()
                if rounds % _USAGE_EVERY == 0:
                    self._note_usage()
            except PressroomError:
                continue

    def _note_usage(self) -> None:
        """Write what this worker used since it was last written."""
        used = self._meter.usage
        fresh = Usage(
            cpu_s=used.cpu_s - self._noted.cpu_s,
            wall_s=used.wall_s - self._noted.wall_s,
            peak_bytes=used.peak_bytes,
            read_bytes=used.read_bytes - self._noted.read_bytes,
            written_bytes=used.written_bytes - self._noted.written_bytes,
        )
        row = usage_row(run="serve", step="serve", outcome="done", usage=fresh, at=self._workspace.ports.clock.now())
        self._workspace.facts.append_checked([(USAGE, row)])
        self._noted = used


def load_application(folder: Path) -> Any:
    """Make a worker's application; the server calls it in each worker process."""
    return Application(folder)
