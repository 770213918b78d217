"""Offline answers: a question for many rows at once, each as of its own instant."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import ARROW, Aggregate
from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.lookup import NOBODY, newest
from pressroom.features.kernel.timeline import Ints, Timeline, codes_of, integers, timeline
from pressroom.features.kernel.windows import Values, Window, Windows
from pressroom.features.question import Question
from pressroom.values import MICROSECONDS, FactSchema

ReadFact = Callable[[FactSchema, Sequence[str]], pa.Table]
"""Gives a fact type's rows with `event`, `known`, `seq` and the asked columns, in any order."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A column of the answer: an aggregate, for the entity in a column of the spine."""

    column: str
    key: str
    aggregate: Aggregate


def answer(question: Question, spine: pa.Table, read: ReadFact) -> pa.Table:
    """One row out for each row of `spine`, in its order, with the question's inputs as columns.

    `spine` has `as_of` (an instant; only facts known by then are seen), the question's key columns and its request
    fields. A null key has null features; a key that no fact names has counts of 0 and nulls.
    """
    groups: dict[tuple[str, str, str], list[Wanted]] = defaultdict(list)
    for bound in question.views:
        for feature, result in zip(bound.view.features, bound.view.results(), strict=True):
            wanted = Wanted(column=result.name, key=bound.key, aggregate=feature.aggregate)
            groups[feature.aggregate.fact.name, feature.aggregate.by or "", bound.key].append(wanted)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    tables = _read_once(question, read)
    as_of = integers(spine.column("as_of"))
    for (fact, by, key), members in groups.items():
        columns.update(_answer_group(tables[fact], by, members, spine.column(key), as_of))
    for field in question.request:
        columns[field.name] = spine.column(field.name)
    return pa.table({field.name: columns[field.name] for field in question.inputs()})


def _read_once(question: Question, read: ReadFact) -> dict[str, pa.Table]:
    needed: dict[str, dict[str, None]] = defaultdict(dict)
    for bound in question.views:
        for feature in bound.view.features:
            aggregate = feature.aggregate
            needed[aggregate.fact.name].update(dict.fromkeys(filter(None, (aggregate.by, aggregate.field))))
    return {fact.name: read(fact, ["event", "known", *needed[fact.name]]) for fact in question.facts()}


def _answer_group(
    facts: pa.Table, by: str, members: Sequence[Wanted], keys: pa.ChunkedArray, as_of: Ints
) -> dict[str, pa.Array]:
    """All aggregates of one fact type by one key: the facts are sorted once, and so are the rows that ask."""
    line, values = timeline(facts, by)
    codes, nulls = codes_of(keys, values)
    asked = Asked.of(codes, as_of, nulls)
    windows = Windows.of(line) if any(member.aggregate.window_us for member in members) else None
    lengths: dict[int, Window] = {}
    latest: Ints | None = None
    answers: dict[str, pa.Array] = {}
    for member in members:
        aggregate = member.aggregate
        if windows is not None and aggregate.window_us is not None:
            if aggregate.window_us not in lengths:
                lengths[aggregate.window_us] = windows.over(aggregate.window_us, asked)
            answers[member.column] = _windowed(aggregate, lengths[aggregate.window_us], facts, line, asked)
        else:
            latest = newest(line, asked) if latest is None else latest
            answers[member.column] = _looked_up(aggregate, latest, facts, line, asked)
    return answers


def _windowed(aggregate: Aggregate, window: Window, facts: pa.Table, line: Timeline, asked: Asked) -> pa.Array:
    if aggregate.kind == "count" or aggregate.field is None:
        return pa.array(window.count()[asked.back], mask=asked.nulls)
    values = _values(facts.column(aggregate.field), line)
    count = window.count_values(values)
    total = window.sum(values)
    empty = count == 0
    if aggregate.kind == "mean":
        total = total / np.where(empty, 1, count)
    return pa.array(total[asked.back], mask=empty[asked.back] | asked.nulls)


def _values(column: pa.ChunkedArray, line: Timeline) -> Values:
    nulls = pc.is_null(column).to_numpy() if column.null_count else None
    # Whole numbers beyond 2**53 count as the nearest float, as they do online.
    numbers = column.cast(pa.float64(), safe=False).fill_null(0.0).to_numpy()
    if line.rows is not None:
        numbers = numbers[line.rows]
        nulls = None if nulls is None else nulls[line.rows]
    return Values(numbers=numbers, nulls=nulls)


def _looked_up(aggregate: Aggregate, latest: Ints, facts: pa.Table, line: Timeline, asked: Asked) -> pa.Array:
    age = asked.instants - line.event[latest] if len(line.event) else np.zeros(len(latest), dtype=np.int64)
    missing = latest == NOBODY
    if aggregate.ttl_us is not None:
        missing = missing | (age > aggregate.ttl_us)
    missing_back: Mask = missing[asked.back] | asked.nulls
    if aggregate.kind == "age" or aggregate.field is None:
        return pa.array((age / MICROSECONDS)[asked.back], mask=missing_back)
    rows = latest if line.rows is None else line.rows[latest] if len(line.rows) else latest
    places = pa.array(rows[asked.back], mask=missing_back)
    source = aggregate.fact.field(aggregate.field)
    taken = facts.column(aggregate.field).take(places).combine_chunks()
    return taken.cast(ARROW[source.type]) if source else taken
