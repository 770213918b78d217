"""Every aggregate, offline and online, against loops over plain Python lists that share no code with either."""

import math
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.facts import INSTANT, Entity, Fact, Facts, Float, Int, Key, String, field, satisfying
from pressroom.features import Features, FeatureView, question_of
from pressroom.testing.clock import TurnedClock

Row = dict[str, Any]


class User(Entity):
    """Somebody."""


class Bought(Fact):
    """Somebody bought something."""

    user: Key[User] = field(optional=True)
    amount: Float = field(optional=True)
    pieces: Int = field(optional=True)
    kind: String = field(optional=True)


class Asked(Fact):
    """Somebody is asked about."""

    user: Key[User] = field(optional=True)


class Habits(FeatureView, entity=User):
    """One of each."""

    spread = Bought.amount.std(window="50us")
    least = Bought.amount.min(window="5us")
    most = Bought.pieces.max(window="50us")
    first_pieces = Bought.pieces.first(window="20us")
    kinds = Bought.kind.distinct(window="30us")
    sizes = Bought.pieces.distinct(window="30us")
    median = Bought.amount.quantile(0.5, window="40us")
    ninetieth = Bought.pieces.quantile(0.9, window="40us")
    decayed = Bought.amount.decayed_mean(half_life="7us", window="40us")
    of_x = Bought.count(window="30us", where=Bought.kind.equals("x", "y"))
    last_large = Bought.amount.last(where=Bought.pieces > 2)
    small_x = Bought.amount.sum(window="30us", where=[Bought.pieces <= 3, Bought.kind.equals("x")])


QUESTION = question_of(Asked.schema, [Habits])
TYPES = {
    "event": INSTANT, "known": INSTANT, "user": pa.string(), "amount": pa.float64(), "pieces": pa.int64(),
    "kind": pa.string(),
}  # fmt: skip

rows = st.builds(
    lambda event, late, **said: {"event": event, "known": event + late, **said},
    event=st.integers(0, 60),
    late=st.sampled_from([0, 0, 0, 1, 3, 10, 60]),
    user=st.sampled_from(["a", "b", None]),
    amount=st.sampled_from([None, 1.0, 0.1, -3.7, 1e3, 5.0]),
    pieces=st.sampled_from([None, 1, 2, 3, 7]),
    kind=st.sampled_from(["x", "y", "z", None]),
)
questions = st.lists(st.tuples(st.sampled_from(["a", "b", "nobody", None]), st.integers(0, 80)), min_size=1, max_size=8)


def _expected(facts: list[Row], t: int) -> Row:
    order: Callable[[Row], tuple[int, int, int]] = lambda f: (f["event"], f["known"], f["seq"])  # noqa: E731

    def inside(window: int, wanted: Callable[[Row], bool] = lambda f: True) -> list[Row]:
        return sorted((f for f in facts if t - window <= f["event"] < t and wanted(f)), key=order)

    def values(window: int, name: str, wanted: Callable[[Row], bool] = lambda f: True) -> list[Any]:
        return [f[name] for f in inside(window, wanted) if f[name] is not None]

    amounts, pieces = sorted(values(40, "amount")), sorted(values(40, "pieces"))
    recent = [f for f in inside(40) if f["amount"] is not None]
    weights = [2.0 ** (-(t - f["event"]) / 7) for f in recent]
    large = sorted((f for f in facts if f["event"] <= t and (f["pieces"] or 0) > 2), key=order)
    small = values(30, "amount", lambda f: f["pieces"] is not None and f["pieces"] <= 3 and f["kind"] == "x")
    spread = values(50, "amount")
    mean = math.fsum(spread) / len(spread) if spread else 0.0
    earliest = inside(20)
    return {
        "spread": math.sqrt(math.fsum((v - mean) ** 2 for v in spread) / (len(spread) - 1))
        if len(spread) > 1
        else None,
        "least": min(values(5, "amount"), default=None),
        "most": max(values(50, "pieces"), default=None),
        "first_pieces": earliest[0]["pieces"] if earliest else None,
        "kinds": len(set(values(30, "kind"))),
        "sizes": len(set(values(30, "pieces"))),
        "median": amounts[math.ceil(0.5 * len(amounts)) - 1] if amounts else None,
        "ninetieth": pieces[math.ceil(0.9 * len(pieces)) - 1] if pieces else None,
        "decayed": math.fsum(w * f["amount"] for w, f in zip(weights, recent, strict=True)) / math.fsum(weights)
        if recent
        else None,
        "of_x": len(inside(30, lambda f: f["kind"] in ("x", "y"))),
        "last_large": large[-1]["amount"] if large else None,
        "small_x": math.fsum(small) if small else None,
    }


def _answers(facts: list[Row], asked: list[tuple[str | None, int]]) -> tuple[list[Row], list[Row]]:
    """Offline after the fact, and online at each instant with the facts known by then."""
    clock = TurnedClock("2020-01-01T00:00Z")
    counter = Facts(log=MemoryLog(), tables=MemoryTables(), records=MemoryRecords(), clock=clock)
    features = Features(facts=counter, keys=MemoryKeys())
    features.follow([Habits.view])
    live = features.online(QUESTION)
    online: list[Row] = []
    done = 0
    for user, t in asked:
        due = [f for f in facts[done:] if f["known"] <= t]
        done += len(due)
        _append(counter, due)
        features.follow([Habits.view])
        online.append(live.answer([{"user": user}], [t])[0].values)
    _append(counter, facts[done:])
    spine = pa.table(
        {
            "user": pa.array([user for user, _ in asked], pa.string()),
            "as_of": pa.array([t for _, t in asked], pa.int64()).cast(INSTANT),
        }
    )
    return features.offline(QUESTION, spine)[0].to_pylist(), online


