"""Answers to all rows of a spine, a block at a time: in memory where they fit, else by buckets; the same either way."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import pyarrow as pa

from pressroom.facts import Facts, FactVersion
from pressroom.features.asked_column import columns_asked, is_end
from pressroom.features.asking_rows import AnySpine, asking_rows, identity_of_spine
from pressroom.features.buckets.larger import Larger, RowsDealt, Told, root_of
from pressroom.features.buckets.layout import LabelAsked, groups_of, identity_of
from pressroom.features.buckets.room import Memory, block_rows
from pressroom.features.fact_reader import FactReader
from pressroom.features.label import answer_label
from pressroom.features.offline import answer, inputs_of
from pressroom.features.question import Question
from pressroom.features.whom import with_ends
from pressroom.ports import Scratch, Workers
from pressroom.values import Instant, NotFound, digest_document, from_document, to_document


@dataclass(frozen=True, slots=True, kw_only=True)
class LargerThanMemory:
    """What answers may use that do not fit: memory, somewhere to put what is dealt, and who works on buckets."""

    memory: Memory
    scratch: Scratch
    workers: Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A question, the spine that asks it, and a label; `name` is what the work is called, on the disk and to people.

    Rows ask before `known_at`, and before `end` if there is one.
    """

    name: str
    spine: AnySpine
    question: Question
    known_at: Instant
    end: Instant | None = None
    label: LabelAsked | None = None

    def known_by(self, instant: Instant) -> "Asking":
        """The same as known at another instant."""
        label = None if self.label is None else replace(self.label, known_at=instant)
        return replace(self, known_at=instant, label=label)

    def root(self) -> str:
        """Where in a scratch its work lies."""
        spine = (identity_of_spine(self.spine), [field.name for field in self.question.inputs()], self.end)
        groups = groups_of(self.question, self.label)
        return root_of(self.name, identity_of(groups, rows=digest_document(spine), known_at=self.known_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some rows of the spine, the question's inputs for each, and the label where one was asked."""

    rows: pa.Table
    inputs: pa.Table
    label: pa.ChunkedArray | None


@dataclass(frozen=True, kw_only=True)
class Answers:
    """All blocks, in the spine's order, to be taken once; how many rows they have; and which facts were seen.

    `in_memory` says that everything was held at once anyway.
    """

    rows: int
    seen: tuple[FactVersion, ...]
    in_memory: bool
    blocks: Iterator[Block]


@contextmanager
def answers(asking: Asking, *, facts: Facts, larger: LargerThanMemory | None, told: Told) -> Generator[Answers]:
    """Answer. What is in the scratch is removed once the block ends without an error."""
    groups = groups_of(asking.question, asking.label)
    if larger is None:
        rows, seen = _rows(asking, facts)
        yield _in_memory(asking, rows, seen, facts)
        return
    root = asking.root()
    work = Larger(root=root, groups=groups, scratch=larger.scratch, workers=larger.workers, told=told)
    dealt = work.begun()
    if dealt is None:
        counts = {dealt.fact.name: facts.count(dealt.fact) for group in groups for dealt in group.facts}
        rows, seen = _rows(asking, facts)
        if larger.memory.fits(groups, counts, rows.num_rows):
            yield _in_memory(asking, rows, seen, facts)
            return
        reader = FactReader(facts)
        rows = with_ends(columns_asked(asking.question), rows, reader.read)
        dealt = RowsDealt(
            rows=rows.num_rows,
            block_rows=_block_rows(asking, rows.column_names),
            buckets=larger.memory.buckets(groups, counts, rows.num_rows, slots=larger.workers.slots()),
            seen=(*seen, *reader.versions.values()),
        )
    else:
        rows, counts = None, {}
    with larger.scratch.hold(asking.name):
        if rows is not None:
            larger.scratch.remove(f"{asking.name}/")
            with larger.scratch.write(_note(asking.name)) as file:
                file.write(to_document(asking.known_at))
            work.deal_rows(rows.unify_dictionaries(), dealt)
            del rows
        seen = (*dealt.seen, *work.deal_facts(facts, counts, dealt))
        work.answer(dealt)
        blocks = _put_together(asking, work, dealt)
        yield Answers(rows=dealt.rows, seen=_once(seen), in_memory=False, blocks=blocks)
        larger.scratch.remove(f"{asking.name}/")


def begun(asking: Asking, scratch: Scratch) -> Instant | None:
    """As of when the same question is known that lies unfinished in a scratch, whatever `asking.known_at`."""
    with suppress(NotFound), scratch.read(_note(asking.name)) as file:
        instant = from_document(file.read(), int)
        return instant if scratch.names(f"{asking.known_by(instant).root()}/done/rows") else None
    return None


def _note(name: str) -> str:
    return f"{name}/known_at"


def _rows(asking: Asking, facts: Facts) -> tuple[pa.Table, tuple[FactVersion, ...]]:
    return asking_rows(asking.spine, asking.question, facts=facts, known_at=asking.known_at, end=asking.end)


def _block_rows(asking: Asking, names: Sequence[str]) -> int:
    return block_rows(len({*names, *(field.name for field in asking.question.inputs())}))


def _put_together(asking: Asking, work: Larger, dealt: RowsDealt) -> Iterator[Block]:
    for rows, columns in work.blocks(dealt):
        label = columns.pop("label", None) if asking.label is not None else None
        rows = rows.drop_columns([name for name in rows.column_names if is_end(name)])
        yield Block(rows=rows, inputs=inputs_of(asking.question, columns, rows), label=label)


def _in_memory(asking: Asking, rows: pa.Table, seen: tuple[FactVersion, ...], facts: Facts) -> Answers:
    reader = FactReader(facts)
    inputs = answer(asking.question, rows, reader.read)
    label = None
    if asking.label is not None:
        label = pa.chunked_array(
            [answer_label(asking.label.label, asking.label.key, rows, reader.read, known_at=asking.label.known_at)]
        )
    step = _block_rows(asking, rows.column_names)
    blocks = (
        Block(
            rows=rows.slice(start, step),
            inputs=inputs.slice(start, step),
            label=None if label is None else label.slice(start, step),
        )
        for start in range(0, max(rows.num_rows, 1), step)
    )
    return Answers(rows=rows.num_rows, seen=_once((*seen, *reader.versions.values())), in_memory=True, blocks=blocks)


def _once(seen: Sequence[FactVersion]) -> tuple[FactVersion, ...]:
    return tuple({version.fact: version for version in seen}.values())
