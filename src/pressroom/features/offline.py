"""Offline answers: a question for many rows at once, each as of its own instant."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pressroom.facts import Aggregate, Condition, satisfying
from pressroom.features.group import Group
from pressroom.features.kernel.timeline import integers
from pressroom.features.question import Question
from pressroom.values import FactSchema

ReadFact = Callable[[FactSchema, Sequence[str]], pa.Table]
"""Gives a fact type's rows with `event`, `known`, `seq` and the asked columns, in any order; and with `until`, the
instant from which on a fact is known to be wrong, if any is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedColumn:
    """A column of an answer: its name, the key column of the rows that it goes by, and what is asked of the facts."""

    name: str
    key: str
    aggregate: Aggregate


def answer(question: Question, spine: pa.Table, read: ReadFact) -> pa.Table:
    """One row out for each row of `spine`, in its order, with the question's inputs as columns.

    `spine` has `as_of` (an instant; only facts known by then are seen), the question's key columns and its request
    fields. A null key has null features; a key that no fact names has counts of 0 and nulls.
    """
    return inputs_of(question, answer_columns(columns_asked(question), spine, read), spine)


def columns_asked(question: Question) -> list[AskedColumn]:
    """What a question asks of the facts, column by column."""
    return [
        AskedColumn(name=result.name, key=bound.key, aggregate=feature.aggregate)
        for bound in question.views
        for feature, result in zip(bound.view.features, bound.view.results(), strict=True)
    ]


def answer_columns(
    asked: Sequence[AskedColumn], spine: pa.Table, read: ReadFact
) -> dict[str, pa.Array | pa.ChunkedArray]:
    """The asked columns, each with one value for each row of `spine`."""
    groups: dict[tuple[str, str, str, tuple[Condition, ...]], list[AskedColumn]] = defaultdict(list)
    for column in asked:
        aggregate = column.aggregate
        groups[aggregate.fact.name, aggregate.by or "", column.key, aggregate.where].append(column)
    needed = columns_needed(asked)
    facts = {column.aggregate.fact.name: column.aggregate.fact for column in asked}
    tables = {name: read(fact, needed[name]) for name, fact in facts.items()}
    as_of = integers(spine.column("as_of"))
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for (fact, by, key, where), members in groups.items():
        group = Group(satisfying(tables[fact], where), by, spine.column(key), as_of)
        columns.update((column.name, group.answer(column.aggregate)) for column in members)
        # What a group has sorted and searched is most of the memory: it goes before the next is made.
        del group
    return columns


def inputs_of(question: Question, columns: Mapping[str, pa.Array | pa.ChunkedArray], spine: pa.Table) -> pa.Table:
    """The question's inputs in their order: columns that were answered, and what rows of the spine bring along."""
    brought = {field.name: spine.column(field.name) for field in question.request}
    return pa.table({field.name: {**columns, **brought}[field.name] for field in question.inputs()})


def columns_needed(asked: Sequence[AskedColumn]) -> dict[str, list[str]]:
    """The columns that answers are made from, by fact."""
    needed: dict[str, dict[str, None]] = defaultdict(dict)
    for column in asked:
        needed[column.aggregate.fact.name].update(dict.fromkeys(column.aggregate.columns()))
    return {fact: ["event", "known", *columns] for fact, columns in needed.items()}
