import math
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pressroom.experiments import NoOutcomes
from pressroom.experiments.readout import SRM_ALARM, first_exposures, read_out

Z = 1.959963984540054
HALVES = (("new", 0.5), ("old", 0.5))


def exposures(rows):
    """Predictions as (event, unit, variant, score)."""
    columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    event, unit, variant, prediction = (list(column) for column in columns)
    return pa.table(
        {
            "event": pa.array(event, pa.int64()),
            "seq": pa.array(range(len(rows)), pa.int64()),
            "unit": pa.array(unit, pa.string()),
            "variant": pa.array(variant, pa.string()),
            "prediction": pa.array(prediction, pa.float64()),
        }
    )


def drawn(seed, n, *, share=0.5, lift=0.0):
    """Units with scores and outcomes, some not known."""
    draw = Random(seed)
    rows, outcome = [], []
    for unit in range(n):
        variant = "new" if draw.random() < share else "old"
        chance = draw.random()
        happened = draw.random() < chance
        score = chance + (draw.uniform(-1, 1) * (0.4 - lift if variant == "new" else 0.4))
        rows.append((unit, f"u{unit}", variant, min(max(score, 0.0), 1.0)))
        outcome.append(None if draw.random() < 0.2 else float(happened))
    return rows, outcome


def brute(rows, outcome, name):
    mine = [(row[3], y) for row, y in zip(rows, outcome, strict=True) if row[2] == name and y is not None]
    losses = [(score - y) ** 2 for score, y in mine]
    mean = sum(losses) / len(losses)
    variance = sum((loss - mean) ** 2 for loss in losses) / (len(losses) - 1)
    wins = [
        1.0 if up > down else 0.5 if up == down else 0.0
        for up, yes in mine
        if yes == 1.0
        for down, no in mine
        if no == 0.0
    ]
    return len(mine), mean, variance / len(losses), sum(wins) / len(wins) if wins else None


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(60, 200))
def test_a_readout_is_what_one_works_out_from_the_rows(seed, n):
    rows, outcome = drawn(seed, n)
    found = read_out("trial", exposures(rows), pa.array(outcome, pa.float64()), HALVES)
    expected = {name: brute(rows, outcome, name) for name in ("new", "old")}
    for variant in found.variants:
        count, mean, squared_error, auc = expected[variant.name]
        assert variant.units == sum(row[2] == variant.name for row in rows)
        assert (variant.n, variant.brier, variant.auc) == (count, pytest.approx(mean), pytest.approx(auc))
        reach = Z * math.sqrt(squared_error)
        assert variant.brier_interval == pytest.approx((mean - reach, mean + reach))
        assert variant.auc_interval[0] <= variant.auc <= variant.auc_interval[1]
    gap = expected["new"][1] - expected["old"][1]
    reach = Z * math.sqrt(expected["new"][2] + expected["old"][2])
    assert found.brier_difference == pytest.approx(gap)
    assert found.brier_difference_interval == pytest.approx((gap - reach, gap + reach))
    counts = [sum(row[2] == name for row in rows) for name, _ in HALVES]
    assert found.srm_p == pytest.approx(stats.chisquare(counts, [n / 2, n / 2]).pvalue)
    assert found.trusted == (found.srm_p >= SRM_ALARM)


def test_the_sentence_says_which_variant_is_better():
    rows, outcome = drawn(1, 4_000, lift=0.39)
    better = read_out("trial", exposures(rows), pa.array(outcome), HALVES)
    assert better.brier_difference_interval[1] < 0
    assert better.sentence.startswith("new is better")
    swapped = [(row[0], row[1], {"new": "old", "old": "new"}[row[2]], row[3]) for row in rows]
    worse = read_out("trial", exposures(swapped), pa.array(outcome), HALVES)
    assert worse.brier_difference == pytest.approx(-better.brier_difference)
    assert worse.sentence.startswith("new is worse")


def test_no_difference_is_not_called_one():
    rows, outcome = drawn(2, 400)
    found = read_out("trial", exposures(rows), pa.array(outcome), HALVES)
    assert found.brier_difference_interval[0] < 0 < found.brier_difference_interval[1]
    assert found.sentence.startswith("No difference")


def test_shares_that_are_not_the_meant_ones_are_not_trusted_whatever_the_figures_say():
    rows, outcome = drawn(3, 4_000, share=0.45, lift=0.39)
    found = read_out("trial", exposures(rows), pa.array(outcome), HALVES)
    assert found.srm_p < SRM_ALARM
    assert not found.trusted
    assert "not those that were meant" in found.sentence
    assert read_out("trial", exposures(rows), pa.array(outcome), (("new", 0.45), ("old", 0.55))).trusted


def test_unknown_outcomes_are_exposed_and_not_counted():
    rows, outcome = drawn(4, 300)
    more = [*rows, *((900 + k, f"v{k}", "new" if k % 2 else "old", 0.99) for k in range(40))]
    before = read_out("trial", exposures(rows), pa.array(outcome), HALVES)
    after = read_out("trial", exposures(more), pa.array([*outcome, *[None] * 40]), HALVES)
    assert [(v.n, v.brier, v.auc) for v in after.variants] == [(v.n, v.brier, v.auc) for v in before.variants]
    assert [v.units for v in after.variants] == [v.units + 20 for v in before.variants]
    assert after.units == before.units + 40


def test_a_variant_without_two_outcomes_is_refused_by_name():
    rows, outcome = drawn(5, 50)
    none = [None if row[2] == "old" else y for row, y in zip(rows, outcome, strict=True)]
    with pytest.raises(NoOutcomes, match="0 units of old"):
        read_out("trial", exposures(rows), pa.array(none, pa.float64()), HALVES)


def test_one_class_has_no_auc():
    rows, outcome = drawn(6, 60)
    found = read_out("trial", exposures(rows), pa.array([None if y is None else 1.0 for y in outcome]), HALVES)
    assert [(variant.auc, variant.auc_interval) for variant in found.variants] == [(None, None)] * 2


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from(["a", "b", "c", None]),
            st.sampled_from(["new", "old", None]),
            st.floats(0, 1),
        ),
        max_size=30,
    )
)
def test_of_each_assigned_unit_the_first_prediction_counts(rows):
    found = first_exposures(exposures(rows))
    first = {}
    for place, (event, unit, variant, score) in enumerate(rows):
        if unit is not None and variant is not None and (unit not in first or (event, place) < first[unit][:2]):
            first[unit] = (event, place, variant, score)
    got = {row["unit"]: (row["event"], row["seq"], row["variant"], row["prediction"]) for row in found.to_pylist()}
    assert got == first
    assert found.num_rows == len(first)
