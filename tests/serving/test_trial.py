"""Models on trial, rules and shadows: from the push to the facts."""

from dataclasses import replace

import pytest
from tests.projects import END, request_row

from pressroom.serving import (
    CANARY,
    STABLE,
    CanaryPromise,
    Promise,
    PushRefused,
    Rollout,
    Share,
    When,
    broken_promise,
    check_rows,
)
from pressroom.values import InvalidInput

PIECES, TRAFFIC = [Share(model="late.by_pieces")], [Share(model="late.by_traffic")]


@pytest.fixture
def served(floor):
    workspace, definitions = floor
    workspace.serving.push(definitions.endpoint("risk"), PIECES)
    return workspace, definitions.endpoint("risk")


def live_predictor(workspace):
    live = workspace.serving.live()
    live.refresh()
    return live.predictor("risk")


def ask(predictor, rows):
    return predictor.predict(check_rows(predictor.endpoint.question, rows), END)


def test_a_canary_answers_its_share_and_the_rest_goes_on(served):
    workspace, risk = served
    endpoint = workspace.serving.push(risk, TRAFFIC, rollout=Rollout(canary=0.2)).endpoint
    assert [(r.variant, r.model, r.high - r.low) for r in endpoint.routes] == [
        (CANARY, "late.by_traffic", 2_000), (STABLE, "late.by_pieces", 8_000),
    ]  # fmt: skip
    assert (endpoint.canary, endpoint.unit) == (CANARY, "order")
    answers = ask(live_predictor(workspace), [request_row(number) for number in range(400)])
    share = sum(one.route.variant == CANARY for one in answers) / 400
    assert 0.12 < share < 0.28


def test_a_canary_stands_beside_the_very_version_that_answered(served, tmp_path):
    workspace, risk = served
    before = workspace.serving.current("risk").routes[0]
    endpoint = workspace.serving.push(risk, PIECES, rollout=Rollout(canary=0.5)).endpoint
    assert endpoint.routes[1].digest == before.digest


def test_a_trial_needs_somebody_to_stand_beside(floor):
    workspace, definitions = floor
    with pytest.raises(PushRefused, match="beside a version that answers"):
        workspace.serving.push(definitions.endpoint("risk"), PIECES, rollout=Rollout(canary=0.1))


@pytest.mark.parametrize("share", [1.0, 1.5, -0.1])
def test_a_share_that_is_no_part_is_refused(served, share):
    workspace, risk = served
    with pytest.raises(PushRefused, match="no share"):
        workspace.serving.push(risk, TRAFFIC, rollout=Rollout(canary=share))


def test_a_canary_that_breaks_its_promise_is_taken_back_once(served):
    workspace, risk = served
    risk = replace(risk, promise=Promise(canary=CanaryPromise(least=20, most_shift=1e-9)))
    endpoint = workspace.serving.push(risk, TRAFFIC, rollout=Rollout(canary=0.5)).endpoint
    predictor = live_predictor(workspace)
    ask(predictor, [request_row(number) for number in range(200)])
    broken = broken_promise(predictor.tallies, endpoint.promise.canary)
    assert "mean prediction" in broken
    assert workspace.serving.end_trial(endpoint, broken)
    assert workspace.serving.current("risk").version == 1
    assert not workspace.serving.end_trial(endpoint, broken), "another worker did it already"
    outcome = workspace.serving.steps("risk")[-1]
    assert (outcome.verdict.check, outcome.verdict.held, outcome.version) == ("canary", False, 2)


def test_a_shadow_answers_nobody_and_is_written_beside(served):
    workspace, risk = served
    endpoint = workspace.serving.push(risk, TRAFFIC, rollout=Rollout(shadow=True)).endpoint
    predictor = live_predictor(workspace)
    answers = ask(predictor, [request_row(number) for number in range(5)])
    assert {one.route.model for one in answers} == {"late.by_pieces"}
    log = workspace.serving.prediction_log()
    log.add(answers, predictor.shadow(answers))
    log.close()
    shadows = workspace.facts.read(endpoint.shadows())[0].to_pylist()
    told = {one.prediction_id: one.prediction for one in answers}
    assert {row["prediction_id"]: row["told"] for row in shadows} == told
    assert {row["model"] for row in shadows} == {"late.by_traffic"}
    assert workspace.facts.read(endpoint.predictions())[0].num_rows == 5, "predictions are those that were told"


def test_a_shadow_that_fails_is_nobody_s_trouble(served):
    workspace, risk = served
    workspace.serving.push(risk, TRAFFIC, rollout=Rollout(shadow=True))
    predictor = live_predictor(workspace)
    digest = predictor.endpoint.routes[1].digest
    predictor._models[digest] = replace(predictor._models[digest], runnable=None)
    assert predictor.shadow(ask(predictor, [request_row()])) == []
    assert predictor.tallies["shadow"].failed == 1


def test_a_rule_comes_before_shares(served):
    workspace, risk = served
    shares = [
        Share(model="late.by_traffic", variant="gifts", when=When(field="gift", among=(True,))),
        Share(model="late.by_pieces", variant="rest"),
    ]
    workspace.serving.push(risk, shares)
    gift, plain = ask(live_predictor(workspace), [request_row(gift=True), request_row(gift=False)])
    assert (gift.route.variant, plain.route.variant) == ("gifts", "rest")


def test_a_rule_on_what_requests_do_not_bring_is_refused(served):
    workspace, risk = served
    shares = [Share(model="late.by_traffic", when=When(field="weight", among=(1,))), *PIECES]
    with pytest.raises(InvalidInput, match="goes by weight"):
        workspace.serving.push(risk, shares)
