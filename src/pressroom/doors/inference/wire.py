"""What goes over the wire: responses, and errors that name the field and the expectation."""

from typing import Protocol

import msgspec
from msgspec.structs import replace

from pressroom.doors.response import Response, document, problem
from pressroom.features import BadRequest
from pressroom.ports import BackendError
from pressroom.serving import DeadlinePassed, Overloaded, Unanswered
from pressroom.values import Conflict, InvalidInput, NotFound, PressroomError, parse_instant

_MOST_DIGITS = 12
_HEX, _TRACE_DIGITS, _PARENT_PARTS = frozenset("0123456789abcdef"), 32, 4
_FIRST, _END = parse_instant("0001-01-01T00:00Z"), parse_instant("9999-12-31T00:00Z")


class Headers(Protocol):
    """A request's headers, by their names in small letters."""

    def get(self, key: str, default: str | None = None, /) -> str | None:
        """The value of one."""
        ...


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came: what a door has to know of HTTP.

    `broken` stands against reading it: it is told once it is known that the asker may ask. `rpc` is the method where
    it came over gRPC. `trace` is the trace that was begun for it here, where the asker's own is not gone on with.
    `alone` says that no other request is on its way in this worker.
    """

    method: str
    path: str
    headers: Headers
    body: bytes = b""
    broken: PressroomError | None = None
    rpc: str = ""
    trace: str = ""
    alone: bool = False


class Responds(Protocol):
    """Whoever answers requests."""

    async def respond(self, incoming: Incoming) -> Response:
        """Answer one. Every input has an answer."""
        ...


class MalformedBody(InvalidInput):
    """The body is not what a request looks like."""


def read_instant(as_of: object, *, now: int, replay: bool) -> int:
    """As of when a request asks: now, unless replay is on and it says otherwise."""
    if as_of is None:
        return now
    if not replay:
        raise MalformedBody("`as_of` is not taken here.", next_step="Leave it out, or set [server] replay = true.")
    if not isinstance(as_of, str):
        raise MalformedBody("`as_of` is no text.", next_step='Write an instant as text: "2013-10-01T05:00Z".')
    instant = parse_instant(as_of)
    if not _FIRST <= instant < _END:
        raise MalformedBody("`as_of` is beyond the calendar.", next_step="Give an instant from year 1 to 9999 in UTC.")
    return instant


def trace_of(incoming: Incoming) -> str:
    """The trace that a request belongs to, 32 hexadecimal digits (W3C Trace Context); empty where it has none."""
    if incoming.trace:
        return incoming.trace
    told = incoming.headers.get("traceparent")
    if told is None:
        return ""
    parts = told.split("-", 3)
    found = parts[1] if len(parts) == _PARENT_PARTS else ""
    is_trace = len(found) == _TRACE_DIGITS and _HEX.issuperset(found) and found.strip("0")
    return found if is_trace else ""


def status_of(error: PressroomError) -> int:
    """400 wrong input, 404 unknown name, 409 conflict, 422 refused, 503 the outside is down, 504 too late."""
    if isinstance(error, DeadlinePassed):
        return 504
    if isinstance(error, BackendError | Unanswered):
        return 503
    kinds = ((InvalidInput, 400), (NotFound, 404), (Conflict, 409))
    return next((status for kind, status in kinds if isinstance(error, kind)), 422)


def said_of(error: PressroomError) -> dict[str, object]:
    """What is wrong, and what to do about it."""
    said: dict[str, object] = {"message": error.message, "next_step": error.next_step}
    if isinstance(error, BadRequest):
        said |= {"field": f"rows[{error.row}].{error.field}".rstrip("."), "expected": error.expected}
        said |= {"found": error.found}
    return said


def failure(error: PressroomError) -> Response:
    """An error as a response, in our own protocol."""
    return _with_retry(error, document({"error": said_of(error)}, status=status_of(error)))


def oip_failure(error: PressroomError) -> Response:
    """An error as a response of the Open Inference Protocol: `error` is a sentence; what we know more stands beside."""
    said = said_of(error)
    return _with_retry(error, document({**said, "error": str(error)}, status=status_of(error)))


def refusal(status: int, message: str, next_step: str, *, is_oip: bool = False) -> Response:
    """An error of the protocol itself."""
    return (
        document({"error": f"{message} {next_step}"}, status=status) if is_oip else problem(status, message, next_step)
    )


def wrong_method(incoming: Incoming, allowed: str, *, is_oip: bool) -> Response:
    """Another method is meant: `allowed` lists them."""
    said = refusal(405, f"{incoming.method} means nothing here.", f"It takes {allowed}.", is_oip=is_oip)
    return replace(said, headers=(("allow", allowed),))


def _with_retry(error: PressroomError, response: Response) -> Response:
    if response.status != 503:
        return response
    seconds = error.retry_after_s if isinstance(error, Overloaded) else 1.0
    return replace(response, headers=(("retry-after", f"{seconds:.0f}"),))


def header_number(headers: Headers, name: str, *, most: int) -> int | None:
    """A header that is a whole number from 1 on. Raises MalformedBody."""
    text = headers.get(name)
    if text is None:
        return None
    found = whole_number(text)
    if found is None or not 1 <= found <= most:
        raise MalformedBody(f"The header {name} is {text[:40]!r}.", next_step=f"Give a whole number from 1 to {most}.")
    return found


def whole_number(text: str) -> int | None:
    """A text of at most 12 digits as a number; None for any other."""
    return int(text) if len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit() else None
