"""The rows of a spine: who asks, as of when, in which order."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import (
    INSTANT,
    RETRACTS,
    UNTIL,
    Fact,
    Facts,
    FactVersion,
    Moved,
    Spine,
    believed_at,
    piece_schema,
    resolve,
    satisfying,
)
from pressroom.features.every import EveryChange, EveryPeriod, sources
from pressroom.features.given import GivenRows, as_asked
from pressroom.features.question import Asked, Question
from pressroom.features.view import View
from pressroom.values import FactSchema, Instant

AnySpine = Spine | GivenRows | EveryChange | EveryPeriod
Seen = tuple[FactVersion, ...]
Read = Callable[[FactSchema, Sequence[str]], pa.Table]


def asking_rows(
    spine: AnySpine, question: Question, *, facts: Facts, known_at: Instant, end: Instant | None
) -> tuple[pa.Table, Seen]:
    """`as_of`, the question's keys and request fields, and other columns of given rows; and which facts were seen.

    Rows ask before `known_at`, and before `end` if there is one. Those of facts are ordered by instant and number,
    those of every change and period by instant and entity; given rows stay as they are. Raises BadSpine.
    """
    before = known_at if end is None else min(end, known_at)
    if isinstance(spine, Spine):
        return _of_facts(spine, question, facts=facts, known_at=known_at, before=before)
    if isinstance(spine, GivenRows):
        rows = _as_asked(spine.rows(), question)
        return rows.filter(pc.less(rows.column("as_of").cast(pa.int64()), before)), ()
    seen: dict[str, FactVersion] = {}

    def read(fact: FactSchema, columns: Sequence[str]) -> pa.Table:
        rows, version = facts.history(fact, ["event", "known", *columns])
        seen[fact.name] = version
        return rows

    (key,) = (field.name for field in spine.fact.key_fields())
    last = min(spine.until, before)
    if isinstance(spine, EveryChange):
        found = _changes(spine.views, read, known_at=known_at)
        instants = found.column("as_of").cast(pa.int64())
        found = found.filter(pc.and_(pc.greater_equal(instants, spine.since), pc.less(instants, last)))
    else:
        found = _periods(_first_heard_of(spine.views, read, known_at=known_at), spine, last)
    found = found.sort_by([("as_of", "ascending"), ("entity", "ascending")])
    return found.rename_columns(["as_of", key]), tuple(seen.values())


def _of_facts(
    spine: Spine, question: Question, *, facts: Facts, known_at: Instant, before: Instant
) -> tuple[pa.Table, Seen]:
    """One row for each fact that was known by the instant at which it asks, and by `known_at`."""
    names = dict.fromkeys([*(field.name for field in (*question.keys, *question.brought())), spine.instant])
    while True:
        version, pieces = facts.pieces(spine.fact, ["event", *names])
        with suppress(Moved):
            schema = piece_schema(spine.fact, ["event", *names])
            found = [schema.empty_table(), *(_wanted(piece, spine, known_at, before) for piece in pieces)]
            break
    table = believed_at(resolve(pa.concat_tables(found)), pa.scalar(known_at, INSTANT))
    as_of = pc.subtract(table.column(spine.instant).cast(pa.int64()), spine.before_us)
    table = table.append_column("as_of", as_of.cast(INSTANT))
    table = table.sort_by([("as_of", "ascending"), ("seq", "ascending")])
    names = dict.fromkeys(["as_of", *(field.name for field in (*question.keys, *question.brought()))])
    return table.select(list(names)), (version,)


def _wanted(piece: pa.Table, spine: Spine, known_at: Instant, before: Instant) -> pa.Table:
    """The rows of a piece that ask, and the retractions: which fact they mean is in another piece, perhaps."""
    as_of = pc.subtract(piece.column(spine.instant).cast(pa.int64()), spine.before_us)
    known = piece.column("known").cast(pa.int64())
    asks = pc.and_kleene(pc.less_equal(known, as_of), pc.less(as_of, before))
    retracts = pc.and_(pc.is_valid(piece.column(RETRACTS)), pc.less_equal(known, known_at))
    return piece.filter(pc.or_kleene(pc.and_kleene(asks, pc.is_null(piece.column(RETRACTS))), retracts))


def _as_asked(rows: pa.Table, question: Question) -> pa.Table:
    for field in question.brought():
        rows = rows.set_column(rows.column_names.index(field.name), field.name, as_asked(rows, field))
    return rows


def _changes(views: Sequence[View], read: Read, *, known_at: Instant) -> pa.Table:
    """Every (entity, instant) at which a fact that was known at `known_at` becomes visible, or is taken back."""
    parts: list[pa.Table] = []
    for fact, by, aggregates in sources(views):
        for where in dict.fromkeys(asked.where for asked in aggregates):
            alike = [asked for asked in aggregates if asked.where == where]
            columns = dict.fromkeys(name for asked in alike for name in asked.columns())
            rows = _ever_seen(satisfying(read(fact, list(columns)), where), known_at)
            event, known = (rows.column(name).cast(pa.int64()) for name in ("event", "known"))
            if any(asked.window_us is None for asked in alike):
                parts.append(_at(rows.column(by), pc.max_element_wise(event, known)))
            if any(asked.window_us is not None for asked in alike):
                parts.append(_at(rows.column(by), pc.max_element_wise(pc.add(event, 1), known)))
            if UNTIL in rows.column_names:
                parts.append(_at(rows.column(by), rows.column(UNTIL).cast(pa.int64())))
    return pa.concat_tables(parts).group_by(["entity", "as_of"]).aggregate([]).select(["as_of", "entity"])


def _ever_seen(rows: pa.Table, known_at: Instant) -> pa.Table:
    """The facts that could ever be seen by `known_at`: one that was taken back before it happened was not."""
    event, known = (rows.column(name).cast(pa.int64()) for name in ("event", "known"))
    seen = pc.less_equal(known, known_at)
    if UNTIL in rows.column_names:
        taken_back = pc.less_equal(rows.column(UNTIL).cast(pa.int64()), pc.max_element_wise(event, known))
        seen = pc.and_not(seen, pc.fill_null(taken_back, fill_value=False))
    return rows.filter(seen)


def _at(entity: pa.ChunkedArray, instants: pa.ChunkedArray) -> pa.Table:
    rows = pa.table({"as_of": instants.cast(INSTANT), "entity": entity})
    return rows.filter(pc.and_(pc.is_valid(entity), pc.is_valid(instants)))


def _first_heard_of(views: Sequence[View], read: Read, *, known_at: Instant) -> pa.Table:
    """Every entity, and since when it is known of."""
    parts: list[pa.Table] = []
    for fact, by, _ in sources(views):
        rows = _ever_seen(read(fact, [by]), known_at)
        event, known = (rows.column(name).cast(pa.int64()) for name in ("event", "known"))
        parts.append(_at(rows.column(by), pc.max_element_wise(event, known)))
    return pa.concat_tables(parts).group_by("entity").aggregate([("as_of", "min")])


def _periods(heard: pa.Table, spine: EveryPeriod, last: Instant) -> pa.Table:
    first = heard.column("as_of_min").cast(pa.int64()).to_numpy()
    behind = -(-(first - spine.since) // spine.period_us)
    start = spine.since + np.maximum(behind, 0) * spine.period_us
    counts = np.maximum(-(-(last - start) // spine.period_us), 0)
    which = np.repeat(np.arange(len(first)), counts)
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    as_of = np.repeat(start, counts) + nth * spine.period_us
    names = heard.column("entity").take(pa.array(which))
    return pa.table({"as_of": pa.array(as_of, pa.int64()).cast(INSTANT), "entity": names})


def identity_of_spine(spine: AnySpine) -> object:
    """What the rows of a spine depend on, besides the facts."""
    if isinstance(spine, Spine):
        return replace(spine, fact=spine.fact.unchecked())
    return ("given_rows", spine.digest) if isinstance(spine, GivenRows) else spine.identity()


def facts_of_spine(spine: AnySpine) -> tuple[FactSchema, ...]:
    """The fact types that a spine's rows come from."""
    if isinstance(spine, Spine):
        return (spine.fact,)
    views = () if isinstance(spine, GivenRows) else spine.views
    return tuple({fact.name: fact for view in views for fact in view.facts()}.values())


def settled_spine(spine: AnySpine | type[Fact], asked: Sequence[Asked]) -> AnySpine:
    """The spine with all that can be left out of it: a fact type asks at its events, periods go by the asked views."""
    if isinstance(spine, type):
        return Spine(fact=spine.schema)
    return spine.of(asked) if isinstance(spine, EveryPeriod) else spine
