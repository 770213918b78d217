"""A client: asks, waits no longer than it was told, and tries again where that can help."""

import http.client
import random
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import msgspec

from pressroom.client.errors import Rejected, Unreachable
from pressroom.client.predicted import Fault, FaultReply, Reply
from pressroom.values import InvalidInput

Row = Mapping[str, object]
_TRY_AGAIN = frozenset({408, 429, 502, 503, 504})
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 1.0
_reply = msgspec.json.Decoder(Reply)
_fault = msgspec.json.Decoder(FaultReply)


@dataclass(frozen=True, slots=True)
class _Heard:
    status: int
    body: bytes
    retry_after_s: float


class Client:
    """Asks one server. Safe for several threads: each request takes a kept connection, or opens one."""

    def __init__(
        self, url: str, *, token: str = "", deadline_s: float = 5.0, tries: int = 3, tls: ssl.SSLContext | None = None
    ) -> None:
        """Ask the server at `url` (http or https). An answer is waited for `deadline_s` at most, all tries together."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(f"{url!r} is no address of a server.", next_step="Write http://127.0.0.1:7077.")
        if tries < 1 or not deadline_s > 0:
            raise InvalidInput("A client asks at least once, for some time.", next_step="Give tries and a deadline.")
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._headers = {"content-type": "application/json"}
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        self._deadline_s = deadline_s
        self._tries = tries
        self._idle: list[http.client.HTTPConnection] = []
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Hang up."""
        with self._turn:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def predict(
        self, endpoint: str, rows: Sequence[Row] | Row, *, deadline_s: float | None = None, explain: bool = False
    ) -> Reply:
        """Predictions for rows (or for one). A request may be answered twice when an answer got lost on its way.

        Numbers of numpy and instants of pandas are taken for what they are. Raises Rejected where the server refuses
        the request, Unreachable where no answer comes in time, InvalidInput for a value that JSON has no word for.
        """
        limit_s = deadline_s or self._deadline_s
        until = time.monotonic() + limit_s
        asked: dict[str, object] = {"rows": [rows] if isinstance(rows, Mapping) else list(rows)}
        if explain:
            asked["explain"] = True
        path = f"/v1/endpoints/{quote(endpoint, safe='')}:predict"
        heard = self._ask("POST", path, _encoded(asked), until)
        return _reply.decode(heard.body)

    def endpoints(self) -> list[str]:
        """The endpoints that the server answers for. Raises Rejected, Unreachable."""
        heard = self._ask("GET", "/v1/endpoints", b"", time.monotonic() + self._deadline_s)
        return msgspec.json.decode(heard.body, type=dict[str, list[str]])["endpoints"]

    def is_ready(self) -> bool:
        """Whether the server says that it can answer."""
        try:
            return self._once("GET", "/health/ready", b"", time.monotonic() + self._deadline_s).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def _ask(self, method: str, path: str, body: bytes, until: float) -> _Heard:
        pause_s, trouble = _FIRST_PAUSE_S, "no time was left"
        for number in range(self._tries):
            if time.monotonic() >= until:
                break
            try:
                heard = self._once(method, path, body, until)
            except (OSError, http.client.HTTPException) as error:
                trouble, wait_s = f"{type(error).__name__}: {error}", pause_s
            else:
                if heard.status == 200:
                    return heard
                fault = _fault_of(heard)
                if heard.status not in _TRY_AGAIN:
                    raise Rejected(
                        fault.message,
                        next_step=fault.next_step,
                        status=heard.status,
                        field=fault.field,
                        expected=fault.expected,
                    )
                trouble, wait_s = fault.message, max(pause_s, heard.retry_after_s)
            # Those who were sent away together shall not come back together.
            wait_s *= random.uniform(0.5, 1.5)
            if number + 1 == self._tries or time.monotonic() + wait_s >= until:
                break
            time.sleep(wait_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        raise Unreachable(
            f"{self._host}:{self._port} did not answer: {trouble}.", next_step="Try again later, or wait longer."
        )

    def _once(self, method: str, path: str, body: bytes, until: float) -> _Heard:
        connection = self._borrow()
        if connection is not None:
            try:
                return self._exchange(connection, method, path, body, until)
            except (ConnectionError, http.client.BadStatusLine):
                # A kept connection that the server has closed meanwhile says nothing of the server. The others that
                # were kept are as old: none of them may use up a try.
                self.close()
        return self._exchange(self._open(), method, path, body, until)

    def _exchange(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes, until: float
    ) -> _Heard:
        left_s = max(0.001, until - time.monotonic())
        connection.timeout = left_s
        with suppress(AttributeError, OSError):
            connection.sock.settimeout(left_s)
        try:
            headers = {**self._headers, "x-deadline-ms": str(min(3_600_000, max(1, int(left_s * 1_000))))}
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            content = response.read()
        except BaseException:
            connection.close()
            raise
        self._give_back(connection, keep=not response.will_close)
        after = response.getheader("retry-after") or "0"
        return _Heard(response.status, content, float(after) if after.isdigit() else 0.0)

    def _borrow(self) -> http.client.HTTPConnection | None:
        with self._turn:
            return self._idle.pop() if self._idle else None

    def _open(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port)

    def _give_back(self, connection: http.client.HTTPConnection, *, keep: bool) -> None:
        if not keep:
            connection.close()
            return
        with self._turn:
            self._idle.append(connection)


def connect(
    url: str, *, token: str = "", deadline_s: float = 5.0, tries: int = 3, tls: ssl.SSLContext | None = None
) -> Client:
    """A client of the prediction server at `url`. `token` is a secret of `pressroom token create`."""
    return Client(url, token=token, deadline_s=deadline_s, tries=tries, tls=tls)


def _encoded(asked: object) -> bytes:
    try:
        return msgspec.json.encode(asked, enc_hook=_plain)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(
            f"The rows can't be sent: {error}.", next_step="Give numbers, texts, true or false, instants, or null."
        ) from error


def _plain(value: object) -> object:
    """A number or an instant of numpy or pandas as Python's own; an array of them as a list."""
    for name in ("to_pydatetime", "item", "tolist"):
        told = getattr(value, name, None)
        if callable(told):
            with suppress(TypeError, ValueError):
                return told()
    raise TypeError(f"{type(value).__name__} is nothing that JSON knows")


def _fault_of(heard: _Heard) -> Fault:
    try:
        return _fault.decode(heard.body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Fault(message=f"The server answered {heard.status}.")
