"""Notices to a web hook: one POST each."""

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import msgspec

from pressroom.ports import BackendError, Notice
from pressroom.values import InvalidInput

_PATIENCE_S = 10.0


class WebhookNotices:
    """Posts `{"id", "at", "owner", "subject", "text"}`; `text` is the field that chat hooks show.

    The header Idempotency-Key is the notice's id, for takers who want each once. Only an answer of 2xx counts as taken;
    redirections are not followed. Addresses may hold a secret, so no error repeats more of one than its host.
    """

    def __init__(self, address: str) -> None:
        """Post to an http or https address. Raises InvalidInput."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput("The address of a web hook is no http or https address.", next_step="Write it in full.")
        self._address = address
        self._host = parts.hostname
        self._opener = urllib.request.build_opener(_NoRedirection)

    def send(self, notice: Notice) -> None:
        """Post it. Raises BackendError."""
        request = urllib.request.Request(
            self._address,
            data=msgspec.json.encode(notice),
            headers={"Content-Type": "application/json", "Idempotency-Key": notice.id},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=_PATIENCE_S) as answer:
                answer.read(1024)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(f"it answered {error.code}") from None
        except (OSError, http.client.HTTPException) as error:
            raise self._refused(f"{type(error).__name__}") from None

    def _refused(self, why: str) -> BackendError:
        return BackendError(
            f"The web hook at {self._host} did not take a notice: {why}.", next_step="Look at its address and rights."
        )


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: object, code: int, msg: str, headers: object, newurl: str
    ) -> None:
        return None
