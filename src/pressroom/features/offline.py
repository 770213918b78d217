"""Offline answers: a question for many rows at once, each as of its own instant."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from pressroom.facts import Aggregate, Condition, key_column, satisfying
from pressroom.features.group import Group
from pressroom.features.kernel.timeline import integers
from pressroom.features.link import Link
from pressroom.features.question import Question
from pressroom.values import FactSchema

ReadFact = Callable[[FactSchema, Sequence[str]], pa.Table]
"""Gives a fact type's rows with `event`, `known`, `seq` and the asked columns, in any order; and with `until`, the
instant from which on a fact is known to be wrong, if any is."""
_Whom = tuple[str, tuple[Link, ...]]
"""A key of the asking rows, and the links from there."""


def answer(question: Question, spine: pa.Table, read: ReadFact) -> pa.Table:
    """One row out for each row of `spine`, in its order, with the question's inputs as columns.

    `spine` has `as_of` (an instant; only facts known by then are seen), the question's key columns and its request
    fields. A null key has null features; a key that no fact names has counts of 0 and nulls.
    """
    groups: dict[tuple[str, str, _Whom, tuple[Condition, ...]], list[tuple[str, Aggregate]]] = defaultdict(list)
    for bound in question.views:
        for feature, result in zip(bound.view.features, bound.results(), strict=True):
            asked = feature.aggregate
            groups[asked.fact.name, asked.by or "", (bound.key, bound.path()), asked.where].append((result.name, asked))
    tables = _read_once(question, read)
    as_of = integers(spine.column("as_of"))
    named: dict[_Whom, pa.ChunkedArray] = {}
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for (fact, by, whom, where), members in groups.items():
        group = Group(satisfying(tables[fact], where), by, _names(whom, spine, tables, named), as_of)
        columns.update((name, group.answer(aggregate)) for name, aggregate in members)
        # What a group has sorted and searched is most of the memory: it goes before the next is made.
        del group
    for field in question.request:
        columns[field.name] = spine.column(field.name)
    return pa.table({field.name: columns[field.name] for field in question.inputs()})


def _names(
    whom: _Whom, spine: pa.Table, tables: Mapping[str, pa.Table], named: dict[_Whom, pa.ChunkedArray]
) -> pa.ChunkedArray:
    """Whom each row asks about: the key that it has, or the one to which links lead from there. Worked out once."""
    if whom not in named:
        key, links = whom
        if links:
            link, before = links[-1], _names((key, links[:-1]), spine, tables, named)
            group = Group(tables[link.fact.name], link.by, before, integers(spine.column("as_of")))
            parts = {name: group.answer(aggregate) for name, aggregate in link.lookups()}
            named[whom] = key_column(pa.table(parts), link.fields)
        else:
            named[whom] = key_column(spine, key)
    return named[whom]


def _read_once(question: Question, read: ReadFact) -> dict[str, pa.Table]:
    needed: dict[str, dict[str, None]] = defaultdict(dict)
    for view in question.kept():
        for feature in view.features:
            needed[feature.aggregate.fact.name].update(dict.fromkeys(feature.aggregate.columns()))
    return {fact.name: read(fact, ["event", "known", *needed[fact.name]]) for fact in question.facts()}
