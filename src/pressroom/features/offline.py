"""Offline answers: a question for many rows at once, each as of its own instant."""

from collections import defaultdict
from collections.abc import Mapping

import pyarrow as pa

from pressroom.facts import Aggregate, Condition, satisfying
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
    groups: dict[tuple[str, str, Whom, tuple[Condition, ...]], list[tuple[str, Aggregate]]] = defaultdict(list)
    for name, whom, asked in question.aggregates():
        groups[asked.fact.name, asked.by or "", whom, asked.where].append((name, asked))
    tables = _read_once(question, read)
    as_of = integers(spine.column("as_of"))
    named: dict[Whom, pa.ChunkedArray] = {}
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for (fact, by, whom, where), members in groups.items():
        group = Group(satisfying(tables[fact], where), by, whom_asked(whom, spine, tables, named), as_of)
        columns.update((name, group.answer(aggregate)) for name, aggregate in members)
        # What a group has sorted and searched is most of the memory: it goes before the next is made.
        del group
    return inputs_of(question, columns, spine)


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


def columns_needed(question: Question) -> dict[str, list[str]]:
    """The columns that answers are made from, by fact."""
    needed: dict[str, dict[str, None]] = defaultdict(dict)
    links = [aggregate for bound in question.bound() for link in bound.path() for _, aggregate in link.lookups()]
    for aggregate in (*(aggregate for _, _, aggregate in question.aggregates()), *links):
        needed[aggregate.fact.name].update(dict.fromkeys(aggregate.columns()))
    return {fact: ["event", "known", *columns] for fact, columns in needed.items()}


def _read_once(question: Question, read: ReadFact) -> dict[str, pa.Table]:
    needed = columns_needed(question)
    return {fact.name: read(fact, needed[fact.name]) for fact in question.facts()}
