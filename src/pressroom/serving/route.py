"""Routes: which model of an endpoint answers whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pressroom.values import BUCKETS, Digest, FieldSchema, InvalidInput, bucket_of

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A rule on a field of the request: it is one of these values."""

    field: str
    among: tuple[Scalar, ...]

    def holds(self, row: Mapping[str, object]) -> bool:
        """Whether a row is meant."""
        return row.get(self.field) in self.among


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The model that answers the units in buckets `low` to `high` (not included), and how the experiment calls it.

    With `when`, it answers the rows that the rule means instead, before any share is looked at. A `shadow` answers
    nobody: what it would have answered is written down.
    """

    variant: str
    model: str
    version: str
    digest: Digest
    low: int = 0
    high: int = BUCKETS
    when: When | None = None
    shadow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A model by name and the part of all units, 0 to 1, that it shall answer, as which variant; or the rows that a
    rule means; or nobody, as a shadow. The last two have no share. `digest` says which version; empty: the one in use.
    """

    model: str
    share: float = 1.0
    variant: str = ""
    when: When | None = None
    shadow: bool = False
    digest: Digest = ""


def ranges(shares: Sequence[Share]) -> list[tuple[int, int]]:
    """The buckets of each share, in their order; none for rules and shadows.

    Of two shares the first grows upward from bucket 0 and the second gives way from there, so that moving the boundary
    moves nobody but those it passes over. Refuses shares that do not add up to 1.
    """
    spread = [share for share in shares if share.when is None and not share.shadow]
    if not abs(sum(share.share for share in spread) - 1.0) <= 1e-9 or any(share.share < 0 for share in spread):
        said = ", ".join(f"{share.model} {share.share:.2%}" for share in spread) or "none"
        raise InvalidInput(f"The shares are {said}.", next_step="Give shares of at least 0 that add up to 1.")
    bounds = [0]
    so_far = 0.0
    for share in spread:
        so_far += share.share
        bounds.append(round(so_far * BUCKETS))
    found = iter(pairwise(bounds))
    return [next(found) if share.when is None and not share.shadow else (0, 0) for share in shares]


def check_rules(shares: Sequence[Share], fields: Sequence[FieldSchema]) -> None:
    """Refuse rules on fields that requests don't bring, and models that are a shadow and a rule at once."""
    names = [field.name for field in fields]
    for share in shares:
        if share.when is not None and share.when.field not in names:
            raise InvalidInput(
                f"A rule goes by {share.when.field}, which requests don't bring.",
                next_step=f"Go by one of {', '.join(names)}.",
            )
        if share.when is not None and share.shadow:
            raise InvalidInput(
                f"{share.model} would answer nobody, by a rule.", next_step="Leave out the rule, or the shadow."
            )


def choose(routes: Sequence[Route], salt: str, unit: str, row: Mapping[str, object] | None = None) -> Route:
    """The route that answers a unit: by the first rule that means its row, else a pure function of salt and unit."""
    if len(routes) == 1:
        return routes[0]
    for route in routes:
        if route.when is not None and row is not None and route.when.holds(row):
            return route
    bucket = bucket_of(salt, unit)
    return next(route for route in routes if route.low <= bucket < route.high)


def shadows(routes: Sequence[Route]) -> list[Route]:
    """The routes that answer nobody."""
    return [route for route in routes if route.shadow]
