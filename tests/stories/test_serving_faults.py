"""What goes wrong around a server, and what is promised then."""

import asyncio
import contextlib
import json
import re
import resource
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.doors.inference.conftest import InProcess
from tests.projects import DAY, END, HOUR, request_row
from tests.servers import Server, served_folder, wait_for

from pressroom.doors.inference.wire import Incoming
from pressroom.ports import BackendError, NoSpace
from pressroom.serving import Fallback, Promise, Share
from pressroom.testing.clock import TurnedClock
from pressroom.workspace import open_workspace

BODY = {"rows": [request_row()]}
PREDICT = "/v1/endpoints/risk:predict"


@pytest.fixture
def served(tmp_path):
    made = InProcess(tmp_path)
    yield made
    made.log._facts = made.workspace.facts
    made.close()


class FullDisk:
    """Facts that can't be appended."""

    def append_checked(self, tables):
        raise NoSpace("The disk is full.", next_step="Make room.")


def test_disk_full_and_block_answers_until_too_many_wait_then_says_why(served, monkeypatch):
    """Promise: nothing is lost; requests are answered while there is room in memory, then refused with 503."""
    monkeypatch.setattr("pressroom.serving.prediction_log._MOST_WAITING", 6)
    served.log._facts = FullDisk()
    assert [served.predict(BODY)[0] for _ in range(4)] == [200] * 4
    status, said = served.predict(BODY)
    assert (status, said["error"]["message"]) == (503, "The disk is full.")
    served.log._facts = served.workspace.facts
    assert served.predict(BODY)[0] == 200, "room again: it goes on by itself"
    served.log.flush()
    assert served.log.written >= 5
    assert served.log.dropped == 0


def test_disk_full_and_drop_answers_on_and_counts(tmp_path, monkeypatch):
    """Promise: requests never notice; what is left out is counted, in metrics too, and the server stays ready."""
    monkeypatch.setattr("pressroom.serving.prediction_log._MOST_WAITING", 6)
    served = InProcess(tmp_path, log_when_full="drop")
    served.log._facts = FullDisk()
    try:
        assert [served.predict(BODY)[0] for _ in range(20)] == [200] * 20
        assert served.log.dropped == 14
        served.worker._share()
        assert b"pressroom_log_dropped_total 14.0" in served.respond("GET", "/metrics").body
        assert served.ask("GET", "/health/ready")[0] == 200
    finally:
        served.log._facts = served.workspace.facts
        served.close()


def test_the_online_store_gone_falls_back_or_says_so(served, monkeypatch):
    """Promise: 503 with Retry-After, or the endpoint's fallback; both end when the store is back."""
    predictor = served.live.predictor("risk")
    real = predictor._online

    def gone(rows, as_of):
        raise BackendError("The store is gone.", next_step="Bring it back.")

    predictor._online = SimpleNamespace(answer=gone)
    response = served.respond("POST", "/v1/endpoints/risk:predict", json.dumps(BODY).encode())
    assert (response.status, response.headers) == (503, (("retry-after", "1"),))
    predictor.endpoint = replace(predictor.endpoint, promise=Promise(fallbacks=(Fallback(kind="constant", value=0.5),)))
    (one,) = served.predict(BODY)[1]["predictions"]
    assert (one["prediction"], one["fallback"], one["model"]) == (0.5, "features", "constant")
    predictor._online = real
    assert served.predict(BODY)[1]["predictions"][0]["fallback"] is None


def test_a_clock_that_jumps_stops_nobody(tmp_path):
    """Promise: deadlines go by a timer that never jumps; a clock set far back is refused as too old, and no more."""
    served = InProcess(tmp_path)
    try:
        clock = served.workspace.ports.clock
        assert isinstance(clock, TurnedClock)
        assert served.predict(BODY)[0] == 200
        clock.set(END + 30 * DAY)
        assert served.predict(BODY)[0] == 200
        clock.set(END - 400 * DAY)
        assert served.predict(BODY)[0] in (200, 422)
        clock.set(END + HOUR)
        assert served.predict(BODY)[0] == 200
    finally:
        served.close()


def test_a_slow_feature_store_costs_one_stall_then_a_thread_waits_instead_and_deadlines_hold(served):
    """Promise: the worker goes on answering others; a request over its deadline gets its fallback."""
    predictor = served.live.predictor("risk")
    predictor.endpoint = replace(
        predictor.endpoint, promise=Promise(deadline_ms=30, fallbacks=(Fallback(kind="constant", value=0.5),))
    )
    real, gate = predictor._online, threading.Event()
    served.desk._costs.clear()
    served.desk._lanes.clear()
    served.predict(BODY)
    served.desk._lanes[predictor].cost.row_us = 50_000.0
    predictor._online = SimpleNamespace(answer=lambda rows, as_of: (gate.wait(20.0), real.answer(rows, as_of))[1])

    async def ask_both():
        respond = served.worker.answering.respond
        slow = asyncio.create_task(
            respond(Incoming(method="POST", path=PREDICT, headers={}, body=json.dumps(BODY).encode()))
        )
        await asyncio.sleep(0)
        health = await respond(Incoming(method="GET", path="/health/live", headers={}))
        return health, slow.done(), await slow

    health, was_done, answer = served._loop.run_until_complete(ask_both())
    gate.set()
    assert (health.status, was_done) == (200, False)
    assert json.loads(answer.body)["predictions"][0]["fallback"] == "deadline"


