import ast
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pressroom.features.oracle as oracle_module
import pressroom.features.oracle_kinds as kinds_module
from pressroom.facts import Bool, Entity, Fact, Float, Int, Key, String, field
from pressroom.features import NoOracle
from pressroom.features.oracle import Oracle, Told, check_kind
from pressroom.features.oracle_kinds import KINDS, exact_sum


class Rider(Entity):
    """Who rides."""


class Ride(Fact):
    """A ride."""

    rider: Key[Rider]
    fare: Float = field(optional=True)
    stops: Int = field(optional=True)
    kind: String
    shared: Bool


MINUTE = 60_000_000
T = 1_000 * MINUTE
NAN = math.nan


def told(minutes_ago, *, known=None, seq=0, until=None, **values):
    event = T - round(minutes_ago * MINUTE)
    rest = {"fare": None, "stops": None, "kind": "day", "shared": False}
    return {"event": event, "known": event if known is None else known, "seq": seq, "until": until, **rest, **values}


def oracle_of(aggregate, rides):
    columns = {name: [ride[name] for ride in rides] for name in rides[0]}
    times = {name: columns[name] for name in ("event", "known", "seq", "until")}
    return Oracle(aggregate, Told(**times, values=columns).in_order())


RIDES = [
    told(60, fare=1.0, stops=4, kind="night"),
    told(40, fare=None, stops=2),
    told(30, fare=4.0, stops=2, shared=True),
    told(10, fare=7.0, stops=9, kind="night"),
    told(5, fare=100.0, known=T + 1),
    told(4, fare=200.0, until=T),
    told(0, fare=300.0),
]


@pytest.mark.parametrize(
    ("aggregate", "wanted"),
    [
        (Ride.count(window="1h"), 4),
        (Ride.count(window="59min"), 3),
        (Ride.fare.sum(window="1h"), 12.0),
        (Ride.fare.mean(window="1h"), 4.0),
        (Ride.fare.std(window="1h"), 3.0),
        (Ride.fare.std(window="15min"), None),
        (Ride.fare.min(window="1h"), 1.0),
        (Ride.fare.max(window="1h"), 7.0),
        (Ride.stops.max(window="1h"), 9),
        (Ride.fare.quantile(0.5, window="1h"), 4.0),
        (Ride.fare.quantile(0.34, window="1h"), 4.0),
        (Ride.fare.quantile(0.33, window="1h"), 1.0),
        (Ride.stops.distinct(window="1h"), 3),
        (Ride.kind.distinct(window="1min"), 0),
        (Ride.fare.decayed_mean(half_life="10min", window="35min"), (4.0 / 8 + 7.0 / 2) / (1 / 8 + 1 / 2)),
        (Ride.fare.first(window="1h"), 1.0),
        (Ride.fare.first(window="45min"), None),
        (Ride.fare.last(), 300.0),
        (Ride.kind.last(where=Ride.shared.equals(True)), "day"),
        (Ride.age(), 0.0),
        (Ride.age(where=Ride.kind.equals("night")), 600.0),
        (Ride.age(where=Ride.kind.equals("night"), ttl="9min"), None),
        (Ride.count(window="1h", where=[Ride.kind.equals("night"), Ride.fare > 1]), 1),
        (Ride.count(window="1h", where=Ride.fare >= 1), 3),
        (Ride.fare.sum(window="1min"), None),
        (Ride.count(window="1min"), 0),
    ],
    ids=lambda one: one.words() if hasattr(one, "words") else str(one),
)
def test_every_kind_comes_to_what_a_person_works_out(aggregate, wanted):
    assert oracle_of(aggregate, RIDES[::-1]).answer(T) == wanted


def test_ties_go_to_the_greatest_by_event_known_and_number():
    rides = [told(1, seq=2, fare=1.0), told(1, seq=3, fare=2.0), told(1, seq=9, fare=3.0, known=T - 2 * MINUTE)]
    assert oracle_of(Ride.fare.last(), rides).answer(T) == 2.0
    assert oracle_of(Ride.fare.first(window="1h"), rides).answer(T) == 3.0


def test_a_fact_counts_until_the_instant_at_which_it_is_known_to_be_wrong():
    ride = [told(5, fare=1.0, until=T)]
    for aggregate in (Ride.fare.last(), Ride.fare.sum(window="1h")):
        assert oracle_of(aggregate, ride).answer(T - 1) == 1.0
        assert oracle_of(aggregate, ride).answer(T) is None


@pytest.mark.parametrize("kind", ["sum", "mean", "std", "min", "max"])
def test_nan_makes_numbers_nan(kind):
    rides = [told(1, fare=1.0), told(2, fare=NAN), told(3, fare=2.0)]
    assert math.isnan(oracle_of(getattr(Ride.fare, kind)(window="1h"), rides).answer(T))
    assert oracle_of(Ride.fare.distinct(window="1h"), [*rides, told(4, fare=NAN)]).answer(T) == 3


@pytest.mark.parametrize(
    ("numbers", "total"),
    [
        ([0.1] * 10, 1.0),
        ([1e300, 1.0, -1e300], 1.0),
        ([1.7e308, 1.7e308, -1.7e308], 1.7e308),
        ([1.7e308, 1.7e308], math.inf),
        ([-1.7e308, -1.7e308], -math.inf),
        ([5e-324, 5e-324], 1e-323),
        ([math.inf, 1.0], math.inf),
        ([], 0.0),
    ],
)
def test_a_sum_is_the_float_nearest_to_the_exact_one(numbers, total):
    assert exact_sum(numbers) == total


@given(st.lists(st.floats(-1e200, 1e200)))
def test_a_sum_is_what_the_standard_library_gives(numbers):
    assert exact_sum(numbers) == math.fsum(numbers)


def test_a_spread_beyond_the_largest_float_is_infinite():
    rides = [told(1, fare=1.7e308), told(2, fare=-1.7e308)]
    assert oracle_of(Ride.fare.std(window="1h"), rides).answer(T) == math.inf
    assert math.isnan(oracle_of(Ride.fare.std(window="1h"), [*rides, told(3, fare=math.inf)]).answer(T))


def test_opposite_infinities_have_no_sum():
    assert math.isnan(exact_sum([math.inf, -math.inf, 1.0]))


def test_a_kind_without_a_function_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.delitem(KINDS, "mean")
    with pytest.raises(NoOracle, match="'mean' can't be checked yet") as refused:
        check_kind(Ride.fare.mean(window="1h"))
    assert "in a view of their own" in refused.value.next_step


@pytest.mark.parametrize("module", [oracle_module, kinds_module])
def test_it_shares_no_code_with_what_it_judges(module):
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in named if name.startswith("pressroom")}
    assert ours <= {
        "pressroom.facts",
        "pressroom.values",
        "pressroom.features.errors",
        "pressroom.features.oracle_kinds",
    }
    assert not named & {"numpy", "pyarrow", "pyarrow.compute"}
