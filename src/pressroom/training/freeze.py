"""Freezing: the answer to a training set's question, kept for good under its digest."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pressroom.facts import FactVersion
from pressroom.features import Asking, Block, Features, GivenRows, LabelAsked, Progress, contents_of
from pressroom.ports import Blobs
from pressroom.training.errors import NoRows
from pressroom.training.given_label import GivenLabel
from pressroom.training.rows import LABEL, SPLIT
from pressroom.training.split import Part
from pressroom.training.training_set import TrainingSetDefinition
from pressroom.values import Digest, FieldSchema, Instant, digest_parts

Told = Callable[[Progress], None]


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """A frozen training set: its rows (`as_of`, keys, other columns of given rows, inputs, `label`, `split`) and what
    they were made from.

    `digest` is that of the definition and of every value in every row; storage formats and the moment of building are
    not in it. `blob` is where the `rows` rows are kept, as Parquet. They are read when they are asked for: `table` is
    all of them, `read` those columns and that part which are needed, so that only these have to fit in memory.
    """

    name: str
    digest: Digest
    blob: Digest
    rows: int
    inputs: tuple[FieldSchema, ...]
    label: FieldSchema
    seen: tuple[FactVersion, ...]
    keys: tuple[FieldSchema, ...] = ()
    blobs: Blobs = field(repr=False, compare=False)
    _held: pa.Table | None = field(default=None, repr=False, compare=False)

    @property
    def table(self) -> pa.Table:
        """All rows and columns."""
        return self.read()

    def read(self, columns: Sequence[str] | None = None, *, part: Part | None = None) -> pa.Table:
        """Some columns (all: None) of the rows of one part (all: None), in their order. Raises NotFound, Damaged."""
        if self._held is not None:
            found = self._held.select(self._held.column_names if columns is None else list(columns))
            return found if part is None else found.filter(pc.equal(self._held.column(SPLIT), part))
        with self.blobs.open(self.blob) as file:
            if part is None:
                return pq.read_table(file, columns=None if columns is None else list(columns))
            wanted = None if columns is None else list(dict.fromkeys([*columns, SPLIT]))
            pieces = pq.ParquetFile(file).iter_batches(columns=wanted)
            rows = [piece.filter(pc.equal(piece.column(SPLIT), part)) for piece in pieces]
            found = pa.Table.from_batches(rows).combine_chunks() if rows else self.read(columns).slice(0, 0)
            return found if columns is None else found.select(list(columns))


def asking_of(definition: TrainingSetDefinition, *, known_at: Instant) -> Asking:
    """What a training set asks of its spine, as known at an instant."""
    label = definition.label
    looked_up = None
    if not isinstance(label, GivenLabel):
        looked_up = LabelAsked(label=label, key=definition.label_key(), known_at=known_at)
    return Asking(
        name=definition.name,
        spine=definition.spine,
        question=definition.question,
        known_at=known_at,
        end=definition.split.end(),
        label=looked_up,
    )


def freeze(
    definition: TrainingSetDefinition,
    *,
    features: Features,
    blobs: Blobs,
    known_at: Instant,
    told: Told = lambda progress: None,
) -> TrainingSet:
    """Build, digest and keep a training set from what was known at `known_at`. Raises NoRows, NoSpace, Held.

    Answers come and rows are kept a block at a time. What is larger than memory never has to fit.
    """
    label = definition.label
    asking = asking_of(definition, known_at=known_at)
    with features.answers(asking, told=told) as answers:
        keys = [key.name for key in definition.question.keys]
        tables = (_table(block, definition, keys) for block in answers.blocks)
        blob, rows, held = _keep(definition.name, tables, blobs, in_memory=answers.in_memory)
        return TrainingSet(
            name=definition.name,
            digest=digest_parts(chain([definition.digest()], _values(blob, held, blobs))),
            blob=blob,
            rows=rows,
            inputs=definition.question.inputs(),
            label=label.result(),
            seen=answers.seen,
            keys=definition.spine.fact.key_fields(),
            blobs=blobs,
            _held=held,
        )


def _table(block: Block, definition: TrainingSetDefinition, keys: Sequence[str]) -> pa.Table:
    """A block's rows that have a label, as they are kept."""
    label = definition.label
    learnt = block.label
    if isinstance(label, GivenLabel):
        learnt = block.rows.column(label.field).cast(pa.float64())
    front = ["as_of", *keys]
    inputs = set(block.inputs.column_names)
    given = block.rows.column_names if isinstance(definition.spine, GivenRows) else []
    front += [name for name in given if name not in inputs and name not in (*front, LABEL)]
    columns = {name: block.rows.column(name) for name in front}
    columns.update({name: block.inputs.column(name) for name in block.inputs.column_names})
    table = pa.table({**columns, LABEL: learnt, SPLIT: definition.split.parts(block.rows)})
    return table.filter(pc.is_valid(table.column(LABEL))).combine_chunks()


