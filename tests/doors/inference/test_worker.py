"""What a worker does by itself while it answers."""

from dataclasses import replace

import pytest
from tests.doors.inference.conftest import InProcess
from tests.projects import DAY, END, HOUR, append, request_row
from tests.servers import wait_for

from pressroom.serving import CanaryPromise, Promise, Rollout, Share


@pytest.fixture
def served(tmp_path):
    made = InProcess(tmp_path)
    yield made
    made.close()


def version(served):
    status, said = served.predict({"rows": [request_row()]})
    assert status == 200
    return said["endpoint_version"]


def test_a_push_and_a_rollback_are_noticed(served):
    risk = served.definitions.endpoint("risk")
    served.workspace.serving.push(risk, [Share(model="late.by_traffic")])
    assert wait_for(lambda: version(served) == 2)
    served.workspace.serving.roll_back("risk")
    assert wait_for(lambda: version(served) == 1)


def test_a_canary_that_breaks_its_promise_is_taken_back_by_itself(served):
    promise = Promise(canary=CanaryPromise(least=20, most_shift=1e-9))
    risk = replace(served.definitions.endpoint("risk"), promise=promise)
    served.workspace.serving.push(risk, [Share(model="late.by_traffic")], rollout=Rollout(canary=0.5))
    assert wait_for(lambda: version(served) == 2)
    served.predict({"rows": [request_row(number) for number in range(300)]})
    assert wait_for(lambda: served.workspace.serving.current("risk").version == 1)
    assert wait_for(lambda: version(served) == 1)
    assert wait_for(lambda: served.workspace.serving.steps("risk")[-1].verdict.check == "canary")


def test_a_canary_that_misses_what_happens_is_taken_back_by_itself(served):
    promise = Promise(canary=CanaryPromise(least=20, most_worse=0.0))
    risk = replace(served.definitions.endpoint("risk"), promise=promise)
    served.workspace.serving.push(risk, [Share(model="late.by_traffic")], rollout=Rollout(canary=0.5))
    assert wait_for(lambda: version(served) == 2)
    rows = [request_row(number) for number in range(200)]
    told = served.predict({"rows": rows})[1]["predictions"]
    served.log.flush()
    outcomes = [
        {
            "event": END + HOUR,
            "known": END + HOUR,
            **{name: row[name] for name in ("order", "customer", "quarter")},
            "delay": 30.0 if (each["prediction"] >= 0.5) == (each["variant"] == "stable") else 0.0,
        }
        for row, each in zip(rows, told, strict=True)
    ]
    append(served.workspace, served.definitions.facts["delivered"], outcomes)
    served.workspace.ports.clock.set(END + 2 * DAY)
    assert wait_for(lambda: served.workspace.serving.current("risk").version == 1)
    assert wait_for(lambda: "mean squared error" in served.workspace.serving.steps("risk")[-1].verdict.found)


def test_a_canary_that_keeps_its_promise_stays(served):
    risk = served.definitions.endpoint("risk")
    served.workspace.serving.push(risk, [Share(model="late.by_traffic")], rollout=Rollout(canary=0.5))
    assert wait_for(lambda: version(served) == 2)
    served.predict({"rows": [request_row(number) for number in range(300)]})
    served.worker._judge()
    assert served.workspace.serving.current("risk").version == 2


def test_what_was_let_go_for_memory_is_loaded_when_it_is_asked(served):
    served.live._loaded.clear()
    assert served.ask("GET", "/v2/models/risk/ready")[0] == 200
    assert version(served) == 1
