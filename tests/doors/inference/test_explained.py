"""Explanations over HTTP: they add up to the score, whatever gave it, and what can't be explained is refused."""

import math
import time
from dataclasses import replace

import pytest
from tests.doors.inference.conftest import InProcess
from tests.projects import request_row, train

from pressroom.models import Explainer
from pressroom.serving import MOST_EXPLAINED, Fallback, Share
from pressroom.training import gradient_boosting, logistic

METHODS = {
    "late.logistic": "weights times distance",
    "late.gradient_boosting": "TreeSHAP",
    "late.by_pieces": "sampled orders",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server of three models, one explained exactly, one by its framework, one by sampling."""
    made = InProcess(tmp_path_factory.mktemp("explained"))
    train(made.workspace, made.definitions, logistic(), gradient_boosting())
    yield made
    made.close()


def push(served: InProcess, model: str) -> None:
    served.workspace.serving.push(served.definitions.endpoint("risk"), [Share(model=model)])
    served.live.refresh()


@pytest.mark.parametrize("model", METHODS)
def test_contributions_add_up_to_the_score_of_the_answer(served, model):
    push(served, model)
    status, said = served.predict({"rows": [request_row(number) for number in range(7)], "explain": True})
    assert status == 200
    for one in said["predictions"]:
        told = one["explanation"]
        assert one["model"] == model
        assert METHODS[model] in told["method"]
        assert told["base"] + sum(told["values"].values()) == pytest.approx(told["score"], abs=1e-9)
        answer = 1 / (1 + math.exp(-told["score"])) if told["space"] == "raw" else told["score"]
        # What is sampled has a standard error; the rest is exact.
        doubt = 5 * math.sqrt(sum(error**2 for error in told["error"].values()))
        assert answer == pytest.approx(one["prediction"], abs=1e-5 + doubt)


def test_it_is_told_in_the_units_of_the_features(served):
    push(served, "late.logistic")
    _, said = served.predict({"rows": [request_row(distance=7.5)], "explain": True})
    told = said["predictions"][0]["explanation"]
    assert any("7.5 km" in sentence for sentence in told["sentences"])
    assert set(told["effects"]) == set(told["values"]) == set(told["error"])


def test_without_being_asked_nothing_is_explained(served):
    _, said = served.predict({"rows": [request_row()]})
    assert "explanation" not in said["predictions"][0]


def test_what_is_read_to_explain_is_read_once(served, monkeypatch):
    push(served, "late.gradient_boosting")
    body = {"rows": [request_row()], "explain": True}
    assert served.predict(body)[0] == 200
    monkeypatch.setattr(served.workspace.ports.blobs, "get", None)
    assert served.predict(body)[0] == 200


def test_too_many_rows_and_other_words_are_refused_before_they_are_answered(served):
    rows = [request_row(number) for number in range(MOST_EXPLAINED + 1)]
    written = served.log.written + served.log.waiting()
    status, said = served.predict({"rows": rows, "explain": True})
    assert (status, f"at most {MOST_EXPLAINED}" in said["error"]["next_step"]) == (400, True)
    assert served.predict({"rows": [request_row()], "explain": "yes"})[0] == 400
    assert served.log.written + served.log.waiting() == written


def test_an_endpoint_that_explains_nothing_says_so(served, monkeypatch):
    monkeypatch.setattr(served.live.predictor("risk"), "_explainer", None)
    status, said = served.predict({"rows": [request_row()], "explain": True})
    assert (status, "can't be explained" in said["error"]["message"]) == (400, True)


def test_a_method_that_fails_is_the_models_refusal_and_no_defect_of_the_server(served, monkeypatch):
    def fails(self, inputs, *, within_s):
        raise ZeroDivisionError("nothing to divide")

    monkeypatch.setattr(Explainer, "explain", fails)
    status, said = served.predict({"rows": [request_row()], "explain": True})
    assert (status, "nothing to divide" in said["error"]["message"]) == (422, True)


def test_methods_that_sample_get_what_is_left_of_the_deadline(served, monkeypatch):
    push(served, "late.by_pieces")
    given: list[float] = []
    explain = Explainer.explain

    def noted(self, inputs, *, within_s):
        given.append(within_s)
        return explain(self, inputs, within_s=within_s)

    monkeypatch.setattr(Explainer, "explain", noted)
    assert served.predict({"rows": [request_row()], "explain": True, "deadline_ms": 400})[0] == 200
    assert 0 < given[0] < 0.4


def test_an_answer_whose_time_is_over_is_not_explained(served):
    predictor = served.live.predictor("risk")
    explainer = predictor._explainer_of

    class Late:
        def __call__(self, digest):
            found = explainer(digest)
            until = time.perf_counter() + 0.05
            while time.perf_counter() < until:
                pass
            return found

    predictor._explainer_of = Late()
    try:
        status, said = served.predict({"rows": [request_row()], "explain": True, "deadline_ms": 40})
    finally:
        del predictor._explainer_of
    assert (status, "no time is left" in said["error"]["message"]) == (504, True)


def test_a_constants_answer_has_no_explanation(served, monkeypatch):
    predictor = served.live.predictor("risk")
    promise = replace(predictor.endpoint.promise, stale_after_s=1e-9, fallbacks=(Fallback(kind="constant", value=0.5),))
    monkeypatch.setattr(predictor, "endpoint", replace(predictor.endpoint, promise=promise))
    status, said = served.predict({"rows": [request_row(1)], "explain": True})
    (one,) = said["predictions"]
    assert (status, one["prediction"], one["explanation"]) == (200, 0.5, None)
    assert one["fallback"].startswith("stale")
