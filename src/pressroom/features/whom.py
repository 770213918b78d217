"""Whom rows ask about: the key that they have, or whom links lead to from there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
from msgspec import UNSET

from pressroom.facts import key_column
from pressroom.features.bound import BoundFeatures, Whom
from pressroom.features.group import Group
from pressroom.features.kernel.timeline import integers
from pressroom.features.question import Question
from pressroom.values import FactSchema

ReadFact = Callable[[FactSchema, Sequence[str]], pa.Table]
"""Gives a fact type's rows with `event`, `known`, `seq` and the asked columns, in any order; and with `until`, the
instant from which on a fact is known to be wrong, if any is."""


def whom_asked(
    whom: Whom, spine: pa.Table, tables: Mapping[str, pa.Table], named: dict[Whom, pa.ChunkedArray]
) -> pa.ChunkedArray:
    """Whom each row asks about, from the facts in `tables`. Worked out once: `named` remembers."""
    if whom not in named:
        key, links = whom
        if links:
            link, before = links[-1], whom_asked((key, links[:-1]), spine, tables, named)
            group = Group(tables[link.fact.name], link.by, before, integers(spine.column("as_of")))
            parts = {name: group.answer(aggregate) for name, aggregate in link.lookups()}
            named[whom] = key_column(pa.table(parts), link.fields)
        else:
            named[whom] = key_column(spine, key)
    return named[whom]


def without_links(question: Question) -> Question:
    """The question of rows that have a column for each end of links (`with_ends`), so that none is left to follow."""
    views = tuple(_direct(bound) for bound in question.views)
    if question.derived is UNSET:
        return replace(question, views=views)
    hidden = tuple(replace(each, bound=_direct(each.bound)) for each in question.derived.features)
    return replace(question, views=views, derived=replace(question.derived, features=hidden))


def with_ends(question: Question, rows: pa.Table, read: ReadFact) -> pa.Table:
    """The rows, and a column for each end of the question's links. What links are made of is read whole."""
    bounds = [bound for bound in question.bound() if bound.path()]
    links = {link.fact.name: link for bound in bounds for link in bound.path()}
    needed: dict[str, dict[str, None]] = {name: {} for name in links}
    for bound in bounds:
        for link in bound.path():
            columns = [column for _, aggregate in link.lookups() for column in aggregate.columns()]
            needed[link.fact.name].update(dict.fromkeys(columns))
    tables = {name: read(links[name].fact, ["event", "known", *columns]) for name, columns in needed.items()}
    named: dict[Whom, pa.ChunkedArray] = {}
    for bound in bounds:
        name = _end(bound)
        if name not in rows.column_names:
            rows = rows.append_column(name, whom_asked(bound.whom(), rows, tables, named))
    return rows


def is_end(column: str) -> bool:
    """Whether a column of rows is one that `with_ends` added: no name that people give has its sign."""
    return _SIGN in column


_SIGN = "~"


def _end(bound: BoundFeatures) -> str:
    return _SIGN.join((bound.key, *(link.name() for link in bound.path())))


def _direct(bound: BoundFeatures) -> BoundFeatures:
    if not bound.path():
        return bound
    return BoundFeatures(view=bound.view, key=_end(bound), links=UNSET, alias=bound.name())
