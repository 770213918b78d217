"""Who answers when the meant model can't."""

from dataclasses import replace

import pytest
from tests.projects import END, request_row

from pressroom.models import load
from pressroom.ports import BackendError
from pressroom.serving import (
    Ask,
    DeadlinePassed,
    Fallback,
    FeaturesStale,
    ModelFailed,
    NoNumber,
    Promise,
    Rows,
    Share,
    check_rows,
)

CONSTANT = Fallback(kind="constant", value=0.25)


class Broken:
    """A model that fails, or answers what it is told to."""

    def __init__(self, answer=None):
        self.answer = answer

    def predict(self, inputs):
        if self.answer is None:
            raise RuntimeError("a defect in somebody's model")
        return self.answer(inputs)


def predictor_of(floor, *fallbacks, model="late.by_traffic", **promise):
    workspace, definitions = floor
    definition = definitions.endpoint("risk")
    workspace.serving.push(definition, [Share(model="late.by_pieces")])
    definition = replace(definition, promise=Promise(fallbacks=fallbacks, **promise))
    workspace.serving.push(definition, [Share(model=model)])
    live = workspace.serving.live()
    live.refresh()
    return live.predictor("risk")


def break_model(predictor, answer=None):
    digest = predictor.endpoint.routes[0].digest
    predictor._models[digest] = replace(predictor._models[digest], runnable=Broken(answer))


def ask(predictor, *rows, as_of=END):
    return predictor.predict(check_rows(predictor.endpoint.question, list(rows or [request_row()])), as_of)


def test_nothing_falls_back_while_all_is_well(floor):
    (one,) = ask(predictor_of(floor, CONSTANT))
    assert (one.fallback, one.route.model) == ("", "late.by_traffic")


def test_the_first_fallback_that_can_answers_and_says_why(floor):
    predictor = predictor_of(floor, Fallback(kind="previous"), CONSTANT)
    break_model(predictor)
    (one,) = ask(predictor)
    assert (one.fallback, one.route.model, one.route.version) == ("model", "late.by_pieces", "1.0.0")
    previous = predictor.endpoint.promise.fallbacks[0]
    assert one.route.digest == previous.digest
    del predictor._models[previous.digest]
    (two,) = ask(predictor)
    assert (two.fallback, two.route.model, two.prediction) == ("model", "constant", 0.25)


def test_the_baseline_is_the_one_in_use_when_it_was_pushed(floor):
    predictor = predictor_of(floor, Fallback(kind="baseline"))
    break_model(predictor)
    (one,) = ask(predictor)
    assert (one.route.model, one.fallback) == ("late.baseline", "model")


def test_without_a_fallback_a_failing_model_is_told(floor):
    predictor = predictor_of(floor)
    break_model(predictor)
    with pytest.raises(ModelFailed, match="No fallback"):
        ask(predictor)


def test_a_row_that_gets_no_number_falls_back_alone(floor):
    predictor = predictor_of(floor, CONSTANT)
    break_model(predictor, lambda inputs: inputs["pieces"] / (inputs["pieces"] - 3.0) - 0.0)
    with pytest.warns(RuntimeWarning, match="divide"):
        answers = ask(predictor, *[request_row(pieces=number) for number in (1, 3, 5)])
    assert [one.fallback for one in answers] == ["", "number", ""]
    assert answers[1].prediction == 0.25


def test_a_row_that_gets_no_number_and_no_fallback_is_refused_not_failed(floor):
    predictor = predictor_of(floor)
    break_model(predictor, lambda inputs: inputs["pieces"] * float("nan"))
    with pytest.raises(NoNumber):
        ask(predictor)


def test_features_older_than_promised_fall_back(floor):
    predictor = predictor_of(floor, CONSTANT, stale_after_s=60.0)
    fresh, old = ask(predictor, request_row(quarter="q-new", customer=None)), ask(predictor, request_row())
    assert fresh[0].fallback == "", "no fact is not an old fact"
    assert old[0].fallback.startswith("stale: ")
    with pytest.raises(FeaturesStale):
        ask(predictor_of(floor, stale_after_s=60.0))


def test_features_that_cannot_be_read_leave_what_needs_none(floor, monkeypatch):
    predictor = predictor_of(floor, Fallback(kind="previous"), CONSTANT)

    def down(rows, as_of):
        raise BackendError("The store is down.")

    monkeypatch.setattr(predictor._online, "answer", down)
    (one,) = ask(predictor)
    assert (one.route.model, one.fallback) == ("late.by_pieces", "features"), "it takes request fields alone"
    predictor._models.pop(predictor.endpoint.promise.fallbacks[0].digest)
    assert ask(predictor)[0].route.model == "constant"
    monkeypatch.setattr(predictor, "endpoint", replace(predictor.endpoint, promise=Promise()))
    with pytest.raises(ModelFailed, match="features can't be read"):
        ask(predictor)


def test_a_model_that_needs_features_is_no_fallback_without_them(floor, monkeypatch):
    predictor = predictor_of(floor, Fallback(kind="previous"), CONSTANT, model="late.by_pieces")
    route = predictor.endpoint.routes[0]
    traffic = floor[0].catalog.current("model", "late.by_traffic")
    needy = Fallback(kind="previous", model=traffic.name, version=traffic.version, digest=traffic.digest)
    predictor._models[traffic.digest] = load(traffic.digest, floor[0].ports.blobs)
    predictor.endpoint = replace(predictor.endpoint, promise=Promise(fallbacks=(needy, CONSTANT)))
    rows = check_rows(predictor.endpoint.question, [request_row()])
    piece = predictor.instead(Ask(Rows(rows), END, 0), "deadline")
    assert piece.answers[0].route.model == "constant"
    assert route.model == "late.by_pieces"


def test_a_request_whose_time_is_over_is_not_given_to_the_model(floor):
    predictor = predictor_of(floor, CONSTANT)
    break_model(predictor)
    rows = check_rows(predictor.endpoint.question, [request_row()])
    late, early = predictor.answer([Ask(Rows(rows), END, 0, until_ns=1), Ask(Rows(rows), END, 0)])
    assert late.answers[late.start].fallback == "deadline"
    assert early.answers[early.start].fallback == "model"
    (refused,) = predictor_of(floor).answer([Ask(Rows(rows), END, 0, until_ns=1)])
    assert isinstance(refused, DeadlinePassed)


def test_what_is_wrong_with_one_request_harms_none_that_came_with_it(floor):
    predictor = predictor_of(floor)
    rows = check_rows(predictor.endpoint.question, [request_row()])
    first, second, third = predictor.answer([Ask(Rows(rows), END, 0), Ask(Rows(rows), 5, 0), Ask(Rows(rows), END, 0)])
    assert first.answers[0].prediction == third.answers[0].prediction
    assert "kept online" in str(second)


def test_fallbacks_are_counted_for_the_variant_that_was_meant(floor):
    predictor = predictor_of(floor, CONSTANT)
    break_model(predictor)
    ask(predictor, *[request_row()] * 3)
    assert (predictor.tallies[""].rows, predictor.tallies[""].failed) == (3, 3)
