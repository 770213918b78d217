"""Hops: the links of a question online, with all that can be worked out before a request comes."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.features.bound import BoundFeatures, link_as_view
from pressroom.features.online_value import Value
from pressroom.features.part import Part
from pressroom.features.stream import streams_of
from pressroom.values import Instant, compose_key

_THEN = ">"
"""Stands between what a row names and the links from there; no name has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One link, from whom the rows name under `part.key` to whom they name under `leads_to`."""

    part: Part
    leads_to: str
    results: tuple[str, ...]

    def follow(self, packed: bytes | None, as_of: Instant) -> tuple[str | None, float | None]:
        """Whom the link leads to (None: nobody), and how old the fact is in seconds (None: there is none). Raises
        TooOld.
        """
        values: dict[str, Value] = {}
        ages_s: dict[str, float | None] = {}
        self.part.answer(packed, as_of, values, ages_s)
        found = [None if (value := values[name]) is None else str(value) for name in self.results]
        return compose_key(found), ages_s[self.results[0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The way from the asking rows to whom a view's features are about: `hops` in order, each with the name under which
    the age of its fact is told; `whom` is what the rows name at the end.
    """

    hops: tuple[tuple[str, Hop], ...]
    whom: str

    @staticmethod
    def of(bound: BoundFeatures) -> "Walk":
        """Compile the links of a bound view."""
        hops: dict[str, Hop] = {}
        whom = bound.key
        for link in bound.path():
            view = link_as_view(link)
            (stream,) = streams_of(view)
            leads_to = f"{whom}{_THEN}{view.digest()}"
            names = tuple(field.name for field in view.results())
            told = f"{bound.name()}.through.{link.fact.name}.{link.fields}"
            hops[f"{told}.{len(hops) + 1}" if told in hops else told] = Hop(
                part=Part(stream, whom, prefix=view.name), leads_to=leads_to, results=names
            )
            whom = leads_to
        return Walk(hops=tuple(hops.items()), whom=whom)


def in_turns(walks: Sequence[Walk]) -> list[dict[str, Hop]]:
    """The hops of all walks, each once, by what they lead to: first those from what rows name, then from there on."""
    turns: list[dict[str, Hop]] = []
    for walk in walks:
        for turn, (_, hop) in enumerate(walk.hops):
            if turn == len(turns):
                turns.append({})
            turns[turn].setdefault(hop.leads_to, hop)
    return turns