WRITER = """
    import resource, sys
    from pressroom.ports import NoSpace
    from pressroom.serving import check_rows
    from pressroom.workspace import open_workspace
    from tests.projects import END, request_row
    workspace = open_workspace(sys.argv[1])
    live = workspace.serving.live()
    live.refresh()
    predictor = live.predictor("risk")
    rows = check_rows(predictor.endpoint.question, [request_row(n) for n in range(2_000)])
    log = workspace.serving.prediction_log()
    log.add(predictor.predict(rows[:5], END))
    log.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    log.add(predictor.predict(rows, END))
    try:
        log.flush()
    except NoSpace as error:
        print("full", log.written, log.waiting())
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    log.close()
    print("kept", workspace.facts.read(predictor.endpoint.predictions())[0].num_rows)
"""


def test_a_disk_that_is_really_full_loses_no_prediction(tmp_path):
    """A limit on the size of files is how the system says so to a process, and can be lifted."""
    served_folder(tmp_path)
    most = max(path.stat().st_size for path in (tmp_path / "data" / "log").rglob("*") if path.is_file())
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path), str(most + 20_000)]
    # Python itself ignores the signal that a process over its limit gets: a write fails instead.
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["full", "5", "2000", "kept", "2005"], done.stderr
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_a_version_whose_file_is_corrupt_leaves_the_old_in_service(served):
    """Promise: what served before serves on, the others too, and the log says why once."""
    workspace = served.workspace
    workspace.serving.push(served.definitions.endpoint("risk"), [Share(model="late.by_traffic")])
    digest = workspace.catalog.current("model", "late.by_traffic").digest
    kept = workspace.ports.blobs._kept
    whole, kept[digest] = kept[digest], kept[digest][:-1] + b"\0"
    moved = served.live.take_in("risk")
    status, said = served.predict(BODY)
    assert (status, said["endpoint_version"] in (1, 2)) == (200, True)
    kept[digest] = whole
    assert moved or served.live.take_in("risk")
    assert served.predict(BODY)[1]["endpoint_version"] == 2


def ids_of(server, count):
    status, said = server.predict({"rows": [request_row(number) for number in range(count)]})
    return status, [each["prediction_id"] for each in said["predictions"]] if status == 200 else said["error"]


def metric(server, name):
    """A metric; None while it was not told yet."""
    with contextlib.closing(server.connect()) as connection:
        connection.request("GET", "/metrics")
        said = connection.getresponse().read().decode()
    found = re.search(rf"(?m)^{name} (\S+)$", said)
    return found and float(found[1])


def test_a_server_whose_disk_is_really_full_says_so_and_goes_on_by_itself(tmp_path):
    """Promise: answers while there is room in memory, not ready meanwhile, nothing lost."""
    server = Server(tmp_path, served_folder(tmp_path))
    worker, answered = server.worker(), []
    status, ids = ids_of(server, 800)
    answered += ids
    most = max(path.stat().st_size for path in (tmp_path / "data" / "log").rglob("*") if path.is_file())
    worker.rlimit(resource.RLIMIT_FSIZE, (most + 20_000, resource.RLIM_INFINITY))
    while status == 200:
        answered += ids
        status, ids = ids_of(server, 800)
    assert (status, bool(ids["next_step"])) == (503, True)
    assert len(answered) >= 10_000
    assert server.ask("GET", "/health/ready")[0] == 503
    assert server.ask("GET", "/health/live")[0] == 200
    assert wait_for(lambda: metric(server, "pressroom_log_failing") == 1.0)
    assert metric(server, "pressroom_log_dropped_total") == 0.0
    worker.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert wait_for(lambda: server.ask("GET", "/health/ready")[0] == 200)
    status, ids = ids_of(server, 800)
    assert status == 200
    assert server.stop() == 0
    told = server.output.read_text(encoding="utf-8")
    assert "Predictions can't be written" in told
    assert "Predictions are written again" in told
    with open_workspace(tmp_path) as workspace:
        table, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
    assert {*answered, *ids} <= set(table.column("prediction_id").to_pylist())


FAULTS = Path(__file__).parents[2] / "docs" / "faults.md"


def test_every_fault_of_the_table_names_a_test_that_tries_it():
    rows = [line for line in FAULTS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    rows = [row for row in rows if not row.startswith("| what happens ")]
    assert len(rows) >= 18
    for row in rows:
        *_, tried = (cell.strip() for cell in row.strip("|").split(" | "))
        for file, name in re.findall(r"`(\S+?)::(\w+)`", tried):
            tests = FAULTS.parents[1] / "tests" / file
            assert f"def {name}(" in tests.read_text(encoding="utf-8"), row
        assert "::" in tried, row
