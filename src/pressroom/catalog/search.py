"""Search: find features by what is written about them, by entity and by label. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pressroom.catalog.lifecycle import Stage
from pressroom.values import FieldType, Instant, parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCard:
    """What somebody who looks for a feature wants to know about one.

    `doc` says what it is, `about` what its view is for. `freshness_s` and `availability` are promised (None: nothing
    is); `age_s` is observed: how long ago the newest fact behind it became known (None: there is none). `used_by` are
    the owners of what uses it, `uses` the training sets and endpoints.
    """

    view: str
    feature: str
    entity: str
    type: FieldType
    unit: str
    doc: str
    about: str
    facts: tuple[str, ...]
    labels: tuple[str, ...]
    owner: str
    stage: Stage
    intent: str
    freshness_s: float | None
    availability: float | None
    age_s: float | None
    used_by: tuple[str, ...]
    uses: tuple[str, ...]
    last_used: Instant | None

    def name(self) -> str:
        """As a model's input is called."""
        return f"{self.view}.{self.feature}"

    def fresh(self) -> bool | None:
        """Whether the promised freshness is kept now; None where none is promised."""
        if self.freshness_s is None:
            return None
        return self.age_s is not None and self.age_s <= self.freshness_s


def search(
    cards: Iterable[FeatureCard], *, words: Sequence[str] = (), entity: str = "", label: str = ""
) -> list[FeatureCard]:
    """The cards on which every word stands somewhere (in names, what is written, unit or facts; capitals or not), of
    an entity (alone or with others) and with a label, in their order. What is not asked for is let through.
    """
    wanted = [part.casefold() for word in words for part in word.split()]
    return [
        card
        for card in cards
        if entity in ("", card.entity, *parts_of(card.entity))
        and (not label or label in card.labels)
        and _says(card, wanted)
    ]


def _says(card: FeatureCard, words: Sequence[str]) -> bool:
    parts = (card.name(), card.doc, card.about, card.intent, card.unit, *card.facts)
    text = "\n".join(parts).casefold()
    return all(word in text for word in words)
