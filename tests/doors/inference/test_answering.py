import json
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.projects import END, HOUR, request_row

from pressroom.doors.inference.wire import Incoming
from pressroom.ports import NoSpace
from pressroom.values import format_instant

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ROW = st.builds(
    lambda changes, gone: {name: value for name, value in {**request_row(), **changes}.items() if name not in gone},
    st.dictionaries(st.sampled_from([*request_row(), "more"]), JSON, max_size=3),
    st.sets(st.sampled_from([*request_row()]), max_size=2),
)
BODIES = (
    JSON
    | st.fixed_dictionaries({"rows": JSON})
    | st.fixed_dictionaries({"rows": st.lists(ROW, max_size=3)}, optional={"as_of": JSON})
)
PATHS = ["/v1/endpoints/risk:predict", "/v1/endpoints/:predict", "/v1/endpoints/risk", "/health/ready", "//", ""]


def refused(answer, status, *words):
    """An error that says what is wrong and what to do about it."""
    found, said = answer
    assert found == status, said
    assert said["error"]["message"]
    assert said["error"]["next_step"] or "expected" in said["error"]
    for word in words:
        assert word in json.dumps(said["error"])
    return said["error"]


def test_a_request_is_answered_row_by_row(inside):
    status, said = inside.predict({"rows": [request_row(1), request_row(2)]})
    assert status == 200
    assert (said["endpoint"], said["endpoint_version"]) == ("risk", 1)
    first, second = said["predictions"]
    assert first["model"] == second["model"] == "late.by_pieces"
    assert first["prediction_id"] != second["prediction_id"]
    assert 0.0 <= first["prediction"] < second["prediction"] <= 1.0
    assert set(first["ages_s"]) == {f.name for f in inside.definitions.endpoint("risk").question.inputs()[:6]}


@settings(max_examples=300)
@given(BODIES)
def test_whatever_json_is_sent_gets_an_answer_that_is_no_defect(inside, body):
    status, said = inside.predict(body)
    assert status in (200, 400, 422), said
    assert ("predictions" in said) == (status == 200)


@settings(max_examples=100)
@given(BODIES)
def test_and_so_does_what_is_sent_to_a_server_that_replays(replaying, body):
    assert replaying.predict(body)[0] in (200, 400, 422)


@given(st.binary(max_size=200), st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "BREW"]), st.text(max_size=40))
def test_whatever_bytes_are_sent_to_whatever_path_get_an_answer_that_is_no_defect(inside, body, method, path):
    for where in (path, *PATHS):
        assert inside.ask(method, where, body)[0] < 500


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "no request"),
        (b"rows", "no request"),
        (b"[]", "no request"),
        (b'{"rows": [', "no request"),
        (b'{"rows": [{"distance": NaN}]}', "no request"),
        (b'{"rows": [{"distance": Infinity}]}', "no request"),
        (b'{"rows": [{"distance": 1e999}]}', "no request"),
        (b'{"rows": [{"pieces": ' + b"9" * 5_000 + b"}]}", "no request"),
        (b'{"rows": ["\xff\xfe"]}', "no request"),
        (b'{"rows": ["\\ud800"]}', "no request"),
        (b'{"rows": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "no request"),
        (b'{"rows": [{}], "more": 1}', "more"),
        (b"{}", "a list of at least one row"),
    ],
)
def test_a_body_that_is_no_request_is_refused(inside, body, word):
    refused(inside.predict(body), 400, word)


@pytest.mark.parametrize(
    "told", ["0", "soon", "-5", "1" + "0" * 5_000, "000000000001" + "0" * 5_000, "3600001", "\u0661"]
)
def test_a_deadline_that_is_no_time_is_refused(inside, told):
    refused(inside.predict({"rows": [request_row()]}, x_deadline_ms=told), 400, "x-deadline-ms")


def test_depth_is_refused_wherever_it_is_found_out(inside):
    for depth in (10, 100, *range(700, 1_010, 2)):
        nested = b'{"a":' * depth + b"1" + b"}" * depth
        for place in (b'{"rows": [{"distance": %s}]}', b'{"rows": %s}', b'{"rows": [], "as_of": %s}'):
            assert inside.predict(place.replace(b"%s", nested))[0] == 400


def test_of_a_key_given_twice_the_last_one_counts(inside):
    once = json.dumps({"rows": [request_row(pieces=5)]})
    status, said = inside.predict(once.replace('"pieces": 5', '"pieces": 1, "pieces": 5').encode())
    assert status == 200
    assert said["predictions"][0]["prediction"] == inside.predict(once.encode())[1]["predictions"][0]["prediction"]


def test_an_error_names_row_and_field_and_what_was_expected(inside):
    error = refused(inside.predict({"rows": [request_row(), request_row(pieces="two")]}), 400)
    assert (error["field"], error["expected"], error["found"]) == (
        "rows[1].pieces", "a whole number of 64 bits", "'two'",
    )  # fmt: skip
    assert refused(inside.predict({"rows": []}), 400)["field"] == "rows[0]"


