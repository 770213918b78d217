"""Five times as much is asked as a server can answer: the low tier is sent away, the high one is answered in time."""

import json
import statistics
import time

from benchmarks.flood import Stream, flood, quantile_s
from tests.projects import DEFINITIONS, request_row, write_project
from tests.servers import Server, served_folder

from pressroom.serving import Share
from pressroom.workspace import open_workspace

PATH = "/v1/endpoints/risk:predict"
ROWS, SECONDS = 200, 4.0
CONNECTIONS = {"high": 8, "low": 128}
PROMISED_S = 1.0
"""The endpoint's deadline."""


def body(rows):
    return json.dumps({"rows": [request_row(number) for number in range(rows)]}).encode()


def capacity(server):
    """Requests a second, one after the other."""
    took = []
    for _ in range(10):
        started = time.perf_counter()
        assert server.predict(body(ROWS))[0] == 200
        took.append(time.perf_counter() - started)
    return 1.0 / statistics.median(took)


def served(folder):
    """A server whose endpoint is of the high tier; a request may ask for a lower one."""
    port = served_folder(folder)
    settings = (folder / "pressroom.toml").read_text(encoding="utf-8")
    of_high_tier = DEFINITIONS.replace("answers=late)", 'answers=late, tier="high")')
    write_project(folder, settings=settings, definitions=of_high_tier)
    with open_workspace(folder) as workspace:
        workspace.serving.push(workspace.definitions().endpoint("risk"), [Share(model="late.by_pieces")])
        assert workspace.serving.current("risk").promise.tier == "high"
    return Server(folder, port)


def test_at_five_times_its_capacity_a_server_keeps_the_high_tier_and_sheds_the_low_one(tmp_path):
    server = served(tmp_path)
    worker, rate = server.worker().pid, capacity(server)
    streams = [
        Stream(path=PATH, body=body(ROWS), rate=part * rate, connections=CONNECTIONS[tier], headers={"x-tier": tier})
        for tier, part in (("high", 0.4), ("low", 4.6))
    ]
    high, low = flood(server.port, streams, seconds=SECONDS)
    answered = {name: [each for each in found if each.status == 200] for name, found in (("high", high), ("low", low))}
    shed = [each for each in (*high, *low) if each.status == 503]
    assert shed
    assert all(each.retry_after_s >= 1 for each in shed)
    # Where others take the machine away meanwhile, the time of one that was let in can run out: 504.
    assert {each.status for each in (*high, *low)} <= {200, 503, 504}
    assert len(answered["high"]) / len(high) > 0.8 > len(answered["low"]) / len(low)
    assert quantile_s(answered["high"], 0.99) < PROMISED_S
    for number in range(20):
        assert server.predict({"rows": [request_row(number)]}, **{"x-tier": "low"})[0] == 200, "it is over"
    assert server.worker().pid == worker
    assert server.stop() == 0
    with open_workspace(tmp_path) as workspace:
        table, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
    written = set(table.column("prediction_id").to_pylist())
    assert written >= {name for each in (*answered["high"], *answered["low"]) for name in each.ids()}
