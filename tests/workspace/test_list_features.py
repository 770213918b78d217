"""Lists as features, all the way round: training set, model, endpoint, prediction log, parity, features-check."""

import pyarrow as pa
import pytest
from tests.projects import BY_PIECES, DEFINITIONS, END, declared, fill, request_row, train, write_project

from pressroom.models import Signature, SignatureMismatch, inputs_from_rows, inputs_from_table
from pressroom.serving import Share, check_rows
from pressroom.values import FieldSchema
from pressroom.workspace import open_workspace

LISTS = """
    delays = Delivered.delay.last_n(3, window="7d")
    quarters = Delivered.quarter.top_k(2, window="7d")
    last_quarter = Delivered.quarter.last(ttl="7d")
    towns = Delivered.quarter.approx_distinct(window="30d")
    slow = Delivered.delay.approx_quantile(0.9, window="30d")
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A workspace in a folder, with a model that was trained beside lists, and answers given from them."""
    folder = tmp_path_factory.mktemp("shop")
    place = "    last_delay = Delivered.delay.last()\n"
    definitions = declared(folder, DEFINITIONS.replace(place, place + LISTS))
    with open_workspace(write_project(folder, definitions=(folder / "definitions.py").read_text())) as workspace:
        fill(workspace, definitions)
        trained = train(workspace, definitions, BY_PIECES)
        workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_pieces")])
        yield workspace, definitions, trained


def ask(workspace, count, *, tamper=lambda values: None):
    live = workspace.serving.live()
    live.refresh()
    predictor = live.predictor("risk")
    rows = check_rows(predictor.endpoint.question, [request_row(number) for number in range(count)])
    given = predictor.predict(rows, END)
    for prediction in given:
        tamper(prediction.answered.values)
    log = workspace.serving.prediction_log()
    log.add(given)
    log.close()
    return [prediction.answered.values for prediction in given]


def parity(workspace):
    running = workspace.serving.current("risk")
    return workspace.monitoring.parity(running.question, running.predictions())


def test_lists_are_trained_beside_served_logged_and_recomputed(served):
    workspace, _, _ = served
    values = ask(workspace, 60)
    assert {len(row["habit.delays"]) for row in values} >= {1, 2, 3}
    assert any(row["habit.quarters"] for row in values)
    assert parity(workspace).unequal == 0
    workspace.settle()
    assert parity(workspace).unequal == 0
    (check,) = workspace.sharing.check("habit", samples=100)
    assert check.examples == ()


def test_a_list_that_was_served_wrong_is_found(served):
    workspace, _, _ = served
    before = parity(workspace).unequal

    def tamper(values):
        values["habit.delays"] = [*values["habit.delays"][:-1], 1e9]
        values["habit.quarters"] = [*values["habit.quarters"], "q9"]

    ask(workspace, 1, tamper=tamper)
    report = parity(workspace)
    assert report.unequal == before + 2
    assert dict(report.by_feature)["habit.delays"] == 1
    assert "1000000000.0" in report.examples[0].served


@pytest.mark.parametrize("kind", ["ints", "floats", "strings", "bytes"])
def test_a_model_that_wants_what_no_model_takes_is_refused_by_name(kind):
    wanted = FieldSchema(name="habit.delays", type=kind, length=3, optional=True)
    signature = Signature(inputs=(wanted,), output=FieldSchema(name="late", type="float"))
    for refused in (
        lambda: inputs_from_rows(signature, [{"habit.delays": [1.0]}]),
        lambda: inputs_from_table(signature, pa.table({"habit.delays": [[1.0]]})),
    ):
        with pytest.raises(SignatureMismatch, match=r"'habit\.delays' is .*, which models don't take"):
            refused()
