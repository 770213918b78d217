"""The cluster's API: plain HTTPS and JSON. Its errors become ours here."""

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pressroom.backends.kubernetes.access import Access
from pressroom.ports import BackendError

Document = dict[str, Any]
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TRIES = 3
_MORE_S = 5.0
GONE = 410


class Answered(BackendError):
    """The API answered with a status that says no."""

    def __init__(self, status: int, message: str) -> None:
        """Which status, and its words."""
        step = {401: "Give a token that is valid.", 403: "Let this account make and delete jobs and read pods."}
        super().__init__(
            f"The Kubernetes API answered {status}: {message}", next_step=step.get(status, "Look at the cluster.")
        )
        self.status = status


class Api:
    """Talks to one API server. The token is read from its file each time, for clusters change it every hour."""

    def __init__(
        self, url: str, *, token: str = "", authority: str = "", access: Access | None = None, timeout_s: float = 30.0
    ) -> None:
        """`token` and `authority` are files; or `access` says who we are. Without TLS only this machine is spoken to.
        Raises BackendError.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BackendError(f"{url!r} is no address of an API.", next_step='Write "https://HOST:6443".')
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise BackendError(f"{url} would send the token in the clear.", next_step="Use https.")
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self._secure = parts.scheme == "https"
        self._token, self._authority, self._timeout_s = token, authority, timeout_s
        self._access = access

    def ask(self, method: str, path: str, body: Document | None = None, **query: str) -> Document:
        """One request. Raises Answered where the API says no, BackendError where it does not answer."""
        for tried in range(_TRIES):
            try:
                return self._once(method, path, body, query)
            except (OSError, http.client.HTTPException) as error:
                # A request that may have been carried out is safe to repeat: names are ours, and a second one is 409.
                if tried == _TRIES - 1:
                    raise BackendError(
                        f"The Kubernetes API at {self._host} does not answer: {error}.", next_step="Is it up?"
                    ) from error
        raise AssertionError

    def text(self, path: str, **query: str) -> bytes:
        """A document that is no JSON: a log."""
        connection = self._connect(self._timeout_s)
        try:
            connection.request("GET", self._path(path, query), headers=self._headers())
            answer = connection.getresponse()
            content = answer.read()
            if answer.status >= http.client.BAD_REQUEST:
                raise Answered(answer.status, _words(content))
            return content
        except (OSError, http.client.HTTPException) as error:
            raise BackendError(f"The Kubernetes API does not answer: {error}.", next_step="Is it up?") from error
        finally:
            connection.close()

    def watch(self, path: str, *, wait_s: float, **query: str) -> Iterator[Document]:
        """Events as they come, until `wait_s` are over. Raises Answered(410) where what was seen last is too old."""
        told = {**query, "watch": "1", "timeoutSeconds": str(max(1, int(wait_s)))}
        connection = self._connect(wait_s + _MORE_S)
        try:
            connection.request("GET", self._path(path, told), headers=self._headers())
            answer = connection.getresponse()
            if answer.status >= http.client.BAD_REQUEST:
                raise Answered(answer.status, _words(answer.read()))
            while line := answer.readline():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise Answered(int(event["object"].get("code", GONE)), event["object"].get("message", ""))
                yield event
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            # A watch may end at any time, and is begun again.
            return
        finally:
            connection.close()

    def _once(self, method: str, path: str, body: Document | None, query: Mapping[str, str]) -> Document:
        connection = self._connect(self._timeout_s)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, self._path(path, query), content, self._headers())
            answer = connection.getresponse()
            read = answer.read()
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise Answered(answer.status, _words(read))
        return json.loads(read) if read else {}

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        if not self._secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)
        if self._access is not None:
            trusted = self._access.trusted()
        else:
            trusted = ssl.create_default_context(cafile=self._authority or None)
        return http.client.HTTPSConnection(self._host, self._port, timeout=timeout_s, context=trusted)

    def _path(self, path: str, query: Mapping[str, str]) -> str:
        return f"{self._prefix}{path}" + (f"?{urlencode(query)}" if query else "")

    def _headers(self) -> dict[str, str]:
        told = {"Accept": "application/json", "Content-Type": "application/json"}
        said = Path(self._token).read_text(encoding="ascii").strip() if self._token else ""
        if self._access is not None:
            said = self._access.token()
        return {**told, "Authorization": f"Bearer {said}"} if said else told


def _words(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace")[:300]
