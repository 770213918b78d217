import numpy as np
import pytest
from scipy.special import expit

from pressroom.stats import auc
from pressroom.training.tables.alone import alone, missing_tells
from pressroom.training.tables.findings import LEAK
from pressroom.training.tables.task import Task

BINARY = Task(kind="yes or no", target="y", classes=("no", "yes"), positive="yes")
NUMBER = Task(kind="number", target="y")


def halves(rows):
    fitted = np.arange(rows) % 2 == 0
    return {"fitted": fitted, "judged": ~fitted}


def honest(seed, rows=600):
    """Columns that have as much to do with a binary target as strong honest columns have."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 4))
    y = (draw.random(rows) < expit(x @ draw.uniform(0, 2.0, 4))).astype(float)
    x[draw.random(x.shape) < 0.1] = np.nan
    codes = draw.integers(0, 6, rows)
    texts = np.array([f"t{code}" for code in codes], dtype=object)
    return [*x.T, texts, codes.astype(float)], y


@pytest.mark.parametrize("seed", range(25))
def test_a_seeded_leak_is_found_and_honest_columns_are_not_flagged(seed):
    columns, y = honest(seed)
    draw = np.random.default_rng(seed + 1_000)
    for column in columns:
        assert alone(BINARY, column, y, **halves(len(y))).low < LEAK
    leaks = [y + draw.normal(0, 0.1, len(y)), np.where(y > 0, "sent", "kept").astype(object), -7.0 * y]
    for leak in leaks:
        assert alone(BINARY, leak, y, **halves(len(y))).low >= LEAK


@pytest.mark.parametrize("seed", range(20))
def test_of_numbers_a_copy_with_a_little_noise_is_a_leak_and_a_strong_cause_is_not(seed):
    draw = np.random.default_rng(seed)
    cause = draw.normal(size=800)
    y = 3 * cause + draw.normal(0, 1.0, 800)
    assert 0.7 < alone(NUMBER, cause, y, **halves(800)).value < LEAK
    assert alone(NUMBER, y * 1.2 + draw.normal(0, 0.1, 800), y, **halves(800)).low >= LEAK
    assert alone(NUMBER, draw.normal(size=800), y, **halves(800)).value < 0.1


def test_what_is_measured_is_the_auc_of_the_mean_by_text():
    draw = np.random.default_rng(3)
    texts = np.array(list("abcd"), dtype=object)[draw.integers(0, 4, 2_000)]
    y = (draw.random(2_000) < np.select([texts == "a", texts == "b"], [0.9, 0.5], 0.1)).astype(float)
    parts = halves(2_000)
    means = {text: y[parts["fitted"] & (texts == text)].mean() for text in "abcd"}
    wanted = auc(y[parts["judged"]], np.array([means[text] for text in texts[parts["judged"]]]))
    assert alone(BINARY, texts, y, **parts).value == pytest.approx(wanted, abs=0.005)


def test_texts_that_were_never_seen_and_rows_of_one_kind_tell_nothing():
    y = np.zeros(200)
    texts = np.array([f"t{place}" for place in range(200)], dtype=object)
    assert alone(BINARY, texts, y, **halves(200)).value == 0.5


@pytest.mark.parametrize("seed", range(30))
def test_an_empty_column_gives_the_target_away_only_where_it_does(seed):
    draw = np.random.default_rng(seed)
    y = (draw.random(500) < draw.uniform(0.1, 0.9)).astype(float)
    filled = (y == 1) & (draw.random(500) < 0.5)
    assert missing_tells(y, ~filled, 2) == (1, False)
    assert missing_tells(y, (y == 0) | (draw.random(500) < 0.3), 2) == (1, False) or y.mean() < 0.2
    assert missing_tells(y, y == 0, 2) in ((0, True), (1, False))
    assert missing_tells(y, draw.random(500) < 0.3, 2) is None
    assert missing_tells(y, np.zeros(500, dtype=bool), 2) is None