def _append(counter: Facts, facts: list[Row]) -> None:
    if facts:
        columns = {name: pa.array([f[name] for f in facts], kind) for name, kind in TYPES.items()}
        counter.append_checked([(Bought.schema, pa.table(columns))])


@settings(max_examples=400)
@given(st.lists(rows, max_size=25), questions)
def test_every_aggregate_is_the_same_offline_online_and_by_hand(
    facts: list[Row], asked: list[tuple[str | None, int]]
) -> None:
    facts = [{**fact, "seq": seq} for seq, fact in enumerate(sorted(facts, key=lambda f: f["known"]))]
    asked = sorted(asked, key=lambda question: question[1])
    offline, online = _answers(facts, asked)
    for (user, t), mine, theirs in zip(asked, offline, online, strict=True):
        assert {name: repr(value) for name, value in mine.items()} == {n: repr(v) for n, v in theirs.items()}
        if user is None:
            assert set(mine.values()) == {None}
            continue
        expected = _expected([f for f in facts if f["user"] == user and f["known"] <= t], t)
        for name, value in expected.items():
            near = name in ("spread", "decayed") and value is not None
            assert mine[f"habits.{name}"] == (pytest.approx(value, rel=1e-9, abs=1e-9) if near else value), name


def test_the_spread_of_equal_values_is_exactly_zero() -> None:
    facts = [
        {"event": at, "known": at, "user": "a", "amount": -3.7, "pieces": 1, "kind": "x", "seq": at} for at in range(9)
    ]
    offline, online = _answers(facts, [("a", 20)])
    assert offline[0]["habits.spread"] == online[0]["habits.spread"] == 0.0


def test_nan_spoils_the_windows_that_hold_it_and_no_other() -> None:
    amounts = [1.0, math.nan, 2.0, 3.0]
    facts = [
        {"event": at * 10, "known": at * 10, "user": "a", "amount": amount, "pieces": 1, "kind": "x", "seq": at}
        for at, amount in enumerate(amounts)
    ]
    offline, online = _answers(facts, [("a", 31), ("a", 75)])
    assert math.isnan(offline[0]["habits.median"])
    assert math.isnan(online[0]["habits.median"])
    assert offline[1]["habits.median"] == online[1]["habits.median"] is None
    assert offline[1]["habits.spread"] == online[1]["habits.spread"] is None


def test_a_labelled_condition_field_passes_its_label_on() -> None:
    class Visited(Fact):
        """Somebody came."""

        user: Key[User]
        years: Int = field(labels=("pii",))

    grown = Visited.count(window="1d", where=Visited.years >= 18)
    assert grown.result("grown").labels == ("pii",)
    assert grown.words() == "count of visited where years >= 18 over 1d"


def test_whole_numbers_that_no_float_holds_are_picked_as_they_are() -> None:
    large = 2**63 - 1
    facts = [
        {"event": at, "known": at, "user": "a", "amount": 1.0, "pieces": large - at, "kind": "x", "seq": at}
        for at in range(3)
    ]
    offline, online = _answers(facts, [("a", 20)])
    assert offline[0]["habits.most"] == online[0]["habits.most"] == large
    assert offline[0]["habits.ninetieth"] == online[0]["habits.ninetieth"] == large


def test_zero_equals_minus_zero_and_nan_equals_nothing() -> None:
    amounts = pa.table({"amount": pa.array([0.0, -0.0, math.nan, None])})
    assert satisfying(amounts, (Bought.amount.equals(0.0),)).num_rows == 2
    assert satisfying(amounts, (Bought.amount.equals(math.nan),)).num_rows == 0


@pytest.mark.parametrize("size", [1e-284, 1e-300, 1e200, 1e300])
def test_the_spread_of_values_whose_squares_no_float_holds_is_right(size: float) -> None:
    facts = [
        {"event": at, "known": at, "user": "a", "amount": at * size, "pieces": 1, "kind": "x", "seq": at}
        for at in range(4)
    ]
    offline, online = _answers(facts, [("a", 20)])
    assert offline[0]["habits.spread"] == online[0]["habits.spread"]
    assert offline[0]["habits.spread"] == pytest.approx(size * math.sqrt(5 / 3), rel=1e-9)


def _of(*amounts: float) -> list[Row]:
    """Offline and online, of facts in the smallest window."""
    told = {"event": 16, "known": 16, "user": "a", "pieces": None, "kind": None}
    offline, online = _answers([{**told, "amount": amount} for amount in amounts], [("a", 20)])
    return [*offline, *online]


@pytest.mark.parametrize(
    ("amounts", "spread"),
    [
        ((1.7e308, -1.7e308), math.inf),
        ((1.7e308, -1.7e308, *[0.0] * 8), 8.013876853447539e307),
        ((1.7e308, 1.7e308), 0.0),
        ((1.7e308, -1.7e308, math.nan), math.nan),
        ((1.0, math.inf), math.nan),
    ],
)
def test_the_spread_of_the_largest_floats_is_right_and_warns_of_nothing(
    amounts: tuple[float, ...], spread: float
) -> None:
    for answer in _of(*amounts):
        assert answer["habits.spread"] == pytest.approx(spread, nan_ok=True)


@pytest.mark.parametrize("amounts", [(0.0, -0.0), (-0.0, 0.0), (-0.0, -0.0)])
def test_of_two_zeros_none_is_less(amounts: tuple[float, float]) -> None:
    for answer in _of(*amounts):
        assert {str(answer[f"habits.{name}"]) for name in ("least", "median")} == {"0.0"}
