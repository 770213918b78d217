"""The law of parity, over thousands of histories: offline, online and plain Python say the same, whatever happened.

Each history has facts that come late, twice, corrected, taken back, about nobody and at one instant; the features are
of every kind. `PRESSROOM_PARITY=100000` tries so many histories (`make test-long`).
"""

import ast
import math
import os
import struct
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.features import visits_plain
from tests.features.visits import KEPT, KINDS, QUESTION, Moved, Visit
from tests.features.visits_told import disturbances, steps_of

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.facts import Batch, KnownRule, RawBatch, arrow_schema
from pressroom.features import Features, TooOld

FACTS = {"visit": Visit, "moved": Moved}
FEWEST = 2_000
WANTED = max(int(os.environ.get("PRESSROOM_PARITY", FEWEST)), FEWEST)
TOGETHER = 25
"""Histories on one floor."""
ROUNDED = {"habit.std": 1e-7, "habit.fading": 1e-9}
"""What is rounded on the way, by this share of the largest number."""


class Disagreed(AssertionError):
    """Two of the three ways say different things about a row."""

    def __init__(self, row, what):
        super().__init__(f"{what}; asked {row}")
        self.history = row["history"]


class Telling:
    """A floor, and beside it everything that it was told as plain rows."""

    def __init__(self, floor):
        self.floor = floor
        self.rows = {name: [] for name in FACTS}
        self.asked = []
        self.tally = Counter()
        self._batches = 0
        floor.follow(*KEPT)
        self._online = floor.online(QUESTION)

    def tell(self, step):
        """Tell what a step tells."""
        self.floor.clock.set(step.now)
        for change in ("says", "corrects", "retracts"):
            for fact in FACTS:
                if told := [one for one in step.told if (one.fact, one.change) == (fact, change)]:
                    self._tell(fact, change, told, step)
        if step.doing:
            self.floor.facts.settle()
        if step.doing == "trim":
            self.floor.facts.trim(self.floor.facts.log_end())

    def ask_online(self, step):
        """Ask what a step asks."""
        self.floor.follow(*KEPT)
        now = [row for row in step.asked if row["as_of"] == step.now]
        answers = [*zip(now, self._online.answer(now, [step.now] * len(now)), strict=True)]
        earlier = [row for row in step.asked if row["as_of"] != step.now]
        answers += [(row, self._a_little_earlier(row)) for row in earlier]
        for row, answer in answers:
            wanted = self._expected(row)
            if answer is not None:
                assert_meant(row, "online", answer.values, wanted)
            self.asked.append((row, None if answer is None else answer.values, wanted))

    def _tell(self, fact, change, told, step):
        self._batches += 1
        schema = FACTS[fact].schema
        kinds = arrow_schema(schema)
        keys = [key.name for key in schema.key_fields()]
        names = ["event", "known", *keys] if change == "retracts" else kinds.names
        table = pa.table({name: pa.array([one.row[name] for one in told], kinds.field(name).type) for name in names})
        batch = Batch(
            fact=schema, raw=RawBatch(table=table), known=KnownRule(kind="column"), source="told",
            batch=str(self._batches), change=change, repeats=step.repeats,
        )  # fmt: skip
        sent = [self.floor.facts.append(batch)[0] for _ in range(1 + step.sent_twice)]
        assert [receipt.repeated for receipt in sent] == [False, True][: len(sent)]
        self.tally["set aside"] += sent[0].set_aside
        self._note(fact, change, told if step.repeats else once(told, {*names} - {"known"}), ["event", *keys])

    def _note(self, fact, change, told, whom):
        rows = self.rows[fact]
        believed = [row for row in rows if row["until"] is None]
        for one in told:
            named = [one.row[name] for name in whom]
            meant = [] if change == "says" else [row for row in believed if [row[name] for name in whom] == named]
            for row in meant:
                row["until"] = min(one.row["known"], one.row["known"] if row["until"] is None else row["until"])
            if change == "says" or (change == "corrects" and meant):
                rows.append({**one.row, "history": one.history, "until": None, "number": len(rows)})

    def _expected(self, row):
        own = ([one for one in self.rows[name] if one["history"] == row["history"]] for name in ("visit", "moved"))
        return visits_plain.answers(*own, row)

    def _a_little_earlier(self, row):
        """The answer, or None where it is refused: of the last hour, only what was corrected since may be."""
        try:
            return self._online.answer([row], [row["as_of"]])[0]
        except TooOld:
            self.tally["refused"] += 1
            own = [one for rows in self.rows.values() for one in rows if one["history"] == row["history"]]
            if not any(one["until"] is not None and one["until"] > row["as_of"] for one in own):
                raise Disagreed(row, "refused as too old") from None
            return None

    def ask_offline(self):
        """All that was asked online, of all facts there are by now: the same to the last bit, but where something was
        learned since.
        """
        told = self.floor.offline(QUESTION, [row for row, *_ in self.asked]) if self.asked else []
        for (row, served, wanted_then), offline in zip(self.asked, told, strict=True):
            wanted = self._expected(row)
            assert_meant(row, "offline", offline, wanted)
            learned_since = spelled(wanted) != spelled(wanted_then)
            self.tally["learned since"] += learned_since
            if served is not None and not learned_since:
                assert_same_bits(row, "online and offline", served, offline)

    def ask_another_store(self, step):
        """A store that is filled only now answers as the one that followed."""
        features = Features(facts=self.floor.facts, keys=MemoryKeys())
        features.follow(KEPT)
        rows = [row for row in step.asked if row["as_of"] == step.now]
        both = [each.answer(rows, [step.now] * len(rows)) for each in (features.online(QUESTION), self._online)]
        for row, filled, followed in zip(rows, *both, strict=True):
            assert_same_bits(row, "filled and followed", filled.values, followed.values)