def test_one_wrong_row_leaves_no_row_answered(inside):
    inside.log.flush()
    written = inside.log.written
    refused(inside.predict({"rows": [request_row(), {}]}), 400)
    inside.log.flush()
    assert inside.log.written == written


def test_as_of_is_taken_only_where_replay_is_on(inside, replaying):
    body = {"rows": [request_row()], "as_of": format_instant(END + HOUR)}
    refused(inside.predict(body), 400, "as_of", "replay = true")
    assert replaying.predict(body)[0] == 200
    replaying.log.flush()
    logged, _ = replaying.workspace.facts.read(replaying.workspace.serving.current("risk").predictions())
    assert max(logged.column("event").to_pylist()).timestamp() * 1e6 >= END + HOUR


@pytest.mark.parametrize(
    ("as_of", "word"),
    [
        ("2025-04-10T00:00", "no zone"),
        ("yesterday", "no instant"),
        (1_744_279_200, "no text"),
        ([[]], "no text"),
        ("0001-01-01T00:00+23:59", "beyond the calendar"),
        ("9999-12-31T23:59:59-23:59", "beyond the calendar"),
    ],
)
def test_an_as_of_that_is_no_instant_is_refused(replaying, as_of, word):
    refused(replaying.predict({"rows": [request_row()], "as_of": as_of}), 400, word)


def test_an_as_of_that_is_no_longer_kept_is_refused(replaying):
    refused(replaying.predict({"rows": [request_row(1)], "as_of": "0001-01-01T00:00Z"}), 422, "kept online", "offline")


def test_an_unknown_endpoint_is_told_which_there_are(inside):
    refused(inside.ask("POST", "/v1/endpoints/rusk:predict", {"rows": [request_row()]}), 404, "rusk", "There are: risk")
    refused(inside.ask("GET", "/v1/endpoints/rusk"), 404, "There are: risk")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/endpoints/risk:predict"),
        ("PUT", "/v1/endpoints/risk:predict"),
        ("POST", "/v1/endpoints"),
        ("DELETE", "/v1/endpoints/risk"),
        ("POST", "/nowhere"),
    ],
)
def test_a_wrong_method_is_refused(inside, method, path):
    refused(inside.ask(method, path, {"rows": [request_row()]}), 405)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/endpoints/", "/v1/endpoints/a/b", "/health", "/v1/endpoints/a:b:c"])
def test_an_unknown_path_is_refused(inside, path):
    refused(inside.ask("GET", path), 404)


def test_health_and_what_there_is_are_told(inside):
    assert inside.ask("GET", "/health/live") == (200, {"live": True})
    assert inside.ask("GET", "/health/ready") == (200, {"ready": True, "endpoints": ["risk"]})
    assert inside.ask("GET", "/v1/endpoints") == (200, {"endpoints": ["risk"]})
    status, said = inside.ask("GET", "/v1/endpoints/risk")
    assert status == 200
    assert {field["name"]: field["type"] for field in said["row"]}["promised"] == "timestamp"
    assert said["routes"] == [{"variant": "", "model": "late.by_pieces", "version": "1.0.0"}]
    assert "traffic.delay_12h" in said["features"]


def test_a_server_that_can_write_nothing_down_is_not_ready(inside):
    inside.worker.log = SimpleNamespace(failure=NoSpace("The disk is full.", next_step="Make room."))
    try:
        assert inside.ask("GET", "/health/ready")[0] == 503
        assert inside.ask("GET", "/health/live")[0] == 200
    finally:
        inside.worker.log = inside.log


def test_a_defect_of_ours_is_called_one_and_logged(inside, monkeypatch, caplog):
    monkeypatch.setattr(inside.live, "ready", lambda name, version: 1 / 0)
    status, said = inside.predict({"rows": [request_row()]})
    assert status == 500
    assert "defect" in said["error"]["message"]
    assert "ZeroDivisionError" in caplog.text


def test_what_the_outside_cannot_do_now_may_be_tried_again(inside, monkeypatch):
    def full(answers):
        raise NoSpace("The disk is full.", next_step="Make room.")

    monkeypatch.setattr(inside.log, "add", full)
    response = inside.respond("POST", "/v1/endpoints/risk:predict", json.dumps({"rows": [request_row()]}).encode())
    assert (response.status, response.headers) == (503, (("retry-after", "1"),))


@pytest.mark.parametrize("status", [200, 503])
def test_requests_that_find_the_log_crowded_wait_for_one_flush(inside, monkeypatch, status):
    flushed = []

    def flush():
        flushed.append(inside.log.waiting())
        if status != 200:
            raise NoSpace("The disk is full.", next_step="Make room.")

    monkeypatch.setattr(inside.log, "is_crowded", lambda: True)
    monkeypatch.setattr(inside.log, "flush", flush)
    body = json.dumps({"rows": [request_row()]}).encode()
    one = Incoming(method="POST", path="/v1/endpoints/risk:predict", headers={}, body=body)
    for times in (1, 2):
        assert [response.status for response in inside.together(one, one, one)] == [status] * 3
        assert len(flushed) == times
