"""The door for gRPC: the Open Inference Protocol's service, on the event loop of a worker's HTTP server.

Whoever comes in here is answered as over HTTP, by the same path: the same tokens (metadata `authorization`), tiers
(`x-tier`), limits, deadlines (the call's own, besides), metrics and log. Only the words differ.

A caller that is slow holds no more than one that is slow over HTTP: a message that is not whole in time is given up,
a connection on which nothing happens is closed, and so is one whose answers are not taken.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import msgspec
from grpc import StatusCode

from pressroom.doors.inference.grpc_codes import code_of
from pressroom.doors.inference.grpc_infer import (
    Metadata,
    infer_incoming,
    infer_response,
    metadata_response,
    model_path,
    read_message,
    said_of_failure,
)
from pressroom.doors.inference.grpc_messages import SERVICE, message_class
from pressroom.doors.inference.listening import Listening
from pressroom.doors.inference.own import MOST_MS
from pressroom.doors.inference.wire import Incoming, Responds
from pressroom.doors.response import Response, problem
from pressroom.values import PressroomError

_CODES: dict[int, StatusCode] = {code.value[0]: code for code in StatusCode}
_OK, _NOT_FOUND, _UNAVAILABLE = 200, 404, 503
_GRACE_S = 5.0
_IDLE_MS = 300_000
"""A connection without a call is closed after so long; clients open another by themselves."""

_AGE_MS = 600_000
"""Calls on a connection that is so old go to another one; what is not taken from it after the time that a message has
is lost. Clients see none of it, and find their way to other workers, too.
"""

_PING_MS, _PONG_MS = 60_000, 20_000
_MOST_CALLS = 256
"""At once on one connection: further ones wait at the client."""

_DEADLINE = "x-deadline-ms"


class GrpcDoor:
    """One worker's gRPC server. Workers share the port."""

    def __init__(self, answering: Responds, listening: Listening, *, most_bytes: int, read_seconds: int) -> None:
        """Answer by `answering`, messages of `most_bytes` at most that come within `read_seconds`; nothing listens."""
        self._answering = answering
        self._listening = listening
        self._most_bytes = most_bytes
        self._read_seconds = read_seconds
        self._methods: dict[str, Callable[[bytes, Metadata], Awaitable[Any]]] = {
            "ServerLive": self._server_live,
            "ServerReady": self._server_ready,
            "ModelReady": self._model_ready,
            "ServerMetadata": self._server_metadata,
            "ModelMetadata": self._model_metadata,
            "ModelInfer": self._model_infer,
        }

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen; the loop does not run yet."""
        loop.run_until_complete(self._open())

    def close(self, loop: asyncio.AbstractEventLoop) -> None:
        """Finish what was begun, and stop; the loop does not run any more."""
        loop.run_until_complete(self._server.stop(_GRACE_S))

    async def _open(self) -> None:
        told = self._listening
        self._server = grpc.aio.server(options=self._options())
        # One message comes, as in a unary call, and no client can tell the difference. But what takes a stream is asked
        # before the message is there, and can give it up; of a unary call nobody is told until it is whole.
        handlers = {name: grpc.stream_unary_rpc_method_handler(self._handler(name)) for name in self._methods}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        where = f"[{told.host}]:{told.port}" if ":" in told.host else f"{told.host}:{told.port}"
        if told.tls is None:
            self._server.add_insecure_port(where)
        else:
            certificate, key = (path.read_bytes() for path in told.tls)
            self._server.add_secure_port(where, grpc.ssl_server_credentials([(key, certificate)]))
        await self._server.start()

    def _options(self) -> tuple[tuple[str, int], ...]:
        patience_ms = self._read_seconds * 1_000
        return (
            # Workers share the port as those of the HTTP server do.
            ("grpc.so_reuseport", 1),
            ("grpc.max_receive_message_length", self._most_bytes),
            ("grpc.max_concurrent_streams", _MOST_CALLS),
            ("grpc.server_handshake_timeout_ms", patience_ms),
            ("grpc.max_connection_idle_ms", _IDLE_MS),
            ("grpc.max_connection_age_ms", _AGE_MS),
            ("grpc.max_connection_age_grace_ms", patience_ms),
            ("grpc.keepalive_time_ms", _PING_MS),
            ("grpc.keepalive_timeout_ms", _PONG_MS),
        )

    async def _message(self, call: Any) -> bytes:
        """The call's message, if it comes in time."""
        try:
            async with asyncio.timeout(self._read_seconds):
                content = await call.read()
        except TimeoutError:
            said = f"The message did not come within {self._read_seconds} seconds."
            too_slow = problem(408, said, "Send it faster, or raise read_seconds in [server].")
            raise _Failed(too_slow) from None
        if not isinstance(content, bytes):
            raise _Failed(problem(400, "The call has no message.", "Send one."))
        return content

    def _handler(self, name: str) -> Callable[[Any, Any], Awaitable[bytes]]:
        method = self._methods[name]

        async def handle(_: Any, call: Any) -> bytes:
            try:
                answer = await method(await self._message(call), _headers(call))
            except _Failed as failed:
                await call.abort(failed.code, failed.said, failed.trailing)
                raise
            return answer.SerializeToString()

        return handle

    async def _server_live(self, content: bytes, headers: Metadata) -> Any:
        await self._get("ServerLive", content, headers, lambda _: "/v2/health/live")
        return message_class("ServerLiveResponse")(live=True)

    async def _server_ready(self, content: bytes, headers: Metadata) -> Any:
        said = await self._get("ServerReady", content, headers, lambda _: "/v2/health/ready", _UNAVAILABLE)
        return message_class("ServerReadyResponse")(ready=said.status == _OK)

    async def _model_ready(self, content: bytes, headers: Metadata) -> Any:
        said = await self._get("ModelReady", content, headers, _path_of("/ready"), _UNAVAILABLE, _NOT_FOUND)
        return message_class("ModelReadyResponse")(ready=said.status == _OK)

    async def _server_metadata(self, content: bytes, headers: Metadata) -> Any:
        said = await self._get("ServerMetadata", content, headers, lambda _: "/v2")
        told = msgspec.json.decode(said.body)
        # The extension is one of HTTP; here every tensor may come raw.
        return message_class("ServerMetadataResponse")(name=told["name"], version=told["version"])

    async def _model_metadata(self, content: bytes, headers: Metadata) -> Any:
        return metadata_response(await self._get("ModelMetadata", content, headers, _path_of("")))

    async def _model_infer(self, content: bytes, headers: Metadata) -> Any:
        try:
            asked = read_message("ModelInferRequest", content)
        except PressroomError as error:
            broken = Incoming(method="POST", path="/v2/models/", headers=headers, broken=error, rpc="ModelInfer")
            raise _Failed(await self._answering.respond(broken)) from error
        response = await self._answering.respond(infer_incoming(asked, headers))
        if response.status != _OK:
            raise _Failed(response)
        return infer_response(asked, response)

    async def _get(
        self, method: str, content: bytes, headers: Metadata, path_of: Callable[[Any], str], *also: int
    ) -> Response:
        """What HTTP says to the same question; a status other than 200 and `also` fails the call."""
        path, broken = "/v2/models/", None
        try:
            path = path_of(read_message(f"{method}Request", content))
        except PressroomError as error:
            broken = error
        incoming = Incoming(method="GET", path=path, headers=headers, broken=broken, rpc=method)
        response = await self._answering.respond(incoming)
        if response.status not in (_OK, *also):
            raise _Failed(response)
        return response


class _Failed(Exception):
    """A call that ends with a status of gRPC instead of an answer."""

    def __init__(self, response: Response) -> None:
        self.code = _CODES[code_of(response.status)]
        self.said = said_of_failure(response)
        self.trailing = tuple((name, value) for name, value in response.headers if name == "retry-after")
        super().__init__(self.said)


def _path_of(what: str) -> Callable[[Any], str]:
    return lambda asked: model_path(asked.name, asked.version, what)


def _headers(call: Any) -> Metadata:
    """The call's metadata as headers, its deadline among them: the shorter of the two that may be told."""
    headers = {name: value for name, value in call.invocation_metadata() or () if isinstance(value, str)}
    left_s = call.time_remaining()
    if left_s is None:
        return Metadata(headers)
    left_ms, told = max(1, min(MOST_MS, int(left_s * 1e3))), headers.get(_DEADLINE)
    if told is None or (told.isascii() and told.isdigit() and int(told[:12]) > left_ms):
        headers[_DEADLINE] = str(left_ms)
    return Metadata(headers)