def once(told, names):
    """What is told, without what says the same as something before."""
    kept = []
    for one in told:
        said = [one.row[name] for name in names]
        if not any(said == [other.row[name] for name in names] for other in kept):
            kept.append(one)
    return kept


def spelled(value):
    """A value so that equal spelling means the same type and the same bits; NaN is NaN."""
    if isinstance(value, dict):
        return {name: spelled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [spelled(each) for each in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    return type(value).__name__, value


def means(one, other, rounded):
    """Whether two values are of one type and equal, or nearly so: NaN as NaN, and one zero as the other."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other)) or abs(one - other) <= rounded
    return spelled(one) == spelled(other)


def assert_meant(row, how, found, wanted):
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        share = ROUNDED.get(name)
        rounded = 1e-150 + share * abs(value) if share and value is not None else 0.0
        if not means(found[name], value, rounded):
            raise Disagreed(row, f"{name} is {found[name]!r} {how}, {value!r} by definition")


def assert_same_bits(row, how, one, other):
    for name, value in one.items():
        if spelled(value) != spelled(other[name]):
            raise Disagreed(row, f"{name} differs {how}: {value!r} and {other[name]!r}")


# The law ------------------------------------------------------------------------------------------------------------


def try_out(floor, steps):
    """Tell and ask all of the steps, and say what was met. Raises Disagreed."""
    telling = Telling(floor)
    for step in steps:
        telling.tell(step)
        telling.ask_online(step)
    telling.ask_offline()
    telling.ask_another_store(steps[-1])
    return telling.tally


def least(new_floor, steps, failure):
    """The fewest rows of the history that failed with which something still fails, as text."""

    def failing(some):
        try:
            try_out(new_floor(), some)
        except Disagreed as disagreed:
            return disagreed
        return None

    def only(name, kept):
        return [replace(step, **{name: tuple(one for one in getattr(step, name) if kept(one))}) for step in steps]

    alone = steps
    steps = only("told", lambda one: one.history == failure.history)
    steps = only("asked", lambda one: one["history"] == failure.history)
    found = failing(steps)
    if found is None:
        return f"{failure} (but not without the other histories: {len(alone)} steps)"
    for name in ("told", "asked"):
        for one in [one for step in steps for one in getattr(step, name)]:
            fewer = only(name, lambda other, one=one: other is not one)
            if (disagreed := failing(fewer)) is not None:
                steps, found = fewer, disagreed
    said = [f"at {step.now} ({step.doing or 'nothing else'}, repeats={step.repeats}, sent_twice={step.sent_twice}):\n"
            + "".join(f"    {one.change} {one.fact} {one.row}\n" for one in step.told) for step in steps]  # fmt: skip
    return f"{found}\n" + "".join(said)


@pytest.mark.timeout(300 if WANTED == FEWEST else 0)
def test_thousands_of_histories_are_answered_the_same_three_ways(new_floor, capsys):
    met, seeds = Counter(), set()

    @settings(max_examples=-(-WANTED // TOGETHER), phases=[Phase.reuse, Phase.generate])
    @given(seed=st.integers(0, 2**48))
    def law(seed):
        steps = steps_of(seed, TOGETHER)
        try:
            found = try_out(new_floor(), steps)
        except Disagreed as failure:
            pytest.fail(f"seed {seed}: {least(new_floor, steps, failure)}", pytrace=False)
        if seed not in seeds:
            seeds.add(seed)
            met.update(found + disturbances(steps))
            tell_progress(len(seeds) * TOGETHER, capsys)

    law()
    assert len(seeds) * TOGETHER >= WANTED
    assert_wild(met, len(seeds) * TOGETHER)


def tell_progress(histories, capsys):
    if WANTED > FEWEST and histories % (40 * TOGETHER) == 0:
        with capsys.disabled():
            sys.stdout.write(f"\n{histories:,} of {WANTED:,} histories agree")
            sys.stdout.flush()


A_HISTORY = {
    "late": 4.0,
    "tied": 2.0,
    "null-keyed": 1.0,
    "corrects something": 0.7,
    "retracts something": 0.7,
    "duplicate in a batch": 0.6,
    "duplicate of a batch": 1.5,
    "known before it was told": 1.0,
    "not known yet": 0.2,
    "dated ahead": 0.3,
    "strange number": 0.5,
    "corrects nothing": 0.05,
    "retracts nothing": 0.05,
    "set aside": 0.2,
    "learned since": 0.1,
    "asked about now": 3.0,
    "asked about earlier": 1.0,
}
"""How many of each there must be in a history, on average."""


def assert_wild(met, histories):
    tame = {kind: met[kind] for kind, least_often in A_HISTORY.items() if met[kind] < least_often * histories}
    assert not tame, f"of {histories} histories"
    assert met["refused"] < met["asked about earlier"] / 3


def test_the_features_are_of_every_kind():
    asked = [feature.aggregate for bound in QUESTION.bound() for feature in bound.view.features]
    assert {aggregate.kind for aggregate in asked} == KINDS
    assert any("+" in (aggregate.by or "") for aggregate in asked)
    assert {bool(bound.path()) for bound in QUESTION.bound()} == {True, False}
    assert [hidden.bound.view.name for hidden in QUESTION.hidden()] == ["usual"]


def test_the_plain_answers_share_no_code_with_what_they_judge():
    tree = ast.parse(Path(str(visits_plain.__file__)).read_text(encoding="utf-8"))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name.split(".")[0] for name in named} & {"pressroom", "tests", "numpy", "pyarrow"}
