"""The layout of an answer in buckets: what is dealt by which key, and what is answered with it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pressroom.facts import Label
from pressroom.features.asked_column import AskedColumn, at_ends, columns_asked, facts_needed
from pressroom.features.question import Question
from pressroom.values import Digest, FactSchema, Instant, digest_document, parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """A fact type dealt by the keys `by`: each row is in the bucket of each of them."""

    fact: FactSchema
    columns: tuple[str, ...]
    by: tuple[str, ...]

    def name(self) -> str:
        """Its folder."""
        return f"facts/{self.fact.name}.{'-'.join(self.by)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All that is asked by one key of the rows: features, or a label as known at an instant."""

    key: str
    asked: tuple[AskedColumn, ...]
    label: Label | None
    known_at: Instant
    facts: tuple[Dealt, ...]

    def name(self) -> str:
        """Its folder."""
        return f"{'label' if self.label is not None else 'features'}.{self.key}"

    def width(self) -> int:
        """How many columns come out."""
        return max(len(self.asked), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAsked:
    """A label, the key by which it looks, and as of when it is known."""

    label: Label
    key: str
    known_at: Instant


def groups_of(question: Question, label: LabelAsked | None) -> tuple[Group, ...]:
    """The groups of a question, one for each key of the rows that a feature or the label goes by. The ends of links are
    keys of the rows.
    """
    by_key: dict[str, list[AskedColumn]] = defaultdict(list)
    for column in at_ends(columns_asked(question)):
        by_key[column.key].append(column)
    asked = [(key, _facts_of(columns)) for key, columns in by_key.items()]
    if label is not None:
        columns = ("event", "known", *parts_of(label.key), label.label.field)
        asked.append(("", [Dealt(fact=label.label.fact, columns=columns, by=(label.key,))]))
    shared = _together(dealt for _, facts in asked for dealt in facts)
    groups = [
        Group(
            key=key or (label.key if label else ""),
            asked=tuple(by_key[key]) if key else (),
            label=label.label if label and not key else None,
            known_at=label.known_at if label else 0,
            facts=tuple(shared[dealt.fact.name, dealt.by] for dealt in facts),
        )
        for key, facts in asked
    ]
    return tuple(groups)


def identity_of(groups: Sequence[Group], *, rows: Digest, known_at: Instant) -> Digest:
    """What work in a scratch is for: the same again goes on with it."""
    return digest_document(("buckets/1", [(g.name(), g.asked, g.label, g.known_at) for g in groups], rows, known_at))


def _facts_of(asked: Sequence[AskedColumn]) -> list[Dealt]:
    by: dict[str, set[str]] = defaultdict(set)
    for column in asked:
        by[column.aggregate.fact.name].add(column.aggregate.by or "")
    return [
        Dealt(fact=fact, columns=tuple(columns), by=tuple(sorted(by[name])))
        for name, (fact, columns) in facts_needed(asked).items()
    ]


def _together(dealt: Iterable[Dealt]) -> dict[tuple[str, tuple[str, ...]], Dealt]:
    """What is dealt by the same keys is dealt once, with the columns of all who need it."""
    found: dict[tuple[str, tuple[str, ...]], Dealt] = {}
    for one in dealt:
        before = found.get((one.fact.name, one.by))
        columns = one.columns if before is None else tuple(dict.fromkeys((*before.columns, *one.columns)))
        found[one.fact.name, one.by] = Dealt(fact=one.fact, columns=columns, by=one.by)
    return found
