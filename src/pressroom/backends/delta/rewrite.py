"""Writing parts of a table anew: their files are replaced by others in one commit."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from pressroom.backends.delta.folder import QUIET, TRIES, TableFolder
from pressroom.backends.delta.rows import delta_rows
from pressroom.ports import Rewritten, Turned


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the table: its name in the folder, its bytes and its rows."""

    path: str
    size_bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Turn:
    """Parts, and the file that takes their place; None when no row is left."""

    taken: Sequence[Part]
    put: AddAction | None
    put_rows: int


def parts_of(folder: TableFolder, table: DeltaTable) -> list[Part]:
    """The files of a version, in no particular order."""
    adds = pa.table(table.get_add_actions(flatten=True))
    sizes = zip(*(adds.column(name).to_pylist() for name in ("path", "size_bytes", "num_records")), strict=True)
    return [Part(path, size, _rows(folder, path) if rows is None else rows) for path, size, rows in sizes]


def rewrite(folder: TableFolder, turned: Turned, *, below_rows: int, least: int) -> Rewritten | None:
    """Turn parts and commit; again from the start when others committed in between. Wants the lock."""
    for tries_left in reversed(range(TRIES)):
        table = folder.newest()
        if table is None:
            return None
        parts = parts_of(folder, table)
        groups = _gathered(parts, below_rows, least) if below_rows else [[part] for part in parts]
        turns = list(_turns(folder, groups, turned))
        if not turns:
            return Rewritten(version=table.version())
        try:
            _commit(table, turns)
        except BaseException as error:
            _undo(folder, turns)
            if not tries_left or not isinstance(error, CommitFailedError):
                raise
            continue
        newest = folder.newest() or table
        return Rewritten(
            version=newest.version(),
            taken_parts=sum(len(turn.taken) for turn in turns),
            taken_rows=sum(part.rows for turn in turns for part in turn.taken),
            put_parts=sum(turn.put is not None for turn in turns),
            put_rows=sum(turn.put_rows for turn in turns),
        )
    raise CommitFailedError("others keep changing the table")


def _rows(folder: TableFolder, path: str) -> int:
    """What the file itself says, where those who wrote it left it out of the log."""
    return int(pq.read_metadata(folder.path / path).num_rows)


def _gathered(parts: Sequence[Part], below_rows: int, least: int) -> list[list[Part]]:
    """Small parts in groups that come to `below_rows` rows or just over: what is held in memory at once."""
    small = sorted((part for part in parts if part.rows < below_rows), key=lambda part: part.rows)
    groups: list[list[Part]] = [[]]
    for part in small if len(small) >= least else ():
        if sum(gathered.rows for gathered in groups[-1]) >= below_rows:
            groups.append([])
        groups[-1].append(part)
    return [group for group in groups if len(group) > 1]


def _turns(folder: TableFolder, groups: Sequence[Sequence[Part]], turned: Turned) -> Iterator[_Turn]:
    written: list[_Turn] = []
    try:
        for group in groups:
            tables = [delta_rows(pq.ParquetFile(folder.path / part.path).read()) for part in group]
            rows = turned(pa.concat_tables(tables, promote_options="default"))
            if rows is None:
                continue
            new = delta_rows(rows)
            written.append(_Turn(group, folder.write(new) if new.num_rows else None, new.num_rows))
    except BaseException:
        _undo(folder, written)
        raise
    yield from written


def _commit(table: DeltaTable, turns: Sequence[_Turn]) -> None:
    now_ms = time.time_ns() // 1_000_000
    actions: list[AddAction | RemoveAction] = []
    for turn in turns:
        # Other tools that follow a table's changes pass over files that hold the same rows as those they replace.
        changes = turn.put_rows != sum(part.rows for part in turn.taken)
        if turn.put is not None:
            actions.append(_adding(turn.put, changes=changes))
        actions += [RemoveAction(part.path, changes, now_ms, part.size_bytes, {}) for part in turn.taken]
    table.create_write_transaction(actions, "append", table.schema(), post_commithook_properties=QUIET)


def _adding(added: AddAction, *, changes: bool) -> AddAction:
    return AddAction(
        path=added.path,
        size=added.size,
        partition_values={},
        modification_time=added.modification_time,
        data_change=changes,
        stats=added.stats,
    )


def _undo(folder: TableFolder, turns: Sequence[_Turn]) -> None:
    for turn in turns:
        if turn.put is not None:
            with suppress(OSError):
                (folder.path / turn.put.path).unlink(missing_ok=True)
