"""Which questions a check of a view asks: entities of the data, at instants where answers are apt to go wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import UNTIL, with_key
from pressroom.features.view import View
from pressroom.values import Instant

Ints = npt.NDArray[np.int64]
_A_SPREAD_ONE_EVERY = 4
_INSTANTS_EACH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question: an entity, and as of when."""

    entity: str
    as_of: Instant


def questions_to_check(view: View, tables: Mapping[str, pa.Table], *, samples: int, seed: int) -> list[Asking]:
    """`samples` questions about the facts in `tables` (by the fact's name), the same ones for the same seed.

    Half of the entities are those of evenly spread facts, half are any. Of four instants one is spread over the whole
    time of the data; the others sit at or one microsecond beside an edge: the instant when some fact of the entity
    happened, was known, leaves a window or time to live, or turned out wrong. None for a view that has no facts.
    """
    draw = Random(seed)
    sources = [source for source in _sources(view, tables) if len(source.keys)]
    if not sources:
        return []
    names = pa.chunked_array([source.keys for source in sources])
    entities = _entities(names, wanted=max(1, samples // _INSTANTS_EACH), draw=draw)
    places = [source.places(entities) for source in sources]
    low, high = min(source.low() for source in sources), max(source.high() for source in sources)
    edges = _edges(view, wrong=any(UNTIL in table.column_names for table in tables.values()))
    asked: list[Asking] = []
    for number in range(samples):
        # One further in each round, so that an entity meets every kind of instant.
        entity = entities[(number + number // len(entities)) % len(entities)]
        if number % _A_SPREAD_ONE_EVERY == 0:
            as_of = low + int((high - low + 1) * (number + draw.random()) / samples)
        else:
            edge = edges[(number - number // _A_SPREAD_ONE_EVERY - 1) % len(edges)]
            as_of = _beside_a_fact(entity, edge, sources, places, draw)
        asked.append(Asking(entity=entity, as_of=as_of))
    return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """An instant beside a fact: `after_us` after it happened, was known, or turned out wrong."""

    moment: Literal["event", "known", "until"]
    after_us: int
    hop_us: int = 1
    """Counted from the end of the hop that the moment is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """The facts of one type by one key: whom they are about, when they happened and were known."""

    keys: pa.Array
    event: Ints
    known: Ints
    until: Ints
    """When a fact is known to be wrong; of one that is right, when it happened."""

    def low(self) -> Instant:
        return int(min(self.event.min(), self.known.min()))

    def high(self) -> Instant:
        return int(max(self.event.max(), self.known.max()))

    def places(self, entities: Sequence[str]) -> dict[str, Ints]:
        """Where the facts about each entity are."""
        codes = pc.index_in(self.keys, value_set=pa.array(entities, pa.string())).fill_null(-1).to_numpy()
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(entities) + 1))
        return {entity: order[bounds[k] : bounds[k + 1]] for k, entity in enumerate(entities)}


def _sources(view: View, tables: Mapping[str, pa.Table]) -> list[_Source]:
    found: list[_Source] = []
    for fact, by in dict.fromkeys((f.aggregate.fact.name, f.aggregate.by or "") for f in view.features):
        table = with_key(tables[fact], by)
        table = table.filter(pc.is_valid(table.column(by)))
        event, known = (table.column(name).cast(pa.int64()).to_numpy() for name in ("event", "known"))
        until = event
        if UNTIL in table.column_names:
            until = pc.coalesce(table.column(UNTIL), table.column("event")).cast(pa.int64()).to_numpy()
        found.append(_Source(keys=table.column(by).combine_chunks(), event=event, known=known, until=until))
    return found


def _entities(names: pa.ChunkedArray, *, wanted: int, draw: Random) -> list[str]:
    """Some entities, sorted."""
    every = pc.unique(names).sort().to_pylist()
    if len(every) <= wanted:
        return every
    step = len(names) / (wanted / 2)
    busy = {names[int(step * (k + draw.random()))].as_py() for k in range(wanted // 2)}
    rest = [name for name in every if name not in busy]
    chosen = {rest[int(len(rest) * (k + draw.random()) / (wanted - len(busy)))] for k in range(wanted - len(busy))}
    return sorted(busy | chosen)


def _edges(view: View, *, wrong: bool) -> list[_Edge]:
    lengths = {f.aggregate.window_us or f.aggregate.ttl_us for f in view.features if not f.aggregate.hop_us()}
    hops = {(f.aggregate.window_us or 0, hop_us) for f in view.features if (hop_us := f.aggregate.hop_us())}
    after = [0, *sorted(length for length in lengths if length)]
    edges = [_Edge(moment="event", after_us=length + beside) for length in after for beside in (0, -1, 1)]
    for window_us, hop_us in sorted(hops):
        edges += [_Edge(moment="event", after_us=window_us + beside, hop_us=hop_us) for beside in (-1, 0, 1)]
    others = ("known", "until") if wrong else ("known",)
    return [*(_Edge(moment=moment, after_us=beside) for moment in others for beside in (0, -1, 1)), *edges]


def _beside_a_fact(
    entity: str, edge: _Edge, sources: Sequence[_Source], places: Sequence[Mapping[str, Ints]], draw: Random
) -> Instant:
    """The edge of some fact about the entity."""
    choice = [(source, mine[entity]) for source, mine in zip(sources, places, strict=True) if len(mine[entity])]
    source, rows = choice[int(len(choice) * draw.random())]
    row = rows[int(len(rows) * draw.random())]
    moments = {"event": source.event, "known": source.known, "until": source.until}
    moment = int(moments[edge.moment][row])
    if edge.hop_us > 1:
        moment += edge.hop_us - moment % edge.hop_us
    return moment + edge.after_us
