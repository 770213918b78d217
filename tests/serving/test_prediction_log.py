import threading
from dataclasses import replace

import pyarrow.compute as pc
import pytest
from tests.projects import DEFINITIONS, END, declared, mean_by, request_row, train

from pressroom.ports import NoSpace
from pressroom.serving import FLUSH_S, Assignment, PredictionLog, Promise, Rollout, Share, check_rows


@pytest.fixture
def served(floor):
    workspace, definitions = floor
    shares = [
        Share(model="late.by_pieces", share=0.5, variant="new"),
        Share(model="late.baseline", share=0.5, variant="old"),
    ]
    assignment = Assignment(experiment="trial", unit="customer", salt="trial")
    workspace.serving.push(definitions.endpoint("risk"), shares, assignment=assignment)
    return workspace, definitions


@pytest.fixture
def log(served):
    log = served[0].serving.prediction_log()
    yield log
    log.close()


def ask(workspace, count, *, as_of=END):
    live = workspace.serving.live()
    live.refresh()
    predictor = live.predictor("risk")
    rows = check_rows(predictor.endpoint.question, [request_row(number) for number in range(count)])
    return predictor.predict(rows, as_of)


def logged(workspace):
    table, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
    return table.sort_by("seq")


def test_a_prediction_is_kept_with_all_that_explains_it(served, log):
    workspace, _ = served
    answers = ask(workspace, 1)
    (given,) = answers
    log.add(answers)
    log.flush()
    (row,) = logged(workspace).to_pylist()
    assert (row["prediction_id"], row["prediction"], row["unit"]) == (given.prediction_id, given.prediction, given.unit)
    assert (row["model"], row["version"], row["digest"], row["variant"]) == (
        given.route.model, given.route.version, given.route.digest, given.route.variant,
    )  # fmt: skip
    assert (row["order"], row["customer"], row["quarter"], row["pieces"]) == ("n0", "c0", "q0", 1)
    assert row["habit__deliveries_7d"] == given.answered.values["habit.deliveries_7d"]
    assert int(row["event"].timestamp() * 1e6) == int(row["known"].timestamp() * 1e6) == END
    assert (row["endpoint_version"], row["latency_us"]) == (1, given.latency_us)
    assert log.written == 1


def test_closing_writes_what_waits(served):
    workspace, _ = served
    log = workspace.serving.prediction_log()
    given = []
    for _ in range(25):
        answers = ask(workspace, 1)
        log.add(answers)
        given += [*answers]
    log.close()
    assert logged(workspace).column("prediction_id").to_pylist() == [one.prediction_id for one in given]


def test_the_writer_needs_no_other_call(served, log):
    workspace, _ = served
    log.add(ask(workspace, 5))
    for _ in range(200):
        if log.written == 5:
            break
        threading.Event().wait(FLUSH_S)
    assert logged(workspace).num_rows == 5


def test_many_are_written_before_their_time(served, monkeypatch):
    monkeypatch.setattr("pressroom.serving.prediction_log.FLUSH_S", 3_600.0)
    monkeypatch.setattr("pressroom.serving.prediction_log._MOST_WAITING", 40)
    log = PredictionLog(served[0].facts)
    log.add(ask(served[0], 10))
    assert log.waiting() == 10
    log.add(ask(served[0], 1))
    assert wait_for(lambda: log.written == 11)
    log.close()


def test_what_cannot_be_written_waits_and_is_told(served):
    workspace, _ = served
    full = FullDisk(workspace.facts)
    log = PredictionLog(full)
    given = ask(workspace, 5)
    log.add(given)
    with pytest.raises(NoSpace):
        log.flush()
    assert wait_for(lambda: log.failure is not None)
    full.is_full = False
    log.flush()
    assert wait_for(lambda: log.failure is None), "the next round finds that it goes on"
    log.close()
    assert logged(workspace).column("prediction_id").to_pylist() == [one.prediction_id for one in given]


