"""The purse of a run: its budgets, at its start and while it goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pressroom.costs import WARN_AT, PriceBook, Standing, Usage, worst
from pressroom.flows.errors import BudgetSpent
from pressroom.tiers import Share
from pressroom.values import Instant

_LOOK_US = 1_000_000


@dataclass(slots=True, kw_only=True)
class Purse:
    """What a run may still spend. `standings` are as they were at its start; `warn` is told once of each budget."""

    book: Callable[[Instant], PriceBook]
    standings: Sequence[Standing] = ()
    warn: Callable[[str], None] = lambda words: None
    spent_usd: float = 0.0
    _warned: set[str] = field(default_factory=set)
    _looked: Instant = 0

    def check_start(self) -> None:
        """Refuse a run whose budget is spent already, or would be by what it is expected to cost; warn before that."""
        for standing in self.standings:
            verdict = standing.verdict()
            if verdict == "over":
                raise BudgetSpent(
                    standing.words(),
                    next_step="Wait until older spending is out of its window, or raise it in pressroom.toml.",
                )
            if verdict == "warn":
                self._say(standing, standing.words())

    def pay(self, usage: Usage, asked: Share, at: Instant) -> None:
        """An attempt has ended, and cost this."""
        if self.standings:
            self.spent_usd += self.book(at).price(usage, asked).usd

    def check(self, running: Callable[[], Sequence[tuple[Share, Usage]]], now: Instant) -> None:
        """Look once a second at what was spent, with what runs (its share, and its use so far). Warns at four fifths of
        a budget. Raises BudgetSpent at its end.
        """
        if not self.standings or now - self._looked < _LOOK_US:
            return
        self._looked = now
        book = self.book(now)
        under_way = sum(book.price(used, asked).usd for asked, used in running())
        now_spent = self.spent_usd + under_way
        for standing in self.standings:
            spent = standing.spent_usd + now_spent
            here = Standing(budget=standing.budget, spent_usd=spent)
            if spent >= standing.budget.usd:
                raise BudgetSpent(here.words(), next_step="What was made is kept: raise the budget, and run it again.")
            if spent >= WARN_AT * standing.budget.usd:
                self._say(standing, here.words())

    def nearest(self) -> Standing | None:
        """The budget that is nearest to its end."""
        return worst(self.standings)

    def _say(self, standing: Standing, words: str) -> None:
        name = standing.budget.words()
        if name not in self._warned:
            self._warned.add(name)
            self.warn(words)
