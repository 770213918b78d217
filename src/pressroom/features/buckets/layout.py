"""The layout of an answer in buckets: what is dealt by which key, and what is answered with it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from msgspec import UNSET

from pressroom.facts import Label
from pressroom.features.bound import BoundFeatures
from pressroom.features.derive import hidden_prefix
from pressroom.features.offline import columns_needed
from pressroom.features.question import HiddenFeatures, Question
from pressroom.values import Digest, FactSchema, Instant, digest_document


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
    """All that is asked by one key of the rows: features of views, or a label as known at an instant."""

    key: str
    views: tuple[BoundFeatures, ...]
    label: Label | None
    known_at: Instant
    facts: tuple[Dealt, ...]

    def name(self) -> str:
        """Its folder."""
        return f"{'label' if self.label is not None else 'features'}.{self.key}"

    def question(self) -> Question:
        """What is asked of the features."""
        return Question(keys=(), views=self.views, request=())

    def width(self) -> int:
        """How many columns come out."""
        return 1 if self.label is not None else len(self.question().inputs())


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAsked:
    """A label, the key by which it looks, and as of when it is known."""

    label: Label
    key: str
    known_at: Instant


def groups_of(question: Question, label: LabelAsked | None) -> tuple[Group, ...]:
    """The groups of a question, one for each key of the rows that a view or the label goes by."""
    by_key: dict[str, list[BoundFeatures]] = defaultdict(list)
    for bound in (*question.views, *map(_hidden, question.hidden())):
        by_key[bound.key].append(bound)
    asked = [(key, _facts_of(views)) for key, views in by_key.items()]
    if label is not None:
        columns = ("event", "known", label.key, label.label.field)
        asked.append(("", [Dealt(fact=label.label.fact, columns=columns, by=(label.key,))]))
    shared = _together(dealt for _, facts in asked for dealt in facts)
    groups = [
        Group(
            key=key or (label.key if label else ""),
            views=tuple(by_key[key]) if key else (),
            label=label.label if label and not key else None,
            known_at=label.known_at if label else 0,
            facts=tuple(shared[dealt.fact.name, dealt.by] for dealt in facts),
        )
        for key, facts in asked
    ]
    return tuple(groups)


def _hidden(hidden: HiddenFeatures) -> BoundFeatures:
    """What is worked out for derived features alone, as a view of its own."""
    view = hidden.bound.view
    features = tuple(feature for feature in view.features if feature.name in hidden.features)
    return replace(
        hidden.bound, view=replace(view, features=features, derived=UNSET), alias=hidden_prefix(hidden.bound)
    )


def identity_of(groups: Sequence[Group], *, rows: Digest, known_at: Instant) -> Digest:
    """What work in a scratch is for: the same again goes on with it."""
    return digest_document(("buckets/1", [(g.name(), g.views, g.label, g.known_at) for g in groups], rows, known_at))


def _facts_of(views: Sequence[BoundFeatures]) -> list[Dealt]:
    question = Question(keys=(), views=tuple(views), request=())
    columns = columns_needed(question)
    by: dict[str, dict[str, None]] = defaultdict(dict)
    for bound in views:
        for feature in bound.view.features:
            by[feature.aggregate.fact.name][feature.aggregate.by or ""] = None
    return [
        Dealt(fact=fact, columns=tuple(columns[fact.name]), by=tuple(sorted(by[fact.name])))
        for fact in question.facts()
    ]


def _together(dealt: Iterable[Dealt]) -> dict[tuple[str, tuple[str, ...]], Dealt]:
    """What is dealt by the same keys is dealt once, with the columns of all who need it."""
    found: dict[tuple[str, tuple[str, ...]], Dealt] = {}
    for one in dealt:
        before = found.get((one.fact.name, one.by))
        columns = one.columns if before is None else tuple(dict.fromkeys((*before.columns, *one.columns)))
        found[one.fact.name, one.by] = Dealt(fact=one.fact, columns=columns, by=one.by)
    return found