def test_a_defect_in_writing_loses_nothing_and_does_not_end_the_writer(served, caplog):
    workspace, _ = served
    broken = FullDisk(workspace.facts, error=ValueError("a defect"))
    log = PredictionLog(broken)
    given = ask(workspace, 5)
    log.add(given)
    assert wait_for(lambda: log.failure is not None)
    assert log._writer.is_alive()
    broken.is_full = False
    assert wait_for(lambda: log.written == 5)
    log.close()
    assert logged(workspace).num_rows == 5
    assert "a defect" in caplog.text


def test_requests_wait_for_the_writer_when_too_many_answers_do(served, monkeypatch):
    workspace, _ = served
    monkeypatch.setattr("pressroom.serving.prediction_log._MOST_WAITING", 10)
    log = PredictionLog(FullDisk(workspace.facts))
    log.add(ask(workspace, 10))
    with pytest.raises(NoSpace):
        log.add(ask(workspace, 1))
    log._facts.is_full = False
    log.close()
    assert logged(workspace).num_rows == 11


def test_answers_to_two_questions_that_wait_together_keep_all_their_features(served, log, tmp_path):
    workspace, _ = served
    before = ask(workspace, 4)
    more = declared(
        tmp_path, DEFINITIONS.replace("    age = ", '    delay_2d = Delivered.delay.sum(window="2d")\n    age = ')
    )
    workspace.apply(more)
    train(workspace, more, mean_by("by_pieces", "pieces"))
    workspace.serving.push(more.endpoint("risk"), [Share(model="late.by_pieces")])
    after = ask(workspace, 4)
    with log._writing:
        log.add(before)
        log.add(after)
    log.flush()
    rows = logged(workspace)
    assert rows.column("endpoint_version").to_pylist() == [1] * 4 + [2] * 4
    new = rows.filter(pc.equal(rows["endpoint_version"], 2)).column("traffic__delay_2d").to_pylist()
    assert new == [one.answered.values["traffic.delay_2d"] for one in after]
    assert any(value is not None for value in new)


class FullDisk:
    """Facts that can't be appended until there is space."""

    def __init__(self, facts, error=None):
        self.is_full = True
        self._facts = facts
        self._error = error or NoSpace("The disk is full.", next_step="Make room.")

    def append_checked(self, tables):
        if self.is_full:
            raise self._error
        return self._facts.append_checked(tables)


def wait_for(happened):
    return any(happened() or threading.Event().wait(FLUSH_S / 5) for _ in range(2_000))


def test_of_an_endpoint_that_is_sampled_a_share_is_written_with_its_shadows_and_the_rest_is_counted(floor):
    workspace, definitions = floor
    risk = replace(definitions.endpoint("risk"), promise=Promise(log_share=0.3))
    workspace.serving.push(risk, [Share(model="late.by_pieces")])
    workspace.serving.push(risk, [Share(model="late.baseline")], rollout=Rollout(shadow=True))
    log, live = workspace.serving.prediction_log(), workspace.serving.live()
    live.refresh()
    predictor = live.predictor("risk")
    for start in (0, 500):
        rows = check_rows(predictor.endpoint.question, [request_row(start + number) for number in range(500)])
        answers = predictor.predict(rows, END)
        log.add(answers, predictor.shadow(answers))
    log.close()
    written = logged(workspace).column("prediction_id").to_pylist()
    shadows, _ = workspace.facts.read(predictor.endpoint.shadows())
    assert 200 < len(written) < 400
    assert sorted(shadows.column("prediction_id").to_pylist()) == sorted(written), "each with what it is compared to"
    assert (log.written, log.sampled_out, log.dropped) == (len(written), 1_000 - len(written), 0)


def test_that_nothing_can_be_written_is_told_once_and_that_it_goes_on_too(served, caplog):
    workspace, _ = served

    class Full:
        def append_checked(self, tables):
            raise NoSpace("The disk is full.", next_step="Make room.")

    log = workspace.serving.prediction_log()
    log._facts = Full()
    log.add(ask(workspace, 3))
    assert wait_for(lambda: log.failure is not None)
    log.add(ask(workspace, 3))
    log._facts = workspace.facts
    assert wait_for(lambda: log.failure is None)
    log.close()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "The disk is full. Make room." in told[0]
    assert "3 wait" in told[0]
    assert told[1] == "Predictions are written again."
    assert logged(workspace).num_rows == 6
