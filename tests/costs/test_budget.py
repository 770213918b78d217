"""Budgets: whose, of which days, and what they mean for work."""

import pytest
from tests.charges import BOOK, DAY, charge

from pressroom.costs import Budget, Standing, Usage, budgets_for, spent_of, worst
from pressroom.flows.errors import BudgetSpent
from pressroom.flows.purse import Purse
from pressroom.tiers import Share
from pressroom.values import MICROSECONDS, InvalidInput

ADS = Budget(whose="team", name="ads", usd=10.0, window_us=2 * DAY)


def test_work_draws_on_the_budgets_of_its_team_and_of_its_flow():
    flow = Budget(whose="flow", name="ads", usd=1.0, window_us=DAY)
    assert budgets_for([ADS, flow], team="ads", flow="nightly") == (ADS,)
    assert budgets_for([ADS, flow], team="maps", flow="ads") == (flow,)


def test_what_was_spent_is_what_was_billed_in_the_window():
    charges = [
        charge(DAY),
        charge(8 * DAY),
        charge(9 * DAY),
        charge(9 * DAY, team="maps"),
        charge(9 * DAY, kind="cached"),
    ]
    assert spent_of(ADS, charges, lambda at: BOOK, 10 * DAY) == 1.0
    assert spent_of(ADS, charges, lambda at: BOOK, 9 * DAY) == 2.0


@pytest.mark.parametrize(
    ("spent", "coming", "verdict"),
    [(0, 7.9, "fine"), (8, 0, "warn"), (5, 3, "warn"), (5, 5.1, "over"), (10, 0, "over")],
)
def test_a_budget_warns_at_four_fifths_and_is_over_at_its_end(spent, coming, verdict):
    assert Standing(budget=ADS, spent_usd=spent, coming_usd=coming).verdict() == verdict


def test_the_worst_is_the_one_nearest_to_its_end():
    near, far = Standing(budget=ADS, spent_usd=9.0), Standing(budget=ADS, spent_usd=1.0)
    assert worst([far, near]) == near
    assert worst([]) is None


def test_a_budget_of_nothing_is_refused():
    with pytest.raises(InvalidInput, match="ads"):
        Budget(whose="team", name="ads", usd=0.0, window_us=DAY)


def purse(spent, said):
    return Purse(book=lambda at: BOOK, standings=[Standing(budget=ADS, spent_usd=spent)], warn=said.append)


def test_a_run_does_not_start_on_a_spent_budget():
    with pytest.raises(BudgetSpent, match="team ads"):
        purse(10.0, []).check_start()


def test_a_run_is_warned_once_and_stopped_at_the_end_of_its_budget():
    said = []
    one = purse(5.0, said)
    one.check(lambda: [(Share(cpu=1.0), Usage(wall_s=2.0))], MICROSECONDS)
    assert said == []
    one.pay(Usage(cpu_s=2.0), Share(cpu=1.0), 0)
    one.check(lambda: [(Share(cpu=1.0), Usage(wall_s=1.5))], 3 * MICROSECONDS)
    one.check(lambda: [(Share(cpu=1.0), Usage(wall_s=1.6))], 5 * MICROSECONDS)
    assert len(said) == 1
    with pytest.raises(BudgetSpent, match="10"):
        one.check(lambda: [(Share(cpu=1.0), Usage(wall_s=3.1))], 7 * MICROSECONDS)


def test_it_looks_once_a_second():
    one = purse(9.9, [])
    one.check(list, MICROSECONDS)
    one.check(lambda: [(Share(cpu=99.0), Usage(wall_s=99.0))], MICROSECONDS + 1)
