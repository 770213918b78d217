"""Guardrails by outcomes: a canary that misses what happens is taken back, one that has bad luck is not."""

from dataclasses import replace

import numpy as np
import pytest
from tests.projects import DAY, END, HOUR, append, ready, request_row

from pressroom.serving import CANARY, STABLE, CanaryPromise, Promise, Rollout, Share
from pressroom.serving.guardrail import broken_guardrail, losses_of_trial
from pressroom.stats import Moments

PROMISE = CanaryPromise(least=50, most_worse=0.05)
ORDERS = 400


def moments(mean, n=400, spread=0.1, seed=1):
    return Moments.of(np.random.default_rng(seed).normal(mean, spread, n))


def judged(canary, others, promise=PROMISE):
    return broken_guardrail({CANARY: canary, STABLE: others}, promise)


def test_errors_that_are_as_large_as_the_others_are_no_fault():
    assert judged(moments(0.20), moments(0.20, seed=2)) is None
    assert judged(moments(0.23), moments(0.20, seed=2)) is None, "within what may be"


def test_errors_that_are_much_larger_are_told_with_both_figures():
    said = judged(moments(0.4), moments(0.2, seed=2))
    assert "400 outcomes" in said
    assert "0.05 more may be" in said


def test_nobody_is_judged_by_few_outcomes_or_without_a_promise():
    assert judged(moments(0.9, n=49), moments(0.2)) is None
    assert judged(moments(0.9), moments(0.2, n=49)) is None
    assert judged(Moments(), Moments()) is None
    assert judged(moments(0.9), moments(0.2), CanaryPromise(least=50)) is None


def test_a_difference_that_chance_makes_is_no_proof_however_often_it_is_looked_at():
    promise, ended = CanaryPromise(least=50, most_worse=0.0), 0
    for seed in range(100):
        draw = np.random.default_rng(seed)
        canary, others = draw.normal(0.2, 0.2, (2, 2_000))
        looks = range(50, 2_000, 50)
        ended += any(judged(Moments.of(canary[:n]), Moments.of(others[:n]), promise) for n in looks)
    assert ended <= 2


@pytest.fixture
def trial(tmp_path):
    """A canary at half of the units, and the answers to many orders written down."""
    workspace, definitions = ready(tmp_path)
    risk = replace(definitions.endpoint("risk"), promise=Promise(canary=PROMISE))
    workspace.serving.push(risk, [Share(model="late.by_pieces")])
    workspace.serving.push(risk, [Share(model="late.by_traffic")], rollout=Rollout(canary=0.5))
    live = workspace.serving.live()
    live.refresh()
    rows = [request_row(number, promised=END) for number in range(ORDERS)]
    answers = live.predictor("risk").predict(rows, END)
    log = workspace.serving.prediction_log()
    log.add(answers)
    log.close()
    return workspace, definitions, [*answers]


def deliver(workspace, definitions, answers, is_late):
    """What became of the orders, an hour later."""
    rows = [
        {
            "event": END + HOUR,
            "known": END + HOUR,
            **{name: answer.row[name] for name in ("order", "customer", "quarter")},
            "delay": 30.0 if is_late(answer) else 0.0,
        }
        for answer in answers
    ]
    append(workspace, definitions.facts["delivered"], rows)
    workspace.ports.clock.set(END + 2 * DAY)


def test_outcomes_are_joined_and_errors_are_those_of_each_variant(trial):
    workspace, definitions, answers = trial
    now = workspace.serving.current("risk")
    deliver(workspace, definitions, answers[::2], lambda answer: True)
    losses = losses_of_trial(
        now, facts=workspace.facts, features=workspace.features, known_at=workspace.ports.clock.now()
    )
    for variant in (CANARY, STABLE):
        errors = [(answer.prediction - 1.0) ** 2 for answer in answers[::2] if answer.route.variant == variant]
        assert losses[variant].n == len(errors)
        assert losses[variant].mean == pytest.approx(np.mean(errors))


def test_a_canary_that_is_wrong_where_the_others_are_right_breaks_its_promise(trial):
    workspace, definitions, answers = trial
    now = workspace.serving.current("risk")
    assert workspace.serving.broken_guardrail(now) is None, "nothing is known yet"
    deliver(workspace, definitions, answers, lambda each: (each.prediction >= 0.5) == (each.route.variant == STABLE))
    assert "mean squared error" in workspace.serving.broken_guardrail(now)
    assert workspace.serving.end_trial(now, "it is wrong")
    assert workspace.serving.current("risk").version == 1
    assert workspace.serving.broken_guardrail(workspace.serving.current("risk")) is None


def test_a_canary_that_is_right_stays(trial):
    workspace, definitions, answers = trial
    deliver(workspace, definitions, answers, lambda each: each.prediction >= 0.5)
    assert workspace.serving.broken_guardrail(workspace.serving.current("risk")) is None
