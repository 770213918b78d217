"""Offline answers: a question for many rows at once, each as of its own instant."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa

from pressroom.facts import Condition, satisfying
from pressroom.features.asked_column import AskedColumn, columns_asked, facts_needed
from pressroom.features.bound import Whom
from pressroom.features.formulas.columns import work_out_columns
from pressroom.features.formulas.formula import AS_OF
from pressroom.features.formulas.program import Program
from pressroom.features.group import Group
from pressroom.features.kernel.timeline import integers
from pressroom.features.question import Question
from pressroom.features.whom import ReadFact, whom_asked


def answer(question: Question, spine: pa.Table, read: ReadFact) -> pa.Table:
    """One row out for each row of `spine`, in its order, with the question's inputs as columns.

    `spine` has `as_of` (an instant; only facts known by then are seen), the question's key columns and its request
    fields. A null key has null features; a key that no fact names has counts of 0 and nulls.
    """
    return inputs_of(question, answer_columns(columns_asked(question), spine, read), spine)


def answer_columns(
    asked: Sequence[AskedColumn], spine: pa.Table, read: ReadFact
) -> dict[str, pa.Array | pa.ChunkedArray]:
    """The asked columns, each with one value for each row of `spine`."""
    groups: dict[tuple[str, str, Whom, tuple[Condition, ...]], list[AskedColumn]] = defaultdict(list)
    for column in asked:
        aggregate = column.aggregate
        groups[aggregate.fact.name, aggregate.by or "", column.whom(), aggregate.where].append(column)
    tables = {name: read(fact, columns) for name, (fact, columns) in facts_needed(asked).items()}
    as_of = integers(spine.column("as_of"))
    named: dict[Whom, pa.ChunkedArray] = {}
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for (fact, by, whom, where), members in groups.items():
        group = Group(satisfying(tables[fact], where), by, whom_asked(whom, spine, tables, named), as_of)
        columns.update((column.name, group.answer(column.aggregate)) for column in members)
        # What a group has sorted and searched is most of the memory: it goes before the next is made.
        del group
    return columns


def inputs_of(question: Question, columns: Mapping[str, pa.Array | pa.ChunkedArray], spine: pa.Table) -> pa.Table:
    """The question's inputs in their order: columns that were answered, what rows of the spine bring along, and what is
    derived from both.
    """
    known = {**columns, **{field.name: spine.column(field.name) for field in question.brought()}}
    formulas = {name: formula for name, formula in question.formulas().items() if name not in known}
    if formulas:
        given = {**known, AS_OF: spine.column("as_of")}
        known.update(work_out_columns(Program(formulas), given, spine.num_rows))
    return pa.table({field.name: known[field.name] for field in question.inputs()})
