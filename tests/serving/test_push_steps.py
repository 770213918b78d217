"""The way of a push: each step has a verdict, and all verdicts are facts."""

from dataclasses import replace

import pytest
from tests.projects import (
    BY_PIECES,
    DEFINITIONS,
    END,
    HOUR,
    append,
    declared,
    delivered_rows,
    in_memory,
    placed_rows,
    request_row,
    train,
)

from pressroom.serving import Promise, PushRefused, Rollout, Share, check_rows

PIECES, TRAFFIC = [Share(model="late.by_pieces")], [Share(model="late.by_traffic")]
STEPS = [
    "resolve", "policy", "sharing", "load", "signature", "callers", "environment", "definitions", "baseline", "warm-up",
    "golden rows", "server path", "online features", "prediction log", "replay",
]  # fmt: skip


def told(workspace):
    return [(step.verdict.check, step.verdict.held) for step in workspace.serving.steps("risk")]


def answer_some(workspace, count, *, as_of=END):
    live = workspace.serving.live()
    live.refresh()
    predictor = live.predictor("risk")
    rows = check_rows(predictor.endpoint.question, [request_row(number) for number in range(count)])
    log = workspace.serving.prediction_log()
    log.add(predictor.predict(rows, as_of))
    log.close()


def test_every_step_of_a_push_is_kept_with_what_it_found(floor):
    workspace, definitions = floor
    pushed = workspace.serving.push(definitions.endpoint("risk"), PIECES)
    assert [verdict.check for verdict in pushed.verdicts] == STEPS
    kept = workspace.serving.steps("risk")
    assert [(step.verdict.check, step.verdict.found) for step in kept[:-1]] == [
        (verdict.check, verdict.found) for verdict in pushed.verdicts
    ]
    assert (kept[-1].verdict.check, kept[-1].verdict.held) == ("push", True)
    assert {step.push for step in kept} == {kept[0].push}
    assert all(step.version == 1 for step in kept)


def test_a_failed_push_is_kept_up_to_the_step_that_failed_and_counts_as_failed(floor):
    workspace, definitions = floor
    risk = definitions.endpoint("risk")
    workspace.serving.push(risk, PIECES)
    with pytest.raises(PushRefused):
        workspace.serving.push(replace(risk, purpose="advertising"), PIECES)
    failed = told(workspace)[len(STEPS) + 1 :]
    assert failed == [("resolve", True), ("policy", False), ("push", False)]
    last = workspace.serving.steps("risk")[-1].verdict
    assert "only operations" in last.found
    assert workspace.serving.current("risk").version == 1


def test_a_rollback_is_kept(floor):
    workspace, definitions = floor
    risk = definitions.endpoint("risk")
    workspace.serving.push(risk, PIECES)
    workspace.serving.push(risk, TRAFFIC)
    workspace.serving.roll_back("risk")
    last = workspace.serving.steps("risk")[-1]
    assert (last.verdict.check, last.version, last.verdict.found) == ("rollback", 1, "version 2 answers no more")


def found(pushed, check):
    return next(verdict.found for verdict in pushed.verdicts if verdict.check == check)


def test_what_was_asked_lately_is_asked_again(floor):
    workspace, definitions = floor
    risk = definitions.endpoint("risk")
    workspace.serving.push(risk, PIECES)
    answer_some(workspace, 30)
    assert "30 of 30 rows have the features they had" in found(workspace.serving.push(risk, TRAFFIC), "replay")


def test_features_that_are_no_longer_what_they_were_stop_a_push(floor):
    workspace, definitions = floor
    risk = definitions.endpoint("risk")
    workspace.serving.push(risk, PIECES)
    answer_some(workspace, 30)
    late = [
        {"event": END - HOUR, "known": END - HOUR, "order": f"x{n}", "customer": None, "quarter": f"q{n}", "delay": 9.0}
        for n in range(4)
    ]
    append(workspace, definitions.facts["delivered"], late)
    with pytest.raises(PushRefused, match="30 of 30 rows that were asked lately have other features now"):
        workspace.serving.push(risk, TRAFFIC)
    assert workspace.serving.current("risk").version == 1


def test_answers_that_would_come_too_late_stop_a_push(floor, monkeypatch):
    workspace, definitions = floor
    risk = definitions.endpoint("risk")
    workspace.serving.push(risk, PIECES)
    answer_some(workspace, 30)
    ticks = iter(range(10_000))
    monkeypatch.setattr("pressroom.serving.rehearse.time.perf_counter", lambda: float(next(ticks)))
    with pytest.raises(PushRefused, match=r"take 1000\.0 ms \(99th percentile\), 50 ms are promised"):
        workspace.serving.push(replace(risk, promise=Promise(deadline_ms=50)), TRAFFIC)


def test_a_request_of_today_that_would_be_refused_stops_a_push(floor, tmp_path):
    workspace, definitions = floor
    workspace.serving.push(definitions.endpoint("risk"), PIECES)
    changed = declared(tmp_path, DEFINITIONS.replace(", Placed.voucher)", ")"))
    workspace.apply(changed)
    train(workspace, changed, BY_PIECES)
    with pytest.raises(PushRefused, match="would be refused: voucher is no longer taken"):
        workspace.serving.push(changed.endpoint("risk"), PIECES)
    pushed = workspace.serving.push(changed.endpoint("risk"), PIECES, rollout=Rollout(break_callers=True))
    assert "voucher is no longer taken" in found(pushed, "callers")


def test_a_new_field_that_must_be_sent_stops_a_push(tmp_path):
    less = declared(tmp_path / "less", DEFINITIONS.replace("Placed.gift, ", ""))
    workspace = in_memory()
    workspace.apply(less)
    append(workspace, less.facts["placed"], placed_rows())
    append(workspace, less.facts["delivered"], delivered_rows(placed_rows()))
    train(workspace, less, BY_PIECES)
    workspace.serving.push(less.endpoint("risk"), PIECES)
    more = declared(tmp_path / "more")
    train(workspace, more, BY_PIECES)
    with pytest.raises(PushRefused, match="gift is needed now"):
        workspace.serving.push(more.endpoint("risk"), PIECES)
