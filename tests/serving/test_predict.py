import numpy as np
import pytest
from tests.projects import DAY, END, HOUR, append, request_row

from pressroom.features import TooOld
from pressroom.models import load
from pressroom.serving import Assignment, Share, check_rows
from pressroom.serving.route import choose


@pytest.fixture
def predictor(floor):
    """Half of the customers are answered by pieces, half by the baseline."""
    workspace, definitions = floor
    shares = [
        Share(model="late.by_pieces", share=0.5, variant="new"),
        Share(model="late.baseline", share=0.5, variant="old"),
    ]
    assignment = Assignment(experiment="trial", unit="customer", salt="trial")
    workspace.serving.push(definitions.endpoint("risk"), shares, assignment=assignment)
    live = workspace.serving.live()
    live.refresh()
    return live.predictor("risk")


def ask(predictor, *rows, as_of=END):
    return [*predictor.predict(check_rows(predictor.endpoint.question, list(rows)), as_of)]


def test_each_row_is_answered_by_the_model_of_its_route(floor, predictor):
    workspace, _ = floor
    rows = [request_row(number) for number in range(40)]
    answers = ask(predictor, *rows)
    assert {answer.route.variant for answer in answers} == {"new", "old"}
    for row, answer in zip(rows, answers, strict=True):
        assert answer.unit == row["customer"]
        assert answer.route == choose(predictor.endpoint.routes, "trial", answer.unit)
        model = load(answer.route.digest, workspace.ports.blobs)
        inputs = {"pieces": [float(row["pieces"])], "channel": [row["channel"]]}
        wanted = {name: _array(values) for name, values in inputs.items() if name in model.package.signature.names()}
        assert answer.prediction == model.runnable.predict(wanted)[0]


def _array(values):
    return np.array(values, dtype=object if isinstance(values[0], str) else float)


def test_a_batch_is_answered_like_its_rows_alone(predictor):
    rows = [request_row(number) for number in range(12)]
    together = ask(predictor, *rows)
    alone = [ask(predictor, row)[0] for row in rows]
    assert [(a.prediction, a.route, a.answered) for a in together] == [
        (a.prediction, a.route, a.answered) for a in alone
    ]


def test_every_answer_has_a_name_of_its_own(predictor):
    answers = ask(predictor, *[request_row()] * 50)
    assert len({answer.prediction_id for answer in answers}) == 50


def test_a_row_without_its_unit_is_answered_and_assigned_to_nobody(predictor):
    (answer,) = ask(predictor, request_row(customer=None))
    assert answer.unit is None
    assert answer.answered.values["habit.deliveries_7d"] is None


def test_features_are_those_known_at_the_instant_and_their_age_is_told(floor, predictor):
    workspace, definitions = floor
    late = {"event": END + HOUR, "known": END + 2 * HOUR, "order": "x", "customer": "c1", "quarter": "q9", "delay": 5.0}
    append(workspace, definitions.facts["delivered"], [late])
    unseen, seen = (ask(predictor, request_row(customer="c1", quarter="q9"), as_of=END + h * HOUR)[0] for h in (1, 2))
    assert (unseen.answered.values["traffic.deliveries_12h"], unseen.answered.ages_s["traffic.age"]) == (0, None)
    assert (seen.answered.values["traffic.deliveries_12h"], seen.answered.values["habit.last_delay"]) == (1, 5.0)
    assert seen.answered.ages_s["traffic.age"] == 3_600.0


def test_an_instant_that_is_no_longer_kept_is_refused(predictor):
    with pytest.raises(TooOld, match="kept online"):
        ask(predictor, request_row(1), as_of=END - 400 * DAY)
