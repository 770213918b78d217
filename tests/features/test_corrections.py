"""Corrections and retractions are later facts: every answer is as the platform knew it at its instant."""

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.facts import INSTANT, Batch, Entity, Fact, Facts, Float, Key, KnownRule, RawBatch
from pressroom.features import Features, FeatureView, TooOld, question_of
from pressroom.testing.clock import TurnedClock

Row = dict[str, Any]
_NEVER = 10**9


class User(Entity):
    """Somebody."""


class Bought(Fact):
    """Somebody bought something."""

    user: Key[User]
    amount: Float


class Asked(Fact):
    """Somebody is asked about."""

    user: Key[User]


class Habits(FeatureView, entity=User):
    """Running sums, members and look-ups."""

    n = Bought.count(window="20us")
    total = Bought.amount.sum(window="20us")
    most = Bought.amount.max(window="30us")
    first = Bought.amount.first(window="30us")
    last = Bought.amount.last()
    age = Bought.age(ttl="15us")


QUESTION = question_of(Asked.schema, [Habits])
TYPES = {"event": INSTANT, "known": INSTANT, "user": pa.string(), "amount": pa.float64()}

steps = st.lists(
    st.tuples(
        st.sampled_from(["says", "says", "corrects", "retracts"]),
        st.integers(0, 4),
        st.sampled_from(["a", "b"]),
        st.integers(0, 8),
        st.sampled_from([1.0, 0.1, -2.5, 1e300, math.nan]),
    ),
    max_size=14,
)


class Floor:
    """Facts and features in memory, and the same history as plain rows for the oracle."""

    def __init__(self) -> None:
        self.facts = Facts(
            log=MemoryLog(), tables=MemoryTables(), records=MemoryRecords(), clock=TurnedClock("2020-01-01T00:00Z")
        )
        self.features = Features(facts=self.facts, keys=MemoryKeys())
        self.rows: list[Row] = []
        self.batches = 0

    def change(self, what: Any, *, user: str, event: int, amount: float, known: int) -> None:
        row = {"event": event, "known": known, "user": user, "amount": amount}
        names = TYPES if what != "retracts" else {name: TYPES[name] for name in ("event", "known", "user")}
        table = pa.table({name: pa.array([row[name]], kind) for name, kind in names.items()})
        self.batches += 1
        batch = Batch(
            fact=Bought.schema, raw=RawBatch(table=table), known=KnownRule(kind="column"), source="t",
            batch=str(self.batches), change=what,
        )  # fmt: skip
        self.facts.append(batch)
        meant = [r for r in self.rows if (r["user"], r["event"]) == (user, event) and r["until"] == _NEVER]
        if what != "says":
            for old in meant:
                old["until"] = known
        if what == "says" or (what == "corrects" and meant):
            self.rows.append({**row, "until": _NEVER, "order": len(self.rows)})

    def expected(self, user: str, t: int) -> Row:
        seen = [r for r in self.rows if r["user"] == user and r["known"] <= t < r["until"]]
        order = lambda r: (r["event"], r["known"], r["order"])  # noqa: E731
        within = {w: [r["amount"] for r in sorted(seen, key=order) if t - w <= r["event"] < t] for w in (20, 30)}
        past = sorted((r for r in seen if r["event"] <= t), key=order)
        spoiled = any(math.isnan(v) for v in within[30])
        return {
            "habits.n": len(within[20]),
            "habits.total": math.fsum(within[20]) if within[20] else None,
            "habits.most": math.nan if spoiled else max(within[30], default=None),
            "habits.first": within[30][0] if within[30] else None,
            "habits.last": past[-1]["amount"] if past else None,
            "habits.age": (t - past[-1]["event"]) / 1e6 if past and t - past[-1]["event"] <= 15 else None,
        }

    def offline(self, user: str, t: int) -> Row:
        spine = pa.table({"user": pa.array([user]), "as_of": pa.array([t], pa.int64()).cast(INSTANT)})
        return self.features.offline(QUESTION, spine)[0].to_pylist()[0]


def _shown(row: Row) -> dict[str, str]:
    return {name: repr(value) for name, value in row.items()}


@settings(max_examples=250)
@given(history=steps, settled=st.booleans())
def test_answers_are_those_of_what_was_believed_at_the_instant(
    *, history: list[tuple[Any, int, str, int, float]], settled: bool
) -> None:
    floor = Floor()
    floor.features.follow([Habits.view])
    live = floor.features.online(QUESTION)
    known, asked = 0, []
    for what, pause, user, back, amount in history:
        known += pause
        floor.change(what, user=user, event=max(known - back, 0), amount=amount, known=known)
        floor.features.follow([Habits.view])
        for who in ("a", "b"):
            expected = floor.expected(who, known + 1)
            assert _shown(live.answer([{"user": who}], [known + 1])[0].values) == _shown(expected)
            asked.append((who, known + 1))
        if settled:
            floor.facts.settle()
    for who, t in asked:
        assert _shown(floor.offline(who, t)) == _shown(floor.expected(who, t))


def test_a_correction_that_finds_nothing_is_set_aside() -> None:
    floor = Floor()
    floor.change("corrects", user="a", event=3, amount=1.0, known=5)
    (batch,) = floor.facts.set_aside("bought")
    assert batch.rows == 1
    assert "no such fact to correct" in next(iter(batch.reasons))
    assert floor.facts.read(Bought.schema)[0].num_rows == 0


def test_a_correction_sent_twice_corrects_once() -> None:
    floor = Floor()
    floor.change("says", user="a", event=3, amount=1.0, known=3)
    floor.change("corrects", user="a", event=3, amount=2.0, known=5)
    floor.batches -= 1
    floor.change("corrects", user="a", event=3, amount=2.0, known=5)
    assert floor.facts.read(Bought.schema)[0].column("amount").to_pylist() == [2.0]
    assert floor.offline("a", 4)["habits.total"] == 1.0
    assert floor.offline("a", 6)["habits.total"] == 2.0


def test_online_an_instant_before_the_correction_is_refused_and_never_answered_wrongly() -> None:
    floor = Floor()
    floor.features.follow([Habits.view])
    floor.change("says", user="a", event=3, amount=1.0, known=3)
    floor.change("retracts", user="a", event=3, amount=0.0, known=9)
    floor.features.follow([Habits.view])
    live = floor.features.online(QUESTION)
    assert live.answer([{"user": "a"}], [9])[0].values["habits.n"] == 0
    with pytest.raises(TooOld, match="offline"):
        live.answer([{"user": "a"}], [8])


def test_reading_a_few_columns_takes_retractions_into_account_too() -> None:
    floor = Floor()
    floor.change("says", user="a", event=3, amount=1.0, known=3)
    floor.change("says", user="b", event=3, amount=2.0, known=3)
    floor.change("retracts", user="a", event=3, amount=0.0, known=9)
    rows, _ = floor.facts.read(Bought.schema, ["user"])
    assert rows.to_pylist() == [{"user": "b", "seq": 1}]
