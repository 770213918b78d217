import pytest
from tests.projects import DEFINITIONS, END, HOUR, MINUTE, append, declared, mean_by, ready, request_row, train

from pressroom.serving import Share, check_rows


@pytest.fixture
def served(tmp_path):
    """A workspace whose endpoint answered 80 requests while facts went on arriving."""
    workspace, definitions = ready(tmp_path)
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_traffic")])
    for turn in range(8):
        now = END + turn * HOUR
        rows = [
            {
                "event": now - k * MINUTE,
                "order": f"z{turn}.{k}",
                "customer": f"c{k}",
                "quarter": f"q{k % 4}",
                "delay": k / 3,
            }
            for k in range(5)
        ]
        append(workspace, definitions.facts["delivered"], rows)
        ask(workspace, [request_row(number) for number in range(turn, turn + 10)], now)
    return workspace, definitions


def ask(workspace, rows, as_of, *, tamper=lambda prediction: None):
    live = workspace.serving.live()
    live.refresh()
    predictor = live.predictor("risk")
    given = predictor.predict(check_rows(predictor.endpoint.question, rows), as_of)
    for prediction in given:
        tamper(prediction.answered.values)
    log = workspace.serving.prediction_log()
    log.add(given)
    log.close()
    return given


def parity(workspace, **options):
    running = workspace.serving.current("risk")
    return workspace.monitoring.parity(running.question, running.predictions(), **options)


def test_what_was_served_is_what_the_facts_give(served):
    report = parity(served[0])
    assert (report.checked, report.values, report.unequal) == (80, 480, 0)


def test_settling_and_later_facts_change_nothing(served):
    workspace, definitions = served
    workspace.settle()
    later = [
        {
            "event": END - HOUR,
            "known": END + 100 * HOUR,
            "order": f"l{k}",
            "customer": f"c{k}",
            "quarter": "q1",
            "delay": 9.0,
        }
        for k in range(10)
    ]
    append(workspace, definitions.facts["delivered"], later)
    assert parity(workspace).unequal == 0


def test_a_value_that_was_served_wrong_is_named_with_its_prediction(served):
    workspace, _ = served

    def tamper(values):
        values["traffic.delay_12h"] += 1e-12

    (given,) = ask(workspace, [request_row(1)], END + 8 * HOUR, tamper=tamper)
    report = parity(workspace)
    assert (report.checked, report.unequal) == (81, 1)
    assert report.by_feature == (("traffic.delay_12h", 1),)
    (example,) = report.examples
    assert (example.prediction_id, example.feature) == (given.prediction_id, "traffic.delay_12h")
    assert float(example.served) == given.answered.values["traffic.delay_12h"] != float(example.recomputed)


def test_a_fact_that_came_late_with_an_early_known_time_shows(served):
    """Loaded history that claims to have been known already: what was served then was without it."""
    workspace, definitions = served
    before = {"event": END - HOUR, "known": END - HOUR, "order": "h", "customer": "c3", "quarter": "q3", "delay": 99.0}
    append(workspace, definitions.facts["delivered"], [before])
    report = parity(workspace)
    assert report.unequal > 0
    assert {name.split(".")[0] for name, _ in report.by_feature} <= {"habit", "traffic"}


def test_many_predictions_are_checked_evenly(served):
    report = parity(served[0], most=10)
    assert (report.checked, report.unequal) == (10, 0)


def test_answers_to_another_question_are_left_out(served, tmp_path):
    workspace, _ = served
    changed = declared(tmp_path, DEFINITIONS.replace('count(window="12h")', 'count(window="1h")'))
    workspace.apply(changed)
    train(workspace, changed, mean_by("by_pieces", "pieces"))
    workspace.serving.push(changed.endpoint("risk"), [Share(model="late.by_pieces")])
    ask(workspace, [request_row(number) for number in range(5)], END + 9 * HOUR)
    assert parity(workspace).unequal > 0
    report = parity(workspace, versions=[2])
    assert (report.checked, report.unequal) == (5, 0)


def test_no_prediction_is_nothing_unequal(tmp_path):
    workspace, definitions = ready(tmp_path)
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_pieces")])
    report = parity(workspace)
    assert (report.checked, report.unequal, report.examples) == (0, 0, ())
