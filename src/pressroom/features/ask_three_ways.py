"""Asking a view three ways: offline with the kernel, online from packed rows, and of oracles in plain Python."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import INSTANT, UNTIL, with_key
from pressroom.features.arriving import Arriving
from pressroom.features.bound import BoundFeatures
from pressroom.features.offline import answer
from pressroom.features.online import OnlineAnswers
from pressroom.features.oracle import Oracle, Told
from pressroom.features.oracle_kinds import Value
from pressroom.features.question import Question
from pressroom.features.questions_to_check import Asking
from pressroom.features.stream import position_key, streams_of
from pressroom.features.view import View
from pressroom.ports import Keys
from pressroom.values import FieldSchema, compose_names, parts_of, values_in

_ENTITY = "entity"
Tables = Mapping[str, pa.Table]
"""Fact tables by the fact's name: `event`, `known`, `seq`, the columns that the view reads, and perhaps `until`."""
Answers = list[list[Value]]
"""One row a question, one value a feature."""


def _question(view: View) -> Question:
    keys = [
        FieldSchema(name=f"{_ENTITY}{place}", type="string", entity=entity)
        for place, entity in enumerate(parts_of(view.entity))
    ]
    key = compose_names(field.name for field in keys)
    return Question(keys=tuple(keys), views=(BoundFeatures(view=view, key=key),), request=())


def _row(question: Question, entity: str) -> dict[str, str]:
    """What is asked about an entity, by the names of the question's keys."""
    return dict(zip((key.name for key in question.keys), values_in(entity, len(question.keys)), strict=True))


def ask_offline(view: View, tables: Tables, asked: Sequence[Asking]) -> Answers:
    """What a training set would get."""
    question = _question(view)
    rows = [_row(question, asking.entity) for asking in asked]
    spine = pa.table(
        {
            "as_of": pa.array([asking.as_of for asking in asked], pa.int64()).cast(INSTANT),
            **{key.name: pa.array([row[key.name] for row in rows], pa.string()) for key in question.keys},
        }
    )
    table = answer(question, spine, lambda fact, _: tables[fact.name])
    columns = [_plain(column).to_pylist() for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def ask_online(view: View, tables: Tables, asked: Sequence[Asking], scratch: Keys) -> Answers:
    """What an endpoint would have got at each instant, from rows packed out of what was known by then."""
    streams, question = streams_of(view), _question(view)
    scratch.put_many({position_key(view): b"0"})
    answers = OnlineAnswers(question, scratch)
    names = [field.name for field in question.inputs()]
    entities = {asking.entity for asking in asked}
    arriving: dict[str, list[Arriving]] = {entity: [] for entity in entities}
    for stream in streams:
        for entity, facts in _by_entity(tables[stream.fact.name], stream.by, entities).items():
            arriving[entity].append(Arriving(stream, entity, facts))
    found: Answers = [[] for _ in asked]
    for number in sorted(range(len(asked)), key=lambda place: asked[place].as_of):
        asking = asked[number]
        for facts in arriving[asking.entity]:
            facts.arrive(asking.as_of, scratch)
        (answered,) = answers.answer([_row(question, asking.entity)], [asking.as_of])
        found[number] = [answered.values[name] for name in names]
    return found


def oracles_of(view: View, tables: Tables, entities: Sequence[str]) -> dict[str, list[Oracle]]:
    """An oracle for each feature of each entity."""
    told: dict[tuple[str, str], dict[str, Told]] = {}
    for feature in view.features:
        fact, by = feature.aggregate.fact.name, feature.aggregate.by or ""
        if (fact, by) not in told:
            parts = _by_entity(tables[fact], by, set(entities))
            told[fact, by] = {entity: _told(part) for entity, part in parts.items()}
    nothing = Told(event=(), known=(), seq=(), until=(), values={})
    return {
        entity: [
            Oracle(aggregate, told[aggregate.fact.name, aggregate.by or ""].get(entity, nothing))
            for aggregate in (feature.aggregate for feature in view.features)
        ]
        for entity in entities
    }


def _by_entity(table: pa.Table, by: str, entities: set[str]) -> dict[str, pa.Table]:
    """The facts about each of some entities, in the order of `seq`. Only theirs are ever sorted or looped over."""
    table = with_key(table, by)
    wanted = table.filter(pc.is_in(table.column(by), value_set=pa.array(sorted(entities), pa.string())))
    wanted = wanted.sort_by([(by, "ascending"), ("seq", "ascending")]).combine_chunks()
    if not wanted.num_rows:
        return {}
    runs = pc.run_end_encode(wanted.column(by).combine_chunks())
    ends = runs.run_ends.to_pylist()
    starts = [0, *ends[:-1]]
    return {
        entity: wanted.slice(start, end - start)
        for entity, start, end in zip(runs.values.to_pylist(), starts, ends, strict=True)
    }


def _told(facts: pa.Table) -> Told:
    columns = {name: _plain(facts.column(name)).to_pylist() for name in facts.column_names}
    return Told(
        event=columns["event"],
        known=columns["known"],
        seq=columns["seq"],
        until=columns.get(UNTIL, [None] * facts.num_rows),
        values=columns,
    ).in_order()
