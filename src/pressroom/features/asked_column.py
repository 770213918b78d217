"""Columns of an answer: what is asked of the facts, of whom, and what the column is called."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from msgspec import UNSET, UnsetType

from pressroom.facts import Aggregate
from pressroom.features.bound import Whom
from pressroom.features.link import Link
from pressroom.features.question import Question
from pressroom.values import FactSchema

_SIGN = "~"
"""Stands between a key and the links from there; no name that people give has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedColumn:
    """A column of an answer: its name, the key column of the rows that it goes by, the links from there (unset: none),
    and what is asked of the facts.
    """

    name: str
    key: str
    aggregate: Aggregate
    links: tuple[Link, ...] | UnsetType = UNSET

    def whom(self) -> Whom:
        """The key, and the links from there."""
        return self.key, () if self.links is UNSET else self.links

    def end(self) -> str:
        """The column of the rows that says whom it is asked of, once links were followed."""
        return _SIGN.join((self.key, *(link.name() for link in self.whom()[1])))


def columns_asked(question: Question) -> list[AskedColumn]:
    """What a question asks of the facts, column by column."""
    return [
        AskedColumn(name=name, key=key, aggregate=aggregate, links=links or UNSET)
        for name, (key, links), aggregate in question.aggregates()
    ]


def at_ends(asked: Iterable[AskedColumn]) -> list[AskedColumn]:
    """The same, of rows in which links were followed already."""
    return [replace(column, key=column.end(), links=UNSET) for column in asked]


def is_end(column: str) -> bool:
    """Whether a column of rows is one that links led to."""
    return _SIGN in column


def facts_needed(asked: Iterable[AskedColumn]) -> dict[str, tuple[FactSchema, list[str]]]:
    """The fact types that columns are made from, by name, and what is read of each."""
    facts: dict[str, FactSchema] = {}
    needed: dict[str, dict[str, None]] = defaultdict(dict)
    for column in asked:
        links = [aggregate for link in column.whom()[1] for _, aggregate in link.lookups()]
        for aggregate in (column.aggregate, *links):
            facts.setdefault(aggregate.fact.name, aggregate.fact)
            needed[aggregate.fact.name].update(dict.fromkeys(aggregate.columns()))
    return {name: (fact, ["event", "known", *needed[name]]) for name, fact in facts.items()}
