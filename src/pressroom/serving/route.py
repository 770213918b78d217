"""Routes: which model of an endpoint answers whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pressroom.values import BUCKETS, Digest, InvalidInput, bucket_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The model that answers the units in buckets `low` to `high` (not included), and how the experiment calls it."""

    variant: str
    model: str
    version: str
    digest: Digest
    low: int = 0
    high: int = BUCKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A model by name and the part of all units, 0 to 1, that it shall answer, as which variant."""

    model: str
    share: float = 1.0
    variant: str = ""


def ranges(shares: Sequence[Share]) -> list[tuple[int, int]]:
    """The buckets of each share, in their order.

    Of two shares the first grows upward from bucket 0 and the second gives way from there, so that moving the boundary
    moves nobody but those it passes over. Refuses shares that do not add up to 1.
    """
    if not abs(sum(share.share for share in shares) - 1.0) <= 1e-9 or any(share.share < 0 for share in shares):
        said = ", ".join(f"{share.model} {share.share:.2%}" for share in shares) or "none"
        raise InvalidInput(f"The shares are {said}.", next_step="Give shares of at least 0 that add up to 1.")
    bounds = [0]
    so_far = 0.0
    for share in shares:
        so_far += share.share
        bounds.append(round(so_far * BUCKETS))
    return list(pairwise(bounds))


def choose(routes: Sequence[Route], salt: str, unit: str) -> Route:
    """The route that answers a unit: a pure function of salt and unit."""
    if len(routes) == 1:
        return routes[0]
    bucket = bucket_of(salt, unit)
    return next(route for route in routes if route.low <= bucket < route.high)
