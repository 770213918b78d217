"""Releasing what was trained on a table: the rows frozen, each model packed, proven, and published with its lineage."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from pressroom.catalog import Catalog, Entry, Reference
from pressroom.features import contents_of
from pressroom.models import (
    DATA_ONLY,
    Origin,
    Packed,
    Permits,
    Published,
    Publisher,
    Signature,
    TableModel,
    Words,
    pack,
    publish,
)
from pressroom.ports import Blobs, Clock
from pressroom.training.rows import LABEL, SPLIT
from pressroom.training.tables.candidates import Candidate
from pressroom.training.tables.prepare import Prepared
from pressroom.training.tables.task import Task
from pressroom.values import FieldSchema, digest_document, digest_parts, snake_case

MOST_PICKED = 10
"""Of so many classes each gets a model of its own that an endpoint can answer with: its chance alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What releasing works on."""

    catalog: Catalog
    blobs: Blobs
    clock: Clock
    permits: Permits = DATA_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What came along with the rows: what they were made from, policy's labels and purposes, and whose they are."""

    parents: tuple[Reference, ...] = ()
    labels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    owner: str = ""


def freeze_table(name: str, prepared: Prepared, lineage: Lineage, desk: Desk) -> Reference:
    """Keep the rows as they were learnt from (inputs, entity, label, split) under their digest, in the catalog."""
    table, roles, task = prepared.table, prepared.roles, prepared.task
    columns = {one.name: one.values for one in prepared.columns}
    keys = ""
    if roles.entity:
        entity = table.named(roles.entity)
        columns = {entity.name: entity.values, **columns}
        keys = f"{entity.name}={entity.name}"
    rows = pa.table(
        {**columns, LABEL: pa.array(prepared.y), SPLIT: pa.array(prepared.parts.names().tolist(), pa.string())}
    ).combine_chunks()
    parts: list[bytes | str] = [digest_document((task, roles.time, roles.entity))]
    for column in rows.column_names:
        parts += [column, str(rows.schema.field(column).type), *contents_of(rows.column(column))]
    sink = io.BytesIO()
    pq.write_table(rows, sink, compression="zstd")
    digest = digest_parts(parts)
    entry = Entry(
        kind="training_set",
        name=name,
        digest=digest,
        version=digest[:12],
        created=desk.clock.now(),
        owner=lineage.owner,
        doc=f"{rows.num_rows:,} rows of {table.source}; label: {task.words()}",
        document=desk.blobs.put(sink.getvalue()),
        labels=lineage.labels,
        purposes=lineage.purposes,
        parents=lineage.parents,
        summary=(("rows", str(rows.num_rows)), ("inputs", str(len(prepared.columns))), ("keys", keys)),
    )
    return desk.catalog.publish(entry)


def pack_candidate(candidate: Candidate, name: str, prepared: Prepared, lineage: Lineage, desk: Desk) -> Packed:
    """Pack a candidate, compared with itself on rows of the validation part. Raises UnsupportedModel, ParityBroken."""
    return _pack(candidate.model, name, candidate.signature, candidate.tolerance, prepared, lineage, desk)


def publish_candidate(
    packed: Packed, frozen: Reference, lineage: Lineage, desk: Desk, *, summary: Sequence[tuple[str, str]]
) -> Published:
    """Work out its version, and put it in use under its name."""
    words = Words(
        owner=lineage.owner,
        parents=(frozen,),
        purposes=lineage.purposes,
        summary=tuple(summary),
        meanings={"the label": packed.package.signature.output.doc},
    )
    on = Publisher(catalog=desk.catalog, blobs=desk.blobs, clock=desk.clock, permits=desk.permits)
    return publish(packed, words, on)


def publish_classes(
    candidate: Candidate, frozen: Reference, prepared: Prepared, lineage: Lineage, desk: Desk
) -> dict[str, str]:
    """For each class a model that answers its chance alone, as endpoints do: by class, the model's name. None of more
    than ten classes.
    """
    classes = prepared.task.classes
    if len(classes) > MOST_PICKED or not isinstance(candidate.model, TableModel):
        return {}
    found: dict[str, str] = {}
    for place, (text, short) in enumerate(zip(classes, class_names(prepared.task), strict=True)):
        output = FieldSchema(
            name=LABEL, type="float", unit="probability", doc=f"chance that {prepared.task.target} is {text}"
        )
        signature = Signature(inputs=candidate.signature.inputs, output=output)
        name = f"{frozen.name}.is_{short}"
        model = candidate.model.of_class(place)
        packed = _pack(model, name, signature, candidate.tolerance, prepared, lineage, desk)
        publish_candidate(packed, frozen, lineage, desk, summary=())
        found[text] = name
    return found


def class_names(task: Task) -> list[str]:
    """Classes as parts of names, each another one."""
    from_texts = [_plain(text) for text in task.classes]
    return [
        short if from_texts.count(short) == 1 else f"{short}_{place}" for place, short in enumerate(from_texts, start=1)
    ]


def _plain(text: str) -> str:
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in snake_case(text))
    return kept.strip("_")[:40] or "other"


def _pack(  # noqa: PLR0913  (a package is what is said here)
    model: object,
    name: str,
    signature: Signature,
    tolerance: float,
    prepared: Prepared,
    lineage: Lineage,
    desk: Desk,
) -> Packed:
    golden = prepared.arrow(prepared.parts.calibrate)
    origin = Origin(
        parents=tuple(parent.digest for parent in lineage.parents), labels=lineage.labels, purposes=lineage.purposes
    )
    return pack(
        model, name=name, signature=signature, golden=golden, origin=origin, blobs=desk.blobs, tolerance=tolerance,
        limits=desk.permits.limits,
    )  # fmt: skip
