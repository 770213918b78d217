"""Several processes in one workspace at once, and one that is killed in the middle of its work."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest
from tests.projects import BY_TRAFFIC, END, MINUTE, declared, fill, train

from pressroom.serving import Share
from pressroom.workspace import open_workspace

PROGRAM = """
import sys, time
from pathlib import Path
from pressroom.serving import check_rows
from pressroom.testing.clock import TurnedClock
from pressroom.workspace import open_workspace
from tests.projects import END, MINUTE, batch_of, request_row

folder, name, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
workspace = open_workspace(folder, clock=TurnedClock(END))
fact = workspace.fact("delivered")
live = workspace.serving.live()
live.refresh()
predictor = live.predictor("risk")
log = workspace.serving.prediction_log()
until, turn = time.monotonic() + seconds, 0
while time.monotonic() < until:
    rows = [
        {"event": END - (turn % 600) * MINUTE - k, "order": f"{name}.{turn}.{k}", "customer": f"c{k}",
         "quarter": f"q{turn % 3}", "delay": turn / 3 + k}
        for k in range(4)
    ]
    (receipt,) = workspace.append(batch_of(fact, rows, name=f"{name}.{turn}"))
    assert (receipt.appended, receipt.repeated) == (4, False)
    given = predictor.predict(check_rows(predictor.endpoint.question, [request_row(turn)]), END)
    log.add(given)
    if turn % 7 == 3:
        workspace.settle()
    live.refresh()
    turn += 1
    print(turn, flush=True)
log.close()
workspace.close()
print("done", flush=True)
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    """A workspace on disk with an endpoint that goes by online features."""
    definitions = declared(tmp_path)
    with open_workspace(tmp_path) as workspace:
        fill(workspace, definitions)
        train(workspace, definitions, BY_TRAFFIC)
        workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_traffic")])
    return tmp_path


@pytest.fixture
def start(folder):
    """A process that appends, predicts and settles; killed at the end if it is still at it."""
    started: list[subprocess.Popen[str]] = []

    def starting(name, seconds):
        command = [sys.executable, "-c", PROGRAM, str(folder), name, str(seconds)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)
        started.append(process)
        return process

    yield starting
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def turns_of(table, name):
    """How many rows of each turn of a process are there."""
    found: dict[int, int] = {}
    for order in table.column("order").to_pylist():
        if order.startswith(f"{name}."):
            turn = int(order.split(".")[1])
            found[turn] = found.get(turn, 0) + 1
    return found


def assert_online_is_offline(workspace):
    question = workspace.serving.current("risk").question
    names = [(f"c{n % 60}", f"q{n % 4}") for n in range(60)]
    request = {field.name: None for field in question.request}
    rows = [{"order": None, "customer": customer, "quarter": quarter, **request} for customer, quarter in names]
    online = workspace.features.online(question).answer(rows, [END + MINUTE] * len(rows))
    schema = workspace.fact("placed")
    types = {"float": pa.float64(), "int": pa.int64(), "bool": pa.bool_(), "string": pa.string()}
    instant = pa.timestamp("us", tz="UTC")
    columns = {
        field.name: pa.array([row.get(field.name) for row in rows], types.get(field.type, instant))
        for field in schema.fields
    }
    spine = pa.table({"as_of": pa.array([END + MINUTE] * len(rows), pa.int64()).cast(instant), **columns})
    offline, _ = workspace.features.offline(question, spine)
    for place, answer in enumerate(online):
        for bound in question.views:
            for field in bound.view.results():
                assert answer.values[field.name] == offline.column(field.name)[place].as_py(), (place, field.name)


def test_two_processes_at_once_lose_nothing_and_wait_for_each_other(folder, start):
    processes = {name: start(name, 3.0) for name in ("one", "two")}
    said = {}
    for name, process in processes.items():
        out, err = process.communicate(timeout=60.0)
        assert process.returncode == 0, err
        said[name] = out.split()
        assert said[name][-1] == "done"
    with open_workspace(folder) as workspace:
        workspace.follow()
        table, _ = workspace.facts.read(workspace.fact("delivered"))
        assert len(set(table.column("seq").to_pylist())) == table.num_rows
        for name in processes:
            turns = int(said[name][-2])
            assert turns > 5
            assert turns_of(table, name) == dict.fromkeys(range(turns), 4)
        predictions, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
        assert predictions.num_rows == sum(int(out[-2]) for out in said.values())
        assert_online_is_offline(workspace)


@pytest.mark.parametrize("after", [1, 5, 12])
def test_what_was_acknowledged_survives_a_kill_and_online_equals_offline_afterwards(folder, start, after):
    process = start("one", 60.0)
    acknowledged = 0
    while acknowledged < after:
        acknowledged = int(process.stdout.readline())
    threading.Event().wait(0.013 * after)
    process.send_signal(signal.SIGKILL)
    out = process.stdout.read()
    process.communicate()
    whole = [line for line in out.split("\n")[:-1] if line.isdigit()]
    acknowledged = int(whole[-1]) if whole else acknowledged
    with open_workspace(folder) as workspace:
        table, _ = workspace.facts.read(workspace.fact("delivered"))
        found = turns_of(table, "one")
        assert set(found.values()) == {4}, "a batch is there whole or not at all"
        assert set(range(acknowledged)) <= set(found) <= set(range(acknowledged + 2))
        workspace.follow()
        assert_online_is_offline(workspace)
        workspace.settle()
        assert workspace.facts.read(workspace.fact("delivered"))[0].num_rows == table.num_rows
