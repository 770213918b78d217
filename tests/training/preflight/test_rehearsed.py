"""What a rehearsal tells, and what is concluded from it."""

import math
from dataclasses import replace

import pytest

from pressroom.training.preflight.rehearsed import Exported, Failed, Rehearsed, Step, check_learning, check_rehearsed

FIRST = Step(batch="a", loss=0.7, rows=32, seconds=0.1)
SECOND = Step(batch="b", loss=0.65, rows=32, seconds=0.1)
THIRD = Step(batch="c", loss=0.61, rows=32, seconds=0.1)
GOOD = Rehearsed(
    before=(FIRST, SECOND),
    on=THIRD,
    again=THIRD,
    evaluated=(("auc", 0.7),),
    exported=Exported(),
)


def checks(told):
    return [finding.check for finding in check_rehearsed(told)]


def test_a_job_whose_parts_fit_is_let_through():
    assert checks(GOOD) == []


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("loss_not_finite", {"before": (FIRST, replace(SECOND, loss=math.nan))}),
        ("empty_batch", {"before": (replace(FIRST, rows=0), replace(SECOND, rows=0))}),
        ("same_batch", {"before": (FIRST, replace(SECOND, batch="a"))}),
        ("batches_restart", {"again": replace(THIRD, batch="a")}),
        ("state_is_lost", {"again": replace(THIRD, loss=0.6101)}),
        ("metric_not_finite", {"evaluated": (("auc", math.nan),)}),
        ("prediction_not_finite", {"exported": Exported(bad_row=3)}),
        ("same_prediction", {"exported": Exported(spread=0.0)}),
        ("export_falls_back", {"exported": Exported(why="an operation has no form there.")}),
        ("export_fails", {"failed": Failed(part="export", error="no such operator")}),
        ("out_of_memory", {"failed": Failed(part="step", error="killed", cause="memory")}),
        ("hangs", {"failed": Failed(part="batches", error="no end", cause="time limit")}),
    ],
)
def test_a_part_that_does_not_fit_is_refused(check, change):
    assert checks(replace(GOOD, **change)) == [check]


@pytest.mark.parametrize(
    ("check", "losses"),
    [("nothing_moves", [0.7] * 5), ("goes_up", [0.7, 0.8, 0.9]), ("hardly_learns", [0.7, 0.699, 0.698])],
)
def test_a_job_that_does_not_learn_one_batch_is_told(check, losses):
    assert [finding.check for finding in check_learning(losses)] == [check]


def test_a_job_that_learns_one_batch_is_let_through():
    assert check_learning([0.7, 0.75, 0.5, 0.2]) == ()
