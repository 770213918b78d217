"""What goes over the wire: requests and answers as JSON, and errors that name the field and the expectation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pressroom.features import BadRequest
from pressroom.ports import BackendError
from pressroom.serving import Endpoint, Prediction
from pressroom.values import Conflict, InvalidInput, NotFound, PressroomError, parse_instant

_encoder = msgspec.json.Encoder()
_FIRST, _END = parse_instant("0001-01-01T00:00Z"), parse_instant("9999-12-31T00:00Z")


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request: rows of key and request fields; `as_of` (ISO 8601 with a zone) only where replay is on."""

    rows: Any = None
    as_of: Any = None


_decoder = msgspec.json.Decoder(Asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A status, a JSON body, and headers besides the content type."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class MalformedBody(InvalidInput):
    """The body is not what a request looks like."""


def read_asked(body: bytes) -> Asked:
    """Read a body. Raises MalformedBody, saying where it stops being a request."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody(
            f"The body is no request: {error}.", next_step='Send {"rows": [{"field": value, ...}]} as JSON.'
        ) from error


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


def answer(endpoint: Endpoint, predictions: Sequence[Prediction]) -> Response:
    """The answer to a request."""
    rows = [
        {
            "prediction_id": given.prediction_id,
            "prediction": given.prediction,
            "model": given.route.model,
            "version": given.route.version,
            "digest": given.route.digest,
            "variant": given.route.variant or None,
            "ages_s": given.answered.ages_s,
        }
        for given in predictions
    ]
    return document({"endpoint": endpoint.name, "endpoint_version": endpoint.version, "predictions": rows})


def description(endpoint: Endpoint) -> Response:
    """What an endpoint asks and who answers, for people and for clients."""
    fields = {field.name: field for field in (*endpoint.question.keys, *endpoint.question.brought())}
    return document(
        {
            "endpoint": endpoint.name,
            "endpoint_version": endpoint.version,
            "row": [
                {"name": f.name, "type": f.type, "unit": f.unit, "optional": f.optional, "doc": f.doc}
                for f in fields.values()
            ],
            "features": [field.name for field in endpoint.question.inputs() if field.name not in fields],
            "answers": {"name": endpoint.output.name, "unit": endpoint.output.unit, "doc": endpoint.label.words()},
            "routes": [{"variant": r.variant, "model": r.model, "version": r.version} for r in endpoint.routes],
        }
    )


def document(value: object, *, status: int = 200) -> Response:
    """Any value as a JSON response."""
    return Response(status=status, body=_encoder.encode(value))


def failure(error: PressroomError) -> Response:
    """An error as a response: 400 wrong input, 404 unknown name, 409 conflict, 422 refused, 503 the outside is down."""
    said: dict[str, object] = {"message": error.message, "next_step": error.next_step}
    if isinstance(error, BadRequest):
        said |= {"field": f"rows[{error.row}].{error.field}".rstrip("."), "expected": error.expected}
        said |= {"found": error.found}
    if isinstance(error, BackendError):
        return Response(status=503, body=_encoder.encode({"error": said}), headers=(("retry-after", "1"),))
    kinds = ((InvalidInput, 400), (NotFound, 404), (Conflict, 409))
    status = next((status for kind, status in kinds if isinstance(error, kind)), 422)
    return document({"error": said}, status=status)


def problem(status: int, message: str, next_step: str) -> Response:
    """An error of the protocol itself."""
    return document({"error": {"message": message, "next_step": next_step}}, status=status)
