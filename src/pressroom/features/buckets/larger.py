"""The way of an answer that is larger than memory: deal the rows, deal the facts, answer buckets, put together."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pressroom.facts import Facts, FactVersion, Moved, key_column, piece_schema
from pressroom.features.buckets.answer_bucket import ROW, AnswerBucket, BucketTask, is_done
from pressroom.features.buckets.dealing import NOBODY, Dealer, buckets_of_keys, deal_by_any, read_block, write_blocks
from pressroom.features.buckets.layout import Dealt, Group
from pressroom.ports import Scratch, Workers
from pressroom.values import Digest, NotFound, from_document, parts_of, to_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stage of a piece of work is; `total` counts what `done` counts."""

    stage: str
    done: int
    total: int


Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsDealt:
    """The rows that ask, as they lie in the scratch: how many, how they are cut, and what they were read from."""

    rows: int
    block_rows: int
    buckets: int
    seen: tuple[FactVersion, ...]

    def blocks(self) -> int:
        """How many blocks there are: without rows one, which has the columns."""
        return max(-(-self.rows // self.block_rows), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Larger:
    """A piece of work under `root` in a scratch; started again, it goes on where it was."""

    root: str
    groups: tuple[Group, ...]
    scratch: Scratch
    workers: Workers
    told: Told

    def begun(self) -> RowsDealt | None:
        """What an earlier process dealt, if the rows were all dealt."""
        found = self._noted("rows")
        return None if found is None else from_document(found, RowsDealt)

    def deal_rows(self, rows: pa.Table, dealt: RowsDealt) -> None:
        """Write the rows as blocks, and by each key into buckets. A row without a key goes anywhere."""
        step = dealt.block_rows
        starts = range(0, max(rows.num_rows, 1), step)
        blocks = (rows.slice(start, step) for start in starts)
        write_blocks(self.scratch, f"{self.root}/spine", rows.schema, blocks)
        keys = list(dict.fromkeys(group.key for group in self.groups))
        with ExitStack() as stack:
            dealers: dict[str, Dealer] = {}
            for key in keys:
                kept = ["as_of", *parts_of(key)]
                schema = pa.schema([(ROW, pa.int64()), *(rows.schema.field(name) for name in kept)])
                prefix = f"{self.root}/rows/{key}"
                dealers[key] = Dealer(self.scratch, prefix, schema, count=dealt.buckets, stack=stack)
            for start in starts:
                block = rows.slice(start, step)
                numbers = np.arange(start, start + block.num_rows)
                for key, dealer in dealers.items():
                    buckets = buckets_of_keys(key_column(block, key), dealt.buckets)
                    buckets = np.where(buckets == NOBODY, numbers % dealt.buckets, buckets)
                    columns = {name: block.column(name) for name in ("as_of", *parts_of(key))}
                    dealer.deal(pa.table({ROW: pa.array(numbers), **columns}), buckets)
                self.told(Progress(stage="rows", done=start + block.num_rows, total=rows.num_rows))
        self._note("rows", to_document(dealt))

    def deal_facts(self, facts: Facts, counts: dict[str, int], dealt: RowsDealt) -> tuple[FactVersion, ...]:
        """Read every fact type once, into the buckets of all keys by which it is asked; which versions were seen."""
        by_fact: dict[str, dict[str, Dealt]] = {}
        for group in self.groups:
            for one in group.facts:
                by_fact.setdefault(one.fact.name, {})[one.name()] = one
        seen: list[FactVersion] = []
        for name, ways in by_fact.items():
            noted = self._noted(f"facts/{name}")
            if noted is None:
                version = self._deal_fact(facts, list(ways.values()), counts.get(name, 0), dealt)
                self._note(f"facts/{name}", to_document(version))
            else:
                version = from_document(noted, FactVersion)
            seen.append(version)
        return tuple(seen)

    def answer(self, dealt: RowsDealt) -> None:
        """Answer every bucket of every group that is not answered yet."""
        tasks = [
            BucketTask(root=self.root, group=group, bucket=bucket, block_rows=dealt.block_rows, blocks=dealt.blocks())
            for group in self.groups
            for bucket in range(dealt.buckets)
        ]
        left = [task for task in tasks if not is_done(task, self.scratch)]
        done = len(tasks) - len(left)
        self.told(Progress(stage="buckets", done=done, total=len(tasks)))
        work = AnswerBucket(scratch=self.scratch)
        for _ in self.workers.each(work, [to_document(task) for task in left]):
            done += 1
            self.told(Progress(stage="buckets", done=done, total=len(tasks)))

    def blocks(self, dealt: RowsDealt) -> Iterator[tuple[pa.Table, dict[str, pa.ChunkedArray]]]:
        """The rows a block at a time, in their order, with all that was answered about them."""
        for place in range(dealt.blocks()):
            rows = read_block(self.scratch, f"{self.root}/spine", place)
            columns: dict[str, pa.ChunkedArray] = {}
            for group in self.groups:
                found = self._answers(group, place, dealt)
                columns.update({name: found.column(name) for name in found.column_names})
            yield rows, columns
            self.told(Progress(stage="blocks", done=place + 1, total=dealt.blocks()))

    def _answers(self, group: Group, place: int, dealt: RowsDealt) -> pa.Table:
        prefix = f"{self.root}/answers/{group.name()}"
        parts = [read_block(self.scratch, f"{prefix}/{bucket}", place) for bucket in range(dealt.buckets)]
        found = pa.concat_tables(parts).combine_chunks()
        order = np.argsort(found.column(ROW).to_numpy(), kind="stable")
        return found.drop_columns([ROW]).take(pa.array(order)).combine_chunks()

    def _deal_fact(self, facts: Facts, ways: Sequence[Dealt], count: int, dealt: RowsDealt) -> FactVersion:
        fact = ways[0].fact
        columns = list(dict.fromkeys(name for way in ways for name in way.columns))
        while True:
            version, pieces = facts.pieces(fact, columns)
            try:
                with ExitStack() as stack:
                    dealers = [
                        Dealer(
                            self.scratch,
                            f"{self.root}/{way.name()}",
                            piece_schema(fact, way.columns),
                            count=dealt.buckets,
                            stack=stack,
                        )
                        for way in ways
                    ]
                    self._deal_pieces(pieces, ways, dealers, dealt.buckets, count)
                return version
            except Moved:
                continue

    def _deal_pieces(
        self, pieces: Iterator[pa.Table], ways: Sequence[Dealt], dealers: Sequence[Dealer], buckets: int, count: int
    ) -> None:
        done = 0
        for piece in pieces:
            for way, dealer in zip(ways, dealers, strict=True):
                rows = piece.select(piece_schema(way.fact, way.columns).names)
                deal_by_any(dealer, rows, [key_column(rows, by) for by in way.by], buckets)
            done += piece.num_rows
            self.told(Progress(stage=ways[0].fact.name, done=done, total=max(count, done)))

    def _noted(self, what: str) -> bytes | None:
        try:
            with self.scratch.read(f"{self.root}/done/{what}") as file:
                return file.read()
        except NotFound:
            return None

    def _note(self, what: str, document: bytes) -> None:
        with self.scratch.write(f"{self.root}/done/{what}") as file:
            file.write(document)


def root_of(name: str, identity: Digest) -> str:
    """Where work called `name` lies: apart from that of other names, and from that of the same name for other ends."""
    return f"{name}/{identity[:32]}"
