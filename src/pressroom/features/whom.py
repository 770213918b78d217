"""Whom rows ask about: the key that they have, or whom links lead to from there."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import pyarrow as pa

from pressroom.facts import key_column
from pressroom.features.asked_column import AskedColumn
from pressroom.features.bound import Whom
from pressroom.features.group import Group
from pressroom.features.kernel.timeline import integers
from pressroom.features.link import Link
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


def with_ends(asked: Iterable[AskedColumn], rows: pa.Table, read: ReadFact) -> pa.Table:
    """The rows, and a column for each end of links, under the name that `AskedColumn.end` gives it. The facts that
    links are made of are read whole.
    """
    linked = [column for column in asked if column.whom()[1]]
    tables = _read_links([link for column in linked for link in column.whom()[1]], read)
    named: dict[Whom, pa.ChunkedArray] = {}
    for column in linked:
        if column.end() not in rows.column_names:
            rows = rows.append_column(column.end(), whom_asked(column.whom(), rows, tables, named))
    return rows


def _read_links(links: Sequence[Link], read: ReadFact) -> dict[str, pa.Table]:
    needed: dict[str, dict[str, None]] = {link.fact.name: {} for link in links}
    for link in links:
        for _, aggregate in link.lookups():
            needed[link.fact.name].update(dict.fromkeys(aggregate.columns()))
    facts = {link.fact.name: link.fact for link in links}
    return {name: read(facts[name], ["event", "known", *columns]) for name, columns in needed.items()}
