"""Traces: what a request's spans tell, whose trace they belong to, and that a collector that is gone harms nothing."""

import contextlib
import re
from concurrent.futures import Future
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http")

from opentelemetry.sdk.trace import TracerProvider
from tests.collector import Collector
from tests.doors.inference.conftest import InProcess
from tests.projects import request_row
from tests.servers import Server, free_port, served_folder, wait_for

from pressroom.doors.inference.span_export import _MOST_WAITING, Outbox, collector_url
from pressroom.doors.inference.spans import Spans
from pressroom.doors.inference.wire import Incoming
from pressroom.serving import Ask, Rows, check_rows

PARENT, TRACE = "00f067aa0ba902b7", "4bf92f3577b34da6a3ce929d0e0e4736"
PREDICT = "/v1/endpoints/risk:predict"
SERVER, INTERNAL = 2, 1


@pytest.fixture
def collector():
    found = Collector()
    yield found
    found.close()


@pytest.fixture
def traced(tmp_path, collector):
    """Answers in this process; closing it sends all spans."""
    inside = InProcess(tmp_path, traces=collector.url, trace_share=0.0)
    yield inside
    with contextlib.suppress(RuntimeError):
        inside.close()


def asked_by_a_tracer(traced, body, *, sampled="01", **told):
    return traced.predict(body, traceparent=f"00-{TRACE}-{PARENT}-{sampled}", **told)


def told_of(collector, traced):
    traced.close()
    return collector.spans


def test_a_request_is_a_span_and_its_parts_are_spans_under_it(traced, collector):
    status, said = asked_by_a_tracer(traced, {"rows": [request_row(1), request_row(2)]})
    assert status == 200
    spans = told_of(collector, traced)
    (request,) = (span for span in spans if span.kind == SERVER)
    assert (request.trace, request.parent, request.service) == (TRACE, PARENT, "pressroom")
    assert request.name == "POST /v1/endpoints/{name}:predict"
    first = said["predictions"][0]
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/endpoints/{name}:predict",
        "http.response.status_code": 200,
        "url.path": PREDICT,
        "url.scheme": "http",
        "pressroom.endpoint": "risk",
        "pressroom.endpoint_version": 1,
        "pressroom.rows": 2,
        "pressroom.prediction_id": first["prediction_id"],
        "pressroom.model": first["model"],
        "pressroom.model_version": first["version"],
    }
    parts = [span for span in spans if span is not request]
    assert [part.name for part in parts] == ["read features", "predict", "log"]
    assert {(part.trace, part.parent, part.kind) for part in parts} == {(TRACE, request.span, INTERNAL)}
    instants = [request.start_ns, *(at for part in parts for at in (part.start_ns, part.end_ns)), request.end_ns]
    assert all(later >= earlier - 1_000_000 for earlier, later in pairwise(instants))


def logged(traced):
    traced.log.flush()
    table, _ = traced.workspace.facts.read(traced.workspace.serving.current("risk").predictions())
    return dict(zip(table.column("prediction_id").to_pylist(), table.column("trace_id").to_pylist(), strict=True))


def test_a_prediction_is_found_by_its_trace_and_a_trace_by_its_prediction(traced, collector):
    for sampled in ("01", "00"):
        asked_by_a_tracer(traced, {"rows": [request_row(1), request_row(2)]}, sampled=sampled)
    _, untraced = traced.predict({"rows": [request_row()]})
    found = logged(traced)
    assert sorted(map(str, found.values())) == sorted([*[TRACE] * 4, "None"])
    assert found[untraced["predictions"][0]["prediction_id"]] is None
    (request,) = (span for span in told_of(collector, traced) if span.kind == SERVER)
    assert found[request.attributes["pressroom.prediction_id"]] == request.trace


def test_a_trace_that_begins_here_is_written_down_too(tmp_path, collector):
    traced = InProcess(tmp_path, traces=collector.url, trace_share=1.0)
    _, said = traced.predict({"rows": [request_row()]})
    found = logged(traced)
    (request,) = (span for span in told_of(collector, traced) if span.kind == SERVER)
    assert found == {said["predictions"][0]["prediction_id"]: request.trace}


