"""The application that the HTTP server runs in its worker: reads bodies, appends in threads, closes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressroom.doors.control.access import Access
from pressroom.doors.control.answering import Answering
from pressroom.doors.control.request import Request
from pressroom.doors.control.wire import comes_again
from pressroom.doors.read_body import LargeBodies, read_body
from pressroom.doors.response import Response, problem
from pressroom.values import PressroomError
from pressroom.workspace import open_workspace

_TOKENS_EVERY_S = 1.0
_MOST_LARGE = 32
"""Bodies over 64 KiB that may be on their way at once."""


class Application:
    """One worker's application, as the RSGI protocol wants it."""

    def __init__(self, folder: Path) -> None:
        """Take facts in for the workspace in `folder`."""
        self._folder = folder

    def __rsgi_init__(self, loop: Any) -> None:
        """Open the workspace: only then does the worker take requests."""
        self._workspace = open_workspace(self._folder)
        self._limits = self._workspace.settings.control
        self._following = self._workspace.following()
        self._threads = ThreadPoolExecutor(max_workers=max(self._limits.threads, 1), thread_name_prefix="append")
        self._answering = Answering(self._workspace, self._following)
        self._at_once = 0
        self._large = LargeBodies(_MOST_LARGE)
        self._access = Access(self._workspace.tokens.roles() if self._limits.tokens else None)
        if self._limits.tokens:
            loop.call_later(_TOKENS_EVERY_S, self._look_for_tokens, loop)

    def __rsgi_del__(self, loop: Any) -> None:
        """Stop: finish what was begun, follow it, close."""
        self._threads.shutdown()
        self._following.close()
        self._workspace.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one HTTP request."""
        if self._at_once >= self._limits.max_at_once:
            busy = problem(503, "Too many requests are at work.", "Come again, or raise max_at_once in [control].")
            self._send(protocol, comes_again(busy))
            return
        self._at_once += 1
        try:
            self._send(protocol, await self._answer(scope, protocol))
        finally:
            self._at_once -= 1

    async def _answer(self, scope: Any, protocol: Any) -> Response:
        refused = self._access.refusal(scope.path, scope.headers.get("authorization"))
        if refused is not None:
            return refused
        body = await self._read(scope, protocol)
        if isinstance(body, Response):
            return body
        headers = {name: scope.headers.get(name) or "" for name in ("content-type", "content-encoding")}
        request = Request(
            method=scope.method, path=scope.path, query=scope.query_string or "", headers=headers, body=body
        )
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answering.respond, request)

    async def _read(self, scope: Any, protocol: Any) -> bytes | Response:
        """The body, read no further than the limit and no longer than allowed."""
        if scope.method in ("GET", "HEAD"):
            return b""
        most = self._limits.max_body_bytes
        too_large = problem(
            413, f"The body is larger than {most:,} bytes.", "Send fewer rows, or raise max_body_bytes in [control]."
        )
        try:
            async with asyncio.timeout(self._limits.max_body_s):
                return await read_body(scope.headers, protocol, most, too_large, self._large)
        except TimeoutError:
            return problem(408, "The body did not arrive in time.", "Send it faster, or raise max_body_s in [control].")

    def _look_for_tokens(self, loop: Any) -> None:
        loop.run_in_executor(self._threads, self._take_tokens)
        loop.call_later(_TOKENS_EVERY_S, self._look_for_tokens, loop)

    def _take_tokens(self) -> None:
        """Know what was made and revoked since; where that can't be read, what was known holds."""
        with suppress(PressroomError):
            self._access.tokens = self._workspace.tokens.roles()

    def _send(self, protocol: Any, response: Response) -> None:
        protocol.response_bytes(response.status, response.all_headers(), response.body)


def load_application(folder: Path) -> Any:
    """Make a worker's application; the server calls it in its worker process."""
    return Application(folder)
