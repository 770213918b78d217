"""What goes over the wire: receipts, schemas and refusals as JSON, and bodies out of their encoding."""

import shlex
import zlib
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from pressroom.doors.control.errors import MalformedRequest, UnknownForm
from pressroom.doors.response import Response, document, problem
from pressroom.facts import Appended, BadRows, Receipt, SetAside, SetAsideBatch
from pressroom.ports import BackendError
from pressroom.values import Conflict, FactSchema, InvalidInput, NotFound, PressroomError

SHOWN = 100
"""Rows that an answer names; of more it says how many there are."""


def receipt_document(receipt: Receipt, first: Appended | None, aside: SetAsideBatch | None) -> Response:
    """What became of a batch: 201 when it went in now, 200 when it is in already, with what became of it then."""
    appended: int | None = receipt.appended
    set_aside = receipt.set_aside
    if receipt.repeated:
        appended, set_aside = (
            (None, 0 if aside is None else aside.rows) if first is None else (first.rows, first.set_aside)
        )
    said: dict[str, object] = {
        "fact": receipt.fact,
        "source": receipt.source,
        "batch": receipt.batch,
        "appended": appended,
        "set_aside": set_aside,
        "repeated": receipt.repeated,
    }
    if aside is not None and aside.rows:
        command = f"pressroom set-aside {receipt.fact} --batch {shlex.quote(aside.batch)}"
        command += f" --source {shlex.quote(aside.source)} --to mend.csv"
        said |= {"rows": [row_document(row) for row in aside.examples[:SHOWN]], "mend": command}
    return document(said, status=200 if receipt.repeated else 201)


def row_document(row: SetAside) -> dict[str, object]:
    """A row that is wrong: which, where, what was found, what was expected."""
    return {"row": row.row, "field": row.field, "value": row.value, "reason": row.reason}


def aside_document(batches: Sequence[SetAsideBatch]) -> Response:
    """What is set aside of a fact."""
    return document(
        {
            "batches": [
                {
                    "fact": batch.fact,
                    "source": batch.source,
                    "batch": batch.batch,
                    "rows": batch.rows,
                    "reasons": batch.reasons,
                    "examples": [row_document(row) for row in batch.examples[:SHOWN]],
                    "mended": sorted(batch.mended()),
                }
                for batch in batches
                if batch.rows or batch.mends
            ]
        }
    )


def schema_document(fact: FactSchema) -> dict[str, object]:
    """A fact type, for people and for clients."""
    fields = [
        {
            "name": field.name,
            "type": field.type,
            "unit": field.unit,
            "optional": field.optional,
            "entity": field.entity,
            "doc": field.doc,
            "values": field.values,
            "length": field.length,
        }
        for field in fact.fields
    ]
    known = [{name: value for name, value in field.items() if value is not msgspec.UNSET} for field in fields]
    return {"fact": fact.name, "doc": fact.doc, "purposes": fact.purposes, "fields": known}


def failure(error: PressroomError) -> Response:
    """An error as a response: 400 wrong input, 404 unknown name, 409 conflict, 415 unknown form, 422 wrong rows or
    refused, 503 the outside is down.
    """
    said: dict[str, object] = {}
    if isinstance(error, MalformedRequest):
        said["field"] = error.field
    if isinstance(error, BadRows):
        said |= {"wrong": len(error.rows), "rows": [row_document(row) for row in error.rows[:SHOWN]]}
    kinds: tuple[tuple[type[PressroomError], int], ...] = (
        (UnknownForm, 415), (BadRows, 422), (InvalidInput, 400), (NotFound, 404), (Conflict, 409), (BackendError, 503),
    )  # fmt: skip
    status = next((status for kind, status in kinds if isinstance(error, kind)), 422)
    response = problem(status, error.message, error.next_step, **said)
    return comes_again(response) if status == 503 else response


def comes_again(response: Response) -> Response:
    """The same, asking to come again in a second."""
    return replace(response, headers=(*response.headers, ("retry-after", "1")))


def decoded(body: bytes, encoding: str, *, most_bytes: int) -> bytes:
    """A body out of its content encoding. Raises UnknownForm, MalformedRequest."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise UnknownForm(
            f"The content encoding is {encoding!r}.", field="content-encoding", next_step="Send it plain, or as gzip."
        )
    unpacking = zlib.decompressobj(wbits=31)
    try:
        plain = unpacking.decompress(body, most_bytes)
    except zlib.error as error:
        raise MalformedRequest(
            "The body is no gzip.", field="content-encoding", next_step="Send what the header says."
        ) from error
    if unpacking.unconsumed_tail:
        raise MalformedRequest(
            f"The body unpacks to more than {most_bytes:,} bytes.", field="body", next_step="Send it in several parts."
        )
    if not unpacking.eof or unpacking.unused_data:
        raise MalformedRequest("The gzip is cut off, or more than one.", field="body", next_step="Send one, whole.")
    return plain