def test_without_a_collector_the_caller_s_trace_is_written_down_all_the_same(inside):
    before = set(logged(inside))
    for told in (f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01-later", "nonsense", f"00-{'0' * 32}-{PARENT}-01"):
        assert inside.predict({"rows": [request_row()]}, traceparent=told)[0] == 200
    found = logged(inside)
    assert sorted(str(found[name]) for name in set(found) - before) == [TRACE, TRACE, "None", "None"]


def test_lines_of_the_log_name_the_trace_that_they_belong_to(inside, monkeypatch, caplog):
    predictor = inside.live.predictor("risk")

    def fail(inputs):
        raise ArithmeticError("the model's own words")

    (model,) = predictor._models.values()
    monkeypatch.setitem(predictor._models, model.digest, replace(model, runnable=SimpleNamespace(predict=fail)))
    told = f"00-{TRACE}-{PARENT}-01"
    assert inside.predict({"rows": [request_row()]}, traceparent=told)[0] == 503
    (line,) = (record.getMessage() for record in caplog.records if "met an error" in record.getMessage())
    assert f"[trace_id={TRACE}]" in line
    assert "the model's own words" in caplog.text
    monkeypatch.setattr(inside.live, "ready", lambda name, version: 1 / 0)
    assert inside.predict({"rows": [request_row()]}, traceparent=told)[0] == 500
    assert f"defect: POST {PREDICT} [trace_id={TRACE}]" in caplog.text


def test_what_is_refused_is_told_and_only_our_own_failures_are_errors(traced, collector):
    assert asked_by_a_tracer(traced, {"rows": []})[0] == 400
    traced.respond("GET", "/nowhere", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    traced.desk._queued_us["high"] = 1e9
    assert asked_by_a_tracer(traced, {"rows": [request_row()]})[0] == 503
    refused, nowhere, shed = told_of(collector, traced)
    assert [span.attributes["http.response.status_code"] for span in (refused, nowhere, shed)] == [400, 404, 503]
    assert [span.failed for span in (refused, nowhere, shed)] == [False, False, True]
    assert (nowhere.name, "http.route" in nowhere.attributes) == ("GET", False)


def test_variants_and_fallbacks_are_told(traced, collector):
    (piece,) = traced.live.predictor("risk").answer([_ask(traced)])
    piece.answers.fallbacks[0] = "model"
    outbox = Outbox(collector.url)
    spans = _spans(outbox, 1.0)
    begun = spans.begin(Incoming(method="POST", path=PREDICT, headers={}))
    spans.note(piece)
    spans.end(begun, 200)
    spans.close()
    assert [span.attributes.get("pressroom.fallback") for span in collector.spans if span.kind == SERVER] == ["model"]


def _ask(traced):
    rows = check_rows(traced.live.predictor("risk").fields, [request_row()], most=10)
    return Ask(Rows(rows), traced.workspace.ports.clock.now(), 0)


def _spans(outbox, share):
    return Spans(outbox, share=share, scheme="http", version="test")


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 0), (1.0, 20), (0.5, range(1, 20))])
def test_a_share_of_the_requests_that_nobody_traces_is_sampled(collector, share, wanted):
    spans = _spans(Outbox(collector.url), share)
    for _ in range(20):
        spans.end(spans.begin(Incoming(method="GET", path="/v1/endpoints", headers={})), 200)
    spans.close()
    assert len(collector.spans) in (wanted if isinstance(wanted, range) else (wanted,))


def test_a_caller_that_does_not_sample_is_obeyed_and_nonsense_is_no_trace(collector):
    spans = _spans(Outbox(collector.url), 1.0)
    for told in (f"00-{TRACE}-{PARENT}-00", "nonsense", "00-0-0-01", "\x00" * 300):
        headers = {"traceparent": told, "tracestate": "=" * 600}
        spans.end(spans.begin(Incoming(method="GET", path="/v1/endpoints", headers=headers)), 200)
    spans.close()
    assert len(collector.spans) == 3
    assert all((span.parent, span.trace != TRACE) == ("", True) for span in collector.spans)


def test_a_call_over_grpc_has_the_names_of_calls(collector):
    spans = _spans(Outbox(collector.url), 1.0)
    for status in (200, 400, 503):
        call = Incoming(method="POST", path="/v2/models/risk/infer", headers={}, rpc="ModelInfer")
        spans.end(spans.begin(call), status)
    spans.close()
    assert {span.name for span in collector.spans} == {"inference.GRPCInferenceService/ModelInfer"}
    assert [span.attributes["rpc.grpc.status_code"] for span in collector.spans] == [0, 3, 14]
    assert [span.failed for span in collector.spans] == [False, False, True]
    assert collector.spans[0].attributes["rpc.system"] == "grpc"


def test_a_method_that_nobody_knows_makes_no_name(collector):
    spans = _spans(Outbox(collector.url), 1.0)
    spans.end(spans.begin(Incoming(method="BREW", path="/v1/endpoints", headers={})), 405)
    spans.close()
    (span,) = collector.spans
    assert span.name == "HTTP /v1/endpoints"
    assert span.attributes["http.request.method"] == "_OTHER"
    assert span.attributes["http.request.method_original"] == "BREW"


def test_more_than_can_wait_is_left_out_and_counted(collector):
    stuck, outbox = Future(), Outbox(collector.url)
    outbox._counted.export = lambda spans: stuck.result()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(outbox)
    tracer = provider.get_tracer("test")
    for _ in range(_MOST_WAITING + 10):
        tracer.start_span("x").end()
    assert outbox.dropped == 10
    stuck.set_result(None)
    provider.shutdown()


def test_what_a_collector_refuses_is_counted_as_left_out():
    refusing = Collector(status=400)
    outbox = Outbox(refusing.url)
    spans = _spans(outbox, 1.0)
    spans.end(spans.begin(Incoming(method="GET", path="/v1/endpoints", headers={})), 200)
    spans.close()
    refusing.close()
    assert refusing.bodies == 1
    assert spans.totals() == {"spans_sent": 0, "spans_dropped": 1}


def test_a_collector_that_is_gone_harms_no_answer(tmp_path):
    more = f'traces = "http://127.0.0.1:{free_port()}"\ntrace_share = 1.0\n'
    server = Server(tmp_path, served_folder(tmp_path, more=more))

    def dropped():
        with contextlib.closing(server.connect()) as connection:
            connection.request("GET", "/metrics")
            said = connection.getresponse().read().decode()
        found = {name: float(value) for name, value in re.findall(r"(?m)^pressroom_spans_(\w+)_total (\S+)", said)}
        return found.get("sent") == 0 and found["dropped"] >= 20

    for number in range(20):
        assert server.predict({"rows": [request_row(number)]})[0] == 200
    assert wait_for(dropped)
    assert server.stop() == 0
    assert server.output.read_text(encoding="utf-8").count("takes no spans") == 1


def test_an_address_without_a_path_gets_the_usual_one():
    assert collector_url("http://host:4318") == collector_url("http://host:4318/") == "http://host:4318/v1/traces"
    assert collector_url("http://host/otlp/v1/traces") == "http://host/otlp/v1/traces"
