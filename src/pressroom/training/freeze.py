"""Freezing: the answer to a training set's question, kept for good under its digest."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pressroom.facts import INSTANT, Facts, FactVersion, believed_at
from pressroom.features import Features
from pressroom.ports import Blobs
from pressroom.training.errors import NoRows
from pressroom.training.training_set import TrainingSetDefinition
from pressroom.values import Digest, FieldSchema, Instant, digest_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """A frozen training set: its rows (`as_of`, keys, inputs, `label`, `split`) and what they were made from.

    `digest` is that of the definition and of every value in every row; storage formats and the moment of building are
    not in it. `blob` is where the rows are kept, as Parquet.
    """

    name: str
    digest: Digest
    blob: Digest
    table: pa.Table
    inputs: tuple[FieldSchema, ...]
    label: FieldSchema
    seen: tuple[FactVersion, ...]


def freeze(
    definition: TrainingSetDefinition, *, facts: Facts, features: Features, blobs: Blobs, known_at: Instant
) -> TrainingSet:
    """Build, digest and keep a training set from what was known at `known_at`. Raises NoRows, NoSpace."""
    spine, spine_seen = _spine(definition, facts, known_at)
    answers, features_seen = features.offline(definition.question, spine)
    label, label_seen = features.label(definition.label, definition.spine.fact, spine, known_at=known_at)
    as_of = spine.column("as_of").cast(pa.int64()).to_numpy()
    part = np.where(as_of < definition.split.train_until, "train", "validate")
    keys = [field.name for field in definition.question.keys]
    columns = {name: spine.column(name) for name in ("as_of", *keys)}
    columns.update({name: answers.column(name) for name in answers.column_names})
    table = pa.table({**columns, "label": label, "split": pa.array(part, pa.string())}).combine_chunks()
    table = table.filter(pc.is_valid(table.column("label")))
    if not table.num_rows:
        raise NoRows(
            f"{definition.name} has no row with a label.",
            next_step="Append facts first, and look at the split and at the label's `within`.",
        )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return TrainingSet(
        name=definition.name,
        digest=digest_parts([definition.digest(), *_contents(table)]),
        blob=blobs.put(sink.getvalue().to_pybytes()),
        table=table,
        inputs=definition.question.inputs(),
        label=definition.label.result(),
        seen=tuple({seen.fact: seen for seen in (*spine_seen, *features_seen, *label_seen)}.values()),
    )


def _spine(
    definition: TrainingSetDefinition, facts: Facts, known_at: Instant
) -> tuple[pa.Table, tuple[FactVersion, ...]]:
    """The asking rows that the split names: each was known by the instant at which it asks, and by `known_at`."""
    spine, question = definition.spine, definition.question
    names = dict.fromkeys([*(field.name for field in (*question.keys, *question.request)), spine.instant])
    table, seen = facts.history(spine.fact, ["event", "known", *names])
    table = believed_at(table, pa.scalar(known_at, INSTANT))
    as_of = table.column(spine.instant).cast(pa.int64())
    as_of = pc.subtract(as_of, spine.before_us)
    known = table.column("known").cast(pa.int64())
    wanted = pc.and_kleene(pc.less_equal(known, as_of), pc.less(as_of, min(definition.split.validate_until, known_at)))
    table = table.append_column("as_of", as_of.cast(INSTANT)).filter(wanted)
    return table.sort_by([("as_of", "ascending"), ("seq", "ascending")]), (seen,)


def _contents(table: pa.Table) -> list[bytes | str]:
    """Every value of every column in one fixed form: name, type, which are null, and the values."""
    parts: list[bytes | str] = []
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        parts += [name, str(column.type), np.packbits(pc.is_null(column).to_numpy(zero_copy_only=False)).tobytes()]
        if pa.types.is_list(column.type):
            lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
            parts += [np.ascontiguousarray(lengths, dtype=np.int64).tobytes(), *_contents(_flat(column))]
            continue
        if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
            encoded = column.dictionary_encode()
            parts += ["\n".join(map(repr, encoded.dictionary.to_pylist()))]
            column = encoded.indices
        elif pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
        elif pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        parts.append(np.ascontiguousarray(column.fill_null(0).to_numpy(zero_copy_only=False)).tobytes())
    return parts


def _flat(lists: pa.Array) -> pa.Table:
    """The values of all lists, one after the other."""
    return pa.table({"values": lists.flatten()})
