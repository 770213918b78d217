import numpy as np
import pytest
from scipy.special import expit, softmax

from pressroom.stats import auc, log_loss
from pressroom.training.tables.correct import corrected
from pressroom.training.tables.pick import Contender, pick
from pressroom.training.tables.task import Task

BINARY = Task(kind="yes or no", target="y", classes=("no", "yes"), positive="yes")
THREE = Task(kind="several classes", target="y", classes=("a", "b", "c"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("slope", [0.4, 1.0, 2.5])
def test_correcting_improves_or_keeps_the_log_loss_of_other_rows(seed, slope):
    draw = np.random.default_rng(seed)
    margins = draw.normal(0, 1.5, 3_000)
    y = (draw.random(3_000) < expit(slope * margins)).astype(float)
    chances = expit(margins)
    made, told = corrected(BINARY, y[:1_500], chances[:1_500])
    other_y, other = y[1_500:], chances[1_500:]
    assert log_loss(other_y, made.apply(other)) <= log_loss(other_y, other) + 0.006
    assert auc(other_y, made.apply(other)) == pytest.approx(auc(other_y, other), abs=0.003)
    assert log_loss(y[:1_500], np.clip(told, 0, 1)) <= log_loss(y[:1_500], chances[:1_500]) + 1e-12
    if slope == 0.4:
        assert made.kind != "none"
        assert log_loss(other_y, made.apply(other)) < log_loss(other_y, other) - 0.02


def test_several_classes_get_one_temperature_and_numbers_are_left_alone():
    draw = np.random.default_rng(1)
    margins = draw.normal(0, 2, (2_000, 3))
    y = np.array([draw.choice(3, p=row) for row in softmax(0.4 * margins, axis=1)], dtype=float)
    made, told = corrected(THREE, y, softmax(margins, axis=1))
    assert made.kind == "temperature"
    assert np.allclose(told.sum(axis=1), 1.0)
    number = Task(kind="number", target="y")
    assert corrected(number, y, margins[:, 0])[0].kind == "none"


def contenders(seed, *gains):
    """Losses of models that are each a little better than the one before, on the same noisy rows."""
    draw = np.random.default_rng(seed)
    rows = np.abs(draw.normal(0.6, 0.3, 2_000))
    names = ("baseline", "linear", "boosting", "network")
    made, gone = [], 0.0
    for name, gain in zip(names, gains, strict=True):
        gone += gain
        made.append(Contender(name=name, losses=rows - gone + draw.normal(0, 0.1, 2_000)))
    return made


@pytest.mark.parametrize("seed", range(5))
def test_a_better_model_wins_and_inside_the_noise_the_simplest_does(seed):
    assert pick(contenders(seed, 0, 0.1, 0.1, 0.1)).winner == "network"
    assert pick(contenders(seed, 0, 0.1, 0.0, 0.0)).winner in ("linear", "boosting")
    assert pick(contenders(seed, 0, 0.1, 0.1, -0.2)).winner == "boosting"


def test_where_nothing_helps_the_baseline_wins_mostly():
    won = [pick(contenders(seed, 0, 0, 0, 0)).winner for seed in range(20)]
    assert won.count("baseline") >= 15


def test_rows_about_one_subject_count_once():
    draw = np.random.default_rng(2)
    groups = np.repeat(np.arange(20), 100)
    shared = draw.normal(0.02, 0.1, 20)[groups]
    usual = Contender(name="baseline", losses=np.full(2_000, 0.6))
    better = Contender(name="linear", losses=0.6 - shared)
    assert pick([usual, better]).winner == "linear"
    assert pick([usual, better], groups).winner == "baseline"


def test_the_best_is_named_with_what_it_gains():
    found = pick(contenders(1, 0, 0.1, 0.0, 0.0))
    line = next(one for one in found.compared if one.name == "baseline")
    assert line.more == pytest.approx(0.1, abs=0.02)
    assert not line.inside_noise()
    assert found.words()
