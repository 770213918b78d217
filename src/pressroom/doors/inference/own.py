"""Our own protocol: rows of request fields in, predictions with ids, versions and ages out; JSON or Arrow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pressroom.doors.inference.arrow_body import STREAM, read_stream, write_stream
from pressroom.doors.inference.wire import Incoming, MalformedBody
from pressroom.doors.response import Response, document
from pressroom.models import PartialPlan
from pressroom.serving import (
    Columns,
    Explained,
    Given,
    Piece,
    Predictor,
    Route,
    Rows,
    check_columns,
    check_rows,
    columns_of_rows,
)

MOST_MS = 3_600_000
_STRANGE_COLUMNS = 16
"""Columns beyond the fields of a row that are read so that one of them can be named."""


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request: rows of key and request fields. `as_of` (ISO 8601 with a zone) only where replay is on;
    `deadline_ms` is how long the asker waits; `explain` asks what each input did to each answer.
    """

    rows: Any = None
    as_of: Any = None
    deadline_ms: Any = None
    explain: Any = False


_decoder = msgspec.json.Decoder(Asked)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request, read: what it gives, and how it wants its answer."""

    given: Given
    as_of: object = None
    deadline_ms: int | None = None
    explain: bool = False
    as_arrow: bool = False


def read_asked(body: bytes) -> Asked:
    """Read a JSON body. Raises MalformedBody, saying where it stops being a request."""
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody(
            f"The body is no request: {error}.", next_step='Send {"rows": [{"field": value, ...}]} as JSON.'
        ) from error


def read_request(predictor: Predictor, incoming: Incoming, *, most_rows: int) -> Wanted:
    """A request for predictions, checked field by field. Raises MalformedBody, BadRequest."""
    kind = incoming.headers.get("content-type") or ""
    if kind.startswith("application/vnd.apache.arrow"):
        columns, count = read_stream(
            incoming.body, most_rows=most_rows, most_columns=len(predictor.fields) + _STRANGE_COLUMNS
        )
        return Wanted(Columns(check_columns(predictor.fields, columns, count), count), as_arrow=True)
    asked = read_asked(incoming.body)
    if asked.explain is not False and asked.explain is not True:
        raise MalformedBody("`explain` is neither true nor false.", next_step="Leave it out, or say true.")
    given = _given(predictor, asked.rows, most_rows)
    return Wanted(given, asked.as_of, _deadline(asked.deadline_ms), asked.explain)


def _given(predictor: Predictor, rows: object, most_rows: int) -> Given:
    if isinstance(rows, list):
        columns = columns_of_rows(predictor.fields, rows, most=most_rows)
        if columns is not None:
            return Columns(columns, len(rows))
    return Rows(check_rows(predictor.fields, rows, most=most_rows))


def _deadline(told: object) -> int | None:
    if told is None:
        return None
    if isinstance(told, float) and told.is_integer():
        told = int(told)
    if isinstance(told, bool) or not isinstance(told, int) or not 1 <= told <= MOST_MS:
        raise MalformedBody(
            "`deadline_ms` is no time that can be waited.", next_step=f"Give whole milliseconds from 1 to {MOST_MS}."
        )
    return told


def answer(piece: Piece, wanted: Wanted, explained: Sequence[Explained | None], once: Sequence[str] = ()) -> Response:
    """The answer to a request; `once` says what was worked out for entities and not for rows."""
    if wanted.as_arrow:
        return Response(status=200, body=write_stream(piece), content_type=STREAM)
    endpoint = piece.answers.endpoint
    head: dict[str, object] = {"endpoint": endpoint.name, "endpoint_version": endpoint.version}
    if not wanted.explain:
        return Response(status=200, body=_joined(head, _encoded_rows(piece)))
    rows = [_row(piece, place) for place in range(piece.start, piece.stop)]
    for row, parts in zip(rows, explained, strict=True):
        row["explanation"] = parts
    return document({**head, "predictions": rows, "once": once})


def _joined(head: dict[str, object], rows: Iterable[bytes]) -> bytes:
    return b"".join((_encode(head)[:-1], b',"predictions":[', b",".join(rows), b"]}"))


def _encoded_rows(piece: Piece) -> list[bytes]:
    """The rows of an answer as JSON: what they have in common is encoded once, their numbers all at once."""
    answers, start, stop = piece.answers, piece.start, piece.stop
    routes = answers.routes[start:stop]
    if answers.fallbacks or routes.count(routes[0]) != len(routes):
        return [_encode(_row(piece, place)) for place in range(start, stop)]
    numbers = _encode(answers.predictions[start:stop])[1:-1].split(b",")
    ids = " ".join(answers.ids[start:stop]).encode("ascii").split(b" ")
    common = b"," + _encode(_who(routes[0], None))[1:-1] + b',"ages_s":'
    ages = answers.asked.encoded_ages(range(start, stop), _encode)
    row = b'{"prediction_id":"%b","prediction":%b%b%b}'
    return [row % (name, number, common, age) for name, number, age in zip(ids, numbers, ages, strict=True)]


def _row(piece: Piece, place: int) -> dict[str, object]:
    answers = piece.answers
    return {
        "prediction_id": answers.ids[place],
        "prediction": answers.predictions[place],
        **_who(answers.routes[place], answers.fallbacks.get(place)),
        "ages_s": answers.asked.ages_s(place),
    }


def _who(route: Route, fallback: str | None) -> dict[str, object]:
    return {
        "model": route.model,
        "version": route.version,
        "digest": route.digest,
        "variant": route.variant or None,
        "fallback": fallback,
    }


def once_document(plan: PartialPlan) -> dict[str, object]:
    """What of a model's work is done once for an entity."""
    return {"way": plan.way, "because": plan.reason, "blocks": {block.block: block.once for block in plan.blocks}}


def description(predictor: Predictor) -> Response:
    """What an endpoint asks and who answers, for people and for clients."""
    endpoint, plans = predictor.endpoint, predictor.plans()
    fields = endpoint.row_fields()
    names = {field.name for field in fields}
    return document(
        {
            "endpoint": endpoint.name,
            "endpoint_version": endpoint.version,
            "row": [
                {"name": f.name, "type": f.type, "unit": f.unit, "optional": f.optional, "doc": f.doc} for f in fields
            ],
            "features": [field.name for field in endpoint.question.inputs() if field.name not in names],
            "answers": {"name": endpoint.output.name, "unit": endpoint.output.unit, "doc": endpoint.label.words()},
            "routes": [{"variant": r.variant, "model": r.model, "version": r.version} for r in endpoint.routes],
            "once": {r.model: once_document(plans[r.digest]) for r in endpoint.routes if r.digest in plans},
            "promise": {
                "deadline_ms": endpoint.promise.deadline_ms,
                "tier": endpoint.promise.tier,
                "stale_after_s": endpoint.promise.stale_after_s,
                "fallbacks": [f.model or f.kind for f in endpoint.promise.fallbacks],
            },
        }
    )
