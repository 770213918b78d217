"""Where rows that were set aside are kept: a record for each batch, and further ones for those beyond its examples."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from pressroom.facts.errors import UnknownBatch, did_you_mean
from pressroom.facts.set_aside import EXAMPLES, SetAside, SetAsideBatch
from pressroom.ports import Record, Records
from pressroom.values import digest_parts, from_document, to_document

_KIND, _PAGE = "set_aside", "set_aside_page"
Turn = Callable[[SetAside], SetAside | None]
"""What becomes of a row; None: it is set aside no longer."""


def keep(records: Records, batch: SetAsideBatch, rows: list[SetAside]) -> SetAsideBatch | None:
    """Keep the rows of a batch, durably. The same rows again change nothing, whatever was mended of them since.

    Other rows take the place of those of an earlier batch of that name, which is returned: `put_back` or `drop` it,
    as it turns out which of the two is in the log.
    """
    seen = records.get(_KIND, _key(batch))
    before = None if seen is None else from_document(seen.document, SetAsideBatch)
    if before is not None and before.content == batch.content:
        return None
    for page, start in enumerate(range(EXAMPLES, len(rows), EXAMPLES)):
        _put(records, _PAGE, f"{_pages(batch)}{page:06d}", rows[start : start + EXAMPLES])
    records.put(_KIND, _key(batch), to_document(batch), seen=seen.version if seen else 0)
    return before


def put_back(records: Records, before: SetAsideBatch, instead_of: SetAsideBatch) -> None:
    """Let an earlier batch have its place again."""
    _put(records, _KIND, _key(before), before)
    drop(records, instead_of)


def drop(records: Records, batch: SetAsideBatch) -> None:
    """Drop what is beyond the examples of a batch that has lost its place."""
    for record in records.query(_PAGE, prefix=_pages(batch)):
        records.delete(_PAGE, record.key)


def kept(records: Records, fact: str = "") -> list[SetAsideBatch]:
    """Every batch of which rows were ever set aside, of one fact or of all."""
    prefix = f"{fact}/" if fact else ""
    return [from_document(record.document, SetAsideBatch) for record in records.query(_KIND, prefix=prefix)]


def find(records: Records, fact: str, name: str, source: str = "") -> tuple[Record, SetAsideBatch]:
    """The record of a batch; `source` settles which, where several sent one of that name. Raises UnknownBatch."""
    batches = kept(records, fact)
    named = [batch for batch in batches if batch.batch == name]
    mine = [batch for batch in named if batch.source == source] if len(named) > 1 else named
    if not mine:
        there = [f"{batch.batch} of {batch.source}" if named else batch.batch for batch in named or batches]
        raise UnknownBatch(f"Nothing is set aside of a batch {name!r} of {fact}.", next_step=did_you_mean(name, there))
    record = records.get(_KIND, _key(mine[0]))
    if record is None:
        raise UnknownBatch(f"The batch {name!r} of {fact} was just dropped.", next_step="Look again.")
    return record, from_document(record.document, SetAsideBatch)


def rows_of(records: Records, batch: SetAsideBatch) -> Iterator[SetAside]:
    """Every row of a batch that is still set aside, in order."""
    mended = batch.mended()
    for rows in (batch.examples, *(rows for _, rows in _read_pages(records, batch))):
        yield from (row for row in rows if row.row not in mended)


def change(records: Records, record: Record, batch: SetAsideBatch, turn: Turn) -> Record:
    """Keep `batch` in the place of `record`, with all its rows turned. Raises VersionConflict.

    The record comes first and says which rows were mended, so that a kill before its pages are done changes no answer.
    """
    turned = [new for row in rows_of(records, batch) if (new := turn(row)) is not None]
    there = {row.row for row in batch.examples}
    done = replace(
        batch,
        rows=len(turned),
        reasons=dict(Counter(row.reason for row in turned)),
        examples=tuple(row for row in turned if row.row in there),
    )
    kept_record = records.put(record.kind, record.key, to_document(done), seen=record.version)
    left = {row.row: row for row in turned}
    for key, rows in list(_read_pages(records, batch)):
        remaining = [left[row.row] for row in rows if row.row in left]
        if remaining:
            _put(records, _PAGE, key, remaining)
        else:
            records.delete(_PAGE, key)
    return kept_record


def _read_pages(records: Records, batch: SetAsideBatch) -> Iterator[tuple[str, tuple[SetAside, ...]]]:
    for record in records.query(_PAGE, prefix=_pages(batch)):
        yield record.key, from_document(record.document, tuple[SetAside, ...])


def _put(records: Records, kind: str, key: str, value: object) -> None:
    seen = records.get(kind, key)
    records.put(kind, key, to_document(value), seen=seen.version if seen else 0)


def _key(batch: SetAsideBatch) -> str:
    return f"{batch.fact}/{digest_parts([batch.source, batch.batch])}"


def _pages(batch: SetAsideBatch) -> str:
    return f"{_key(batch)}/{batch.content}/"
