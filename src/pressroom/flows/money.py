"""Money: what budgets say before a run, from what was spent so far and what the run is expected to cost."""

from collections.abc import Callable
from dataclasses import dataclass

from pressroom.costs import Budget, PriceBook, Standing, budgets_for, charges_of, spent_of
from pressroom.facts import Facts
from pressroom.flows.purse import Purse
from pressroom.values import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The budgets of a workspace, and the price book of an instant."""

    budgets: tuple[Budget, ...]
    book: Callable[[Instant], PriceBook]
    facts: Facts

    def standings(self, *, team: str, flow: str, now: Instant, coming_usd: float = 0.0) -> tuple[Standing, ...]:
        """How the budgets stand that work of a team in a flow draws on; nothing is read where there are none."""
        drawn = budgets_for(self.budgets, team=team, flow=flow)
        if not drawn:
            return ()
        charges = charges_of(self.facts)
        return tuple(
            Standing(budget=each, spent_usd=spent_of(each, charges, self.book, now), coming_usd=coming_usd)
            for each in drawn
        )

    def purse(self, *, team: str, flow: str, now: Instant, warn: Callable[[str], None]) -> Purse:
        """What a run that starts now may spend."""
        return Purse(book=self.book, standings=self.standings(team=team, flow=flow, now=now), warn=warn)