def _keep(
    name: str, blocks: Iterator[pa.Table], blobs: Blobs, *, in_memory: bool
) -> tuple[Digest, int, pa.Table | None]:
    """Write a blob; how many rows are in it, and the rows themselves where they are in memory anyway."""
    rows, held = 0, []
    first = next(blocks)
    with blobs.draft() as draft:
        with pq.ParquetWriter(pa.PythonFile(draft, "w"), first.schema, compression="zstd") as writer:
            for block in chain([first], blocks):
                if block.num_rows:
                    writer.write_table(block)
                    rows += block.num_rows
                    held += [block] if in_memory else []
        if not rows:
            # Raised here, so that nothing is kept.
            raise NoRows(
                f"{name} has no row with a label.",
                next_step="Append facts first, and look at the split and at the label's `within`.",
            )
    return draft.digest, rows, pa.concat_tables(held).combine_chunks() if held else None


def _values(blob: Digest, held: pa.Table | None, blobs: Blobs) -> Iterator[bytes | str]:
    """Every value of every column; of rows that are not held, a column is in memory at a time."""
    with ExitStack() as stack:
        file = None if held is not None else stack.enter_context(blobs.open(blob))
        for name in held.column_names if held is not None else pq.read_schema(file).names:
            table = pq.read_table(file, columns=[name]) if held is None else held
            yield from _contents(name, table.column(name))


def _contents(name: str, column: pa.ChunkedArray) -> Iterator[bytes | str]:
    """Every value of a column in one fixed form: name, type, which are null, and the values."""
    if isinstance(column.type, pa.DictionaryType):
        column = column.cast(column.type.value_type)
    # Parquet gives the values of lists a name of its own.
    column = column.cast(_of_items(column.type)).combine_chunks()
    yield name
    yield str(column.type)
    yield np.packbits(pc.is_null(column).to_numpy(zero_copy_only=False)).tobytes()
    if pa.types.is_list(column.type):
        lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
        yield np.ascontiguousarray(lengths, dtype=np.int64).tobytes()
        yield from _contents("values", pa.chunked_array([column.flatten()]))
        return
    if pa.types.is_string(column.type) or pa.types.is_binary(column.type):
        encoded = column.dictionary_encode()
        yield "\n".join(map(repr, encoded.dictionary.to_pylist()))
        column = encoded.indices
    elif pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    elif not pa.types.is_integer(column.type) and not pa.types.is_floating(column.type):
        yield from contents_of(pa.chunked_array([column]))
        return
    yield np.ascontiguousarray(column.fill_null(0).to_numpy(zero_copy_only=False)).tobytes()


def _of_items(kind: pa.DataType) -> pa.DataType:
    """The type, with the values of lists called as Arrow calls them."""
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_of_items(kind.value_type), kind.list_size)
    if pa.types.is_large_list(kind):
        return pa.large_list(_of_items(kind.value_type))
    return pa.list_(_of_items(kind.value_type)) if pa.types.is_list(kind) else kind
