"""Budgets: how many dollars a team or a flow may spend in a while, and what that means for work that wants to go on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pressroom.costs.charge import Charge
from pressroom.costs.price_book import PriceBook
from pressroom.values import Instant, InvalidInput, format_duration

WARN_AT = 0.8

Whose = Literal["team", "flow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So many dollars in every `window_us` that ends now, for a team or a flow. Raises InvalidInput."""

    whose: Whose
    name: str
    usd: float
    window_us: int

    def __post_init__(self) -> None:
        """Refuse what is no budget."""
        if not self.usd > 0 or self.window_us <= 0:
            raise InvalidInput(
                f"The budget of {self.whose} {self.name} is {self.usd} USD.", next_step="It is more than 0."
            )

    def words(self) -> str:
        """The budget as a phrase."""
        return f"the budget of {self.whose} {self.name}, {self.usd:g} USD in {format_duration(self.window_us)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A budget, what was spent of it, and what the work that asks will cost as far as is known."""

    budget: Budget
    spent_usd: float
    coming_usd: float = 0.0

    def verdict(self) -> Literal["fine", "warn", "over"]:
        """`over`: what was spent and is to come is more than the budget; `warn`: it is four fifths of it or more."""
        part = (self.spent_usd + self.coming_usd) / self.budget.usd
        return "over" if part > 1.0 or self.spent_usd >= self.budget.usd else "warn" if part >= WARN_AT else "fine"

    def words(self) -> str:
        """Where the budget stands, as a sentence."""
        coming = f", {self.coming_usd:.3g} USD are to come" if self.coming_usd else ""
        return f"Of {self.budget.words()}, {self.spent_usd:.3g} USD are spent{coming}."


def budgets_for(budgets: Iterable[Budget], *, team: str, flow: str) -> tuple[Budget, ...]:
    """The budgets that work of a team in a flow draws on."""
    return tuple(each for each in budgets if each.name == (team if each.whose == "team" else flow))


def spent_of(budget: Budget, charges: Iterable[Charge], book_of: Callable[[Instant], PriceBook], now: Instant) -> float:
    """What of a budget was spent in the window that ends now."""
    return sum(
        book_of(charge.at).price(charge.usage, charge.asked).usd
        for charge in charges
        if charge.kind != "cached" and charge.of(budget.whose) == budget.name and charge.at > now - budget.window_us
    )


def worst(standings: Sequence[Standing]) -> Standing | None:
    """The one that is nearest to its end."""
    return max(standings, key=lambda each: (each.spent_usd + each.coming_usd) / each.budget.usd, default=None)
