"""Offline answers: a question for many rows at once, each as of its own instant."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import pyarrow as pa

from pressroom.facts import Aggregate, Condition, satisfying
from pressroom.features.formulas.columns import work_out_columns
from pressroom.features.formulas.formula import AS_OF
from pressroom.features.formulas.program import Program
from pressroom.features.group import Group
from pressroom.features.kernel.timeline import integers
from pressroom.features.question import Question
from pressroom.values import FactSchema

ReadFact = Callable[[FactSchema, Sequence[str]], pa.Table]
"""Gives a fact type's rows with `event`, `known`, `seq` and the asked columns, in any order; and with `until`, the
instant from which on a fact is known to be wrong, if any is."""


def answer(question: Question, spine: pa.Table, read: ReadFact) -> pa.Table:
    """One row out for each row of `spine`, in its order, with the question's inputs as columns.

    `spine` has `as_of` (an instant; only facts known by then are seen), the question's key columns and its request
    fields. A null key has null features; a key that no fact names has counts of 0 and nulls.
    """
    groups: dict[tuple[str, str, str, tuple[Condition, ...]], list[tuple[str, Aggregate]]] = defaultdict(list)
    for name, key, asked in question.aggregates():
        groups[asked.fact.name, asked.by or "", key, asked.where].append((name, asked))
    tables = _read_once(question, read)
    as_of = integers(spine.column("as_of"))
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for (fact, by, key, where), members in groups.items():
        group = Group(satisfying(tables[fact], where), by, spine.column(key), as_of)
        columns.update((name, group.answer(aggregate)) for name, aggregate in members)
        # What a group has sorted and searched is most of the memory: it goes before the next is made.
        del group
    for field in question.brought():
        columns[field.name] = spine.column(field.name)
    if formulas := question.formulas():
        given = {**columns, AS_OF: spine.column("as_of")}
        columns.update(work_out_columns(Program(formulas), given, spine.num_rows))
    return pa.table({field.name: columns[field.name] for field in question.inputs()})


def _read_once(question: Question, read: ReadFact) -> dict[str, pa.Table]:
    needed: dict[str, dict[str, None]] = defaultdict(dict)
    for _, _, aggregate in question.aggregates():
        needed[aggregate.fact.name].update(dict.fromkeys(aggregate.columns()))
    return {fact.name: read(fact, ["event", "known", *needed[fact.name]]) for fact in question.facts()}
