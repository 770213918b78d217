"""Features for rows, without a label: for scoring many rows at once, and for looking at them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pressroom.facts import Fact
from pressroom.features import (
    Answers,
    AnySpine,
    Asked,
    Asking,
    BadSpine,
    GivenRows,
    Question,
    facts_of_spine,
    question_of,
    settled_spine,
)
from pressroom.ports import BackendError, NoSpace
from pressroom.training.given_label import refuse_own_names
from pressroom.values import FactSchema, Instant, format_instant

_NAME = "features_for"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturesAsked:
    """Features asked of a spine, for a purpose."""

    spine: AnySpine
    question: Question
    purpose: str
    owner: str

    def facts(self) -> tuple[FactSchema, ...]:
        """The fact types that rows and features are made from."""
        return (*facts_of_spine(self.spine), *self.question.facts())

    def labels(self) -> tuple[str, ...]:
        """What policy calls the answer: all labels of rows and features, sorted."""
        given = self.spine.labels if isinstance(self.spine, GivenRows) else ()
        fields = (*self.question.inputs(), *self.question.keys)
        return tuple(sorted({*given, *(label for field in fields for label in field.labels)}))

    def asking(self, now: Instant) -> Asking:
        """The question as of now at the latest; refuses given rows that ask as of later."""
        if isinstance(self.spine, GivenRows):
            _refuse_future(self.spine, now)
        return Asking(name=_NAME, spine=self.spine, question=self.question, known_at=now + 1)


def features_asked(
    spine: AnySpine | type[Fact], features: Sequence[Asked], *, purpose: str, owner: str
) -> FeaturesAsked:
    """Settle what is asked. Raises BadView, BadSpine, BadDefinition."""
    rows = settled_spine(spine, features)
    question = question_of(rows.fact, features, also=[field.name for field in rows.fact.key_fields()])
    refuse_own_names(rows, question, None)
    return FeaturesAsked(spine=rows, question=question, purpose=purpose, owner=owner)


def tables_of(asked: FeaturesAsked, answers: Answers) -> Iterator[pa.Table]:
    """The answer a block at a time: the rows as they are, and a column for each feature."""
    brought = {field.name for field in asked.question.request}
    given = asked.spine.as_given() if isinstance(asked.spine, GivenRows) else None
    done = 0
    for block in answers.blocks:
        rows = block.rows if given is None else given.slice(done, block.rows.num_rows)
        done += rows.num_rows
        columns = {name: rows.column(name) for name in rows.column_names}
        inputs = {name: block.inputs.column(name) for name in block.inputs.column_names if name not in brought}
        yield pa.table({**columns, **inputs})


def whole(tables: Iterator[pa.Table]) -> pa.Table:
    """All of them as one."""
    return pa.concat_tables(tables).combine_chunks()


def written(tables: Iterator[pa.Table], into: Path) -> pa.Table:
    """Write them to a Parquet file, which is there when it is whole; the columns, without rows. Raises NoSpace,
    BackendError.
    """
    draft = into.with_name(f".{into.name}.draft")
    try:
        first = next(tables)
        with pq.ParquetWriter(draft, first.schema, compression="zstd") as writer:
            for table in chain([first], tables):
                writer.write_table(table)
        draft.replace(into)
        return first.schema.empty_table()
    except OSError as error:
        kind = NoSpace if "space" in str(error).lower() else BackendError
        raise kind(f"{into} can't be written: {error}.", next_step="Free space there, or name another file.") from error
    finally:
        draft.unlink(missing_ok=True)


def _refuse_future(rows: GivenRows, now: Instant) -> None:
    as_of = rows.rows().column("as_of").cast(pa.int64())
    later = pc.greater(as_of, now)
    if pc.any(later).as_py():
        row = pc.index(later, value=True).as_py()
        raise BadSpine(
            f"Row {row} asks as of {format_instant(as_of[row].as_py())}, which is later than now: "
            "what will be known by then is not known yet.",
            next_step="Ask as of now, or leave these rows out.",
        )
