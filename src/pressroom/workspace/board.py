"""The board: what costs most, and what was spent for nothing, with the names of those who can change it."""

from collections.abc import Iterable
from dataclasses import dataclass

from pressroom.costs import BookOf, Charge, Entry, statement
from pressroom.workspace.feature_costs import FeatureCost


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A flow on the board: whose it is, what it cost, and what of that was waste, by kind."""

    flow: str
    owners: tuple[str, ...]
    usd: float
    waste_usd: float
    repeated_usd: float
    lost_usd: float
    preempted_usd: float
    saved_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Features that nobody reads, the most expensive first; then flows by cost, and flows by waste; all features."""

    unread: tuple[FeatureCost, ...]
    by_cost: tuple[Place, ...]
    by_waste: tuple[Place, ...]
    features: tuple[FeatureCost, ...]


def board(charges: Iterable[Charge], book_of: BookOf, features: Iterable[FeatureCost]) -> Board:
    """Rank. Flows of equal cost stand in the order of their names."""
    known = tuple(charges)
    owners: dict[str, set[str]] = {}
    for charge in known:
        owners.setdefault(charge.of("flow"), set()).update({charge.team} - {""})
    entries = statement(known, book_of, by="flow").entries
    places = [_place(entry, tuple(sorted(owners[entry.name]))) for entry in entries]
    costs = tuple(features)
    return Board(
        unread=tuple(each for each in costs if not each.readers),
        by_cost=tuple(sorted(places, key=lambda place: (-place.usd, place.flow))),
        by_waste=tuple(
            sorted((place for place in places if place.waste_usd > 0), key=lambda p: (-p.waste_usd, p.flow))
        ),
        features=costs,
    )


def _place(entry: Entry, owners: tuple[str, ...]) -> Place:
    return Place(
        flow=entry.name,
        owners=owners,
        usd=entry.usd,
        waste_usd=entry.waste_usd(),
        repeated_usd=entry.of("repeated"),
        lost_usd=entry.of("lost"),
        preempted_usd=entry.of("preempted"),
        saved_usd=entry.of("cached"),
    )
