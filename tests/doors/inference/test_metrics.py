"""What Prometheus reads, over all workers."""

import os
from types import SimpleNamespace

import msgspec
from prometheus_client.parser import text_string_to_metric_families
from tests.projects import request_row

from pressroom.doors.inference.metrics import Metrics, Reading


def read(response):
    assert response.content_type.startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.body.decode())
        for sample in family.samples
    }


def test_requests_predictions_and_durations_are_counted(inside):
    before = read(inside.respond("GET", "/metrics"))
    inside.predict({"rows": [request_row(1), request_row(2)]})
    inside.predict({"rows": []})
    inside.ask("POST", "/v1/endpoints/nobody:predict", {"rows": []})
    after = read(inside.respond("GET", "/metrics"))

    def grown(*key):
        return after[key] - before.get(key, 0)

    assert grown("pressroom_requests_total", "risk", "predict", "200") == 1
    assert grown("pressroom_requests_total", "risk", "predict", "400") == 1
    assert grown("pressroom_requests_total", "", "predict", "404") == 1, "names of strangers are no labels"
    assert grown("pressroom_predictions_total", "risk", "late.by_pieces", "1.0.0") == 2
    assert grown("pressroom_request_duration_seconds_count", "risk", "predict") == 2
    assert (
        after["pressroom_request_duration_seconds_bucket", "risk", "predict", "+Inf"]
        == (after["pressroom_request_duration_seconds_count", "risk", "predict"])
    )


def test_whichever_worker_is_asked_tells_of_all(tmp_path):
    mine, other = Metrics(tmp_path), Metrics(tmp_path)
    for metrics, count in ((mine, 2), (other, 3)):
        for _ in range(count):
            metrics.note("risk", "predict", 200, 70)
    other.share(Reading(totals={"log_written": 5}, gauges={"workers": 1.0}))
    (tmp_path / f"{os.getpid()}.json").rename(tmp_path / f"{os.getppid()}.json")
    mine.share(Reading(totals={"log_written": 1}, gauges={"workers": 1.0}))
    found = read(mine.exposition())
    assert found["pressroom_requests_total", "risk", "predict", "200"] == 5
    assert found["pressroom_request_duration_seconds_bucket", "risk", "predict", "5e-05"] == 0
    assert found["pressroom_request_duration_seconds_bucket", "risk", "predict", "0.0001"] == 5
    assert found[("pressroom_log_written_total",)] == 6
    assert found[("pressroom_workers",)] == 2


def test_a_worker_that_is_gone_still_counts_but_holds_nothing(tmp_path):
    gone = {"requests": {"risk\x1fpredict\x1f200": 7}, "gauges": {"workers": 1.0}}
    (tmp_path / "4194999.json").write_bytes(msgspec.json.encode(gone))
    (tmp_path / "17.json").write_bytes(b"{broken")
    mine = Metrics(tmp_path)
    mine.share(Reading(gauges={"workers": 1.0}))
    found = read(mine.exposition())
    assert found["pressroom_requests_total", "risk", "predict", "200"] == 7
    assert found[("pressroom_workers",)] == 1


def test_who_answered_instead_is_counted():
    route = SimpleNamespace(model="constant", version="")
    answers = SimpleNamespace(
        routes=[route] * 3, endpoint=SimpleNamespace(name="risk"), fallbacks={1: "stale: a.b", 2: "deadline"}
    )
    metrics = Metrics()
    metrics.note_answers(SimpleNamespace(answers=answers, start=0, stop=2))
    found = read(metrics.exposition())
    assert found["pressroom_fallbacks_total", "stale", "risk"] == 1
    assert ("pressroom_fallbacks_total", "deadline", "risk") not in found
