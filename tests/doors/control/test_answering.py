"""Facts over HTTP: formats, receipts, repetitions, refusals, all without a server."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.servers import wait_for

from pressroom.facts import batch_of
from pressroom.features.question import BoundFeatures, Question
from pressroom.values import parse_instant

RIGHT = {"event": "2025-04-01T10:00Z", "order": "o1", "customer": "c1", "quarter": "q1", "delay": 4.5}
OTHER = {**RIGHT, "order": "o2", "delay": -2.0}
WRONG = {**RIGHT, "delay": "late"}


def stored(inside, fact="delivered"):
    table, _ = inside.workspace.facts.read(inside.workspace.fact(fact))
    return table.sort_by("seq").column("order").to_pylist()


def as_csv(rows):
    return "\n".join(
        [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows), ""]
    ).encode()


def as_stream(rows):
    table = pa.Table.from_pylist(rows)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def as_parquet(rows, **more):
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink, **more)
    return sink.getvalue()


BODIES = {
    "application/json": lambda rows: json.dumps(rows).encode(),
    "application/json; charset=UTF-8": lambda rows: json.dumps(rows).encode(),
    "application/x-ndjson": lambda rows: b"\n".join(json.dumps(row).encode() for row in rows),
    "application/jsonl": lambda rows: b"\n".join(json.dumps(row).encode() for row in rows),
    "text/csv": as_csv,
    "application/vnd.apache.arrow.stream": as_stream,
    "application/vnd.apache.parquet": as_parquet,
}


@pytest.mark.parametrize("form", BODIES)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_facts_come_in_in_every_format(inside, form, encoding):
    body = BODIES[form]([RIGHT, OTHER])
    status, said = inside.post(
        gzip.compress(body) if encoding else body, form=form, encoding=encoding, known="event + 5min", batch="b1"
    )
    assert (status, said) == (
        201,
        {"fact": "delivered", "source": "http", "batch": "b1", "appended": 2, "set_aside": 0, "repeated": False},
    )
    assert stored(inside) == ["o1", "o2"]


@pytest.mark.parametrize(
    "known", ["event+5min", "event%2B5min", "event+%2B+5min", "event%20%2B%205min", "event%20+%205min"]
)
def test_known_is_read_however_the_plus_is_written(inside, known):
    assert inside.ask("POST", f"/v1/facts/delivered?known={known}", [RIGHT])[0] == 201
    table, _ = inside.workspace.facts.read(inside.workspace.fact("delivered"))
    assert table["known"].cast("int64").to_pylist() == [parse_instant("2025-04-01T10:05Z")]


def test_a_column_known_says_itself_when_it_was_known(inside):
    assert inside.post([{**RIGHT, "known": "2025-04-01T11:00Z"}])[0] == 201
    table, _ = inside.workspace.facts.read(inside.workspace.fact("delivered"))
    assert table["known"].cast("int64").to_pylist() == [parse_instant("2025-04-01T11:00Z")]


def test_without_it_one_must_say_when(inside):
    status, said = inside.post([RIGHT])
    assert status == 400
    assert "so it must be said when the facts were known" in said["error"]["message"]


def test_a_batch_is_kept_once_and_a_repetition_gets_the_first_receipt(inside):
    first = inside.post([RIGHT, OTHER], batch="b1", source="desk", known="event")
    again = inside.post([RIGHT, OTHER], batch="b1", source="desk", known="event")
    assert again == (200, {**first[1], "repeated": True})
    assert stored(inside) == ["o1", "o2"]
    assert inside.post([RIGHT], batch="b1", source="gate", known="event")[0] == 201


def test_the_first_receipt_is_known_after_settling_too(inside):
    first = inside.post([RIGHT, WRONG], batch="b1", known="event", on_bad="set-aside")
    inside.workspace.settle()
    status, again = inside.post([RIGHT, WRONG], batch="b1", known="event", on_bad="set-aside")
    assert (status, again) == (200, {**first[1], "repeated": True})
    assert (again["appended"], again["set_aside"]) == (1, 1)


def test_a_name_used_for_another_batch_is_a_conflict(inside):
    inside.post([RIGHT], batch="b1", known="event")
    status, said = inside.post([OTHER], batch="b1", known="event")
    assert status == 409
    assert said["error"]["message"] == "A batch 'b1' of 'http' is in already, and it was another one."
    assert stored(inside) == ["o1"]


def test_a_batch_without_a_name_is_known_by_its_content(inside):
    first = inside.post([RIGHT], known="now")
    again = inside.post([RIGHT], known="now")
    assert (first[0], again[0], again[1]["appended"]) == (201, 200, 1)
    assert inside.post([OTHER], known="now")[0] == 201


def test_a_batch_that_came_another_way_is_repeated_without_its_count(inside):
    given = batch_of(inside.workspace.fact("delivered"), [RIGHT], known="event", source="http", batch="b1")
    inside.workspace.append(given)
    status, said = inside.post([RIGHT], batch="b1", known="event")
    assert (status, said["appended"], said["repeated"]) == (200, None, True)


def test_one_wrong_row_refuses_the_batch_and_names_them_all(inside):
    status, said = inside.post([RIGHT, WRONG, {**RIGHT, "event": "yesterday"}], batch="b1", known="event")
    assert status == 422
    assert said["error"]["wrong"] == 2
    assert said["error"]["rows"] == [
        {"row": 2, "field": "delay", "value": "late", "reason": "expected a number"},
        {"row": 3, "field": "event", "value": "yesterday",
         "reason": "expected an instant with a zone, like 2013-10-01T05:00Z"},
    ]  # fmt: skip
    assert stored(inside) == []
    assert inside.post([RIGHT], batch="b1", known="event")[0] == 201


def test_wrong_rows_are_set_aside_when_asked_and_can_be_mended(inside):
    status, said = inside.post([RIGHT, WRONG], batch="b 1", source="desk", known="event", on_bad="set-aside")
    assert (status, said["appended"], said["set_aside"]) == (201, 1, 1)
    assert said["rows"] == [{"row": 2, "field": "delay", "value": "late", "reason": "expected a number"}]
    assert said["mend"] == "pressroom set-aside delivered --batch 'b 1' --source desk --to mend.csv"
    status, listed = inside.ask("GET", "/v1/facts/delivered/set-aside")
    assert [(one["batch"], one["rows"]) for one in listed["batches"]] == [("b 1", 1)]
    mended = {**RIGHT, "_row": 2, "order": "o9", "delay": 1.0}
    status, said = inside.post([mended], source="desk", mends="b 1", known="event", on_bad="set-aside")
    assert (status, said["appended"], said["set_aside"]) == (201, 1, 0)
    assert inside.ask("GET", "/v1/facts/delivered/set-aside")[1]["batches"][0]["mended"] == [2]
    assert inside.post([mended], source="desk", mends="b 1", known="event")[0] == 200
    assert stored(inside) == ["o1", "o9"]


def test_facts_are_corrected_and_retracted(inside):
    inside.post([RIGHT, OTHER], known="event")
    assert inside.post([{**RIGHT, "delay": 7.0}], known="now", change="corrects")[0] == 201
    keys = {name: OTHER[name] for name in ("event", "order", "customer", "quarter")}
    assert inside.post([keys], known="now", change="retracts")[0] == 201
    table, _ = inside.workspace.facts.read(inside.workspace.fact("delivered"))
    assert table["delay"].to_pylist() == [7.0]
    status, said = inside.post([{**RIGHT, "order": "o7"}], known="now", change="corrects")
    assert (status, said["error"]["rows"][0]["field"]) == (422, "order")


def test_online_features_follow(inside):
    inside.post([RIGHT, OTHER], known="event")
    habit = next(view for view in inside.workspace.views() if view.name == "habit")
    question = Question(
        keys=(inside.workspace.fact("delivered").field("customer"),),
        views=(BoundFeatures(view=habit, key="customer"),),
        request=(),
    )

    def counted():
        online = inside.workspace.features.online(question)
        (answer,) = online.answer([{"customer": "c1"}], [parse_instant("2025-04-02T00:00Z")])
        return answer.values["habit.deliveries_7d"] == 2

    assert wait_for(counted)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sorce=x", "sorce"), ("source=", "source"), ("source=a&source=b", "query"), ("batch=" + "x" * 300, "batch"),
        ("batch=%00", "batch"), ("known=later", "known"), ("known=", "known"), ("change=edits", "change"),
        ("on_bad=ignore", "on_bad"), ("repeats=yes", "repeats"), ("%ff=1", "query"), ("a;b", "query"),
        ("&".join(f"a{n}=1" for n in range(30)), "query"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_named(inside, query, field):
    status, said = inside.ask("POST", f"/v1/facts/delivered?{query}", [RIGHT])
    assert status == 400
    assert said["error"]["field"] == field
    assert said["error"]["next_step"]


@pytest.mark.parametrize(
    ("form", "encoding", "status"),
    [
        ("", "", 415), ("text/plain", "", 415), ("application/x-www-form-urlencoded", "", 415),
        ("text/csv; charset=latin-1", "", 415), ("application/json", "br", 415), ("application/json", "gzip", 400),
    ],
)  # fmt: skip
def test_a_form_that_nobody_reads_is_refused(inside, form, encoding, status):
    got, said = inside.ask("POST", "/v1/facts/delivered?known=event", [RIGHT], form, encoding=encoding)
    assert got == 415 if status == 415 else got in (400, 415)
    assert said["error"]["field"] in ("content-type", "content-encoding")


HOSTILE = [
    b"", b" ", b"{", b"[]", b"[1]", b"{}", b"null", b"[[]]", b'[{"a": NaN}]', b"\xff\xfe", b"[" * 100_000,
    b'[{"a":' * 5_000,
    b'[{"event": "2025-04-01T10:00Z"}]', b'[{"nobody": 1}]', b"PAR1", b"PAR1" * 9, b"ARROW1\x00\x00" * 3, b'"\n"',
    b"a,a\n1,2\n",
    b"event\n\x00\n", b'x"y,z\n"', b"\xff\xff\xff\xff\x10\x00\x00\x00" * 4, b"\x00" * 1_000,
    as_parquet([RIGHT])[:-9], as_parquet([RIGHT])[9:], as_stream([RIGHT])[:-40], as_stream([RIGHT])[:100],
]  # fmt: skip


@pytest.mark.parametrize("form", [form for form in BODIES if "charset" not in form])
def test_hostile_bytes_are_refused_with_a_sentence(inside, form):
    for body in HOSTILE:
        status, said = inside.post(body, form=form, known="event")
        assert status in (400, 422), (body[:40], status, said)
        assert said["error"]["message"]
    assert inside.post([RIGHT], known="event")[0] == 201


def test_damaged_columns_are_refused_wherever_a_byte_is_wrong(inside):
    for whole, form in ((as_parquet([RIGHT]), "parquet"), (as_stream([RIGHT]), "arrow.stream")):
        for place in range(0, len(whole), max(len(whole) // 150, 1)):
            torn = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
            status, said = inside.post(torn, form=f"application/vnd.apache.{form}", known="event", source=f"s{place}")
            assert status in (200, 201, 400, 422), said


def test_what_unpacks_to_too_much_is_refused(inside):
    assert inside.post(gzip.compress(b" " * 2_000_000), encoding="gzip", known="event")[0] == 400
    many = as_parquet([RIGHT] * 40_000, compression="zstd")
    status, said = inside.post(many, form="application/vnd.apache.parquet", known="event")
    assert len(many) < 20_000
    assert (status, said["error"]["message"]) == (400, "The body unpacks to more than 1,000,000 bytes.")
    two = gzip.compress(b"[]") * 2
    assert "more than one" in inside.post(two, encoding="gzip", known="event")[1]["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404), ("GET", "/v1/facts/nobody", 404), ("POST", "/v1/facts/nobody", 404),
        ("PUT", "/v1/facts", 405),
        ("POST", "/v1/facts", 405), ("DELETE", "/v1/facts/delivered", 405), ("GET", "/v1/facts/../x", 404),
        ("GET", "/v1/facts/nobody/set-aside", 404), ("OPTIONS", "/v1/facts/delivered", 405),
        ("GET", "/health/live", 200),
        ("GET", "/health/ready", 200), ("GET", "/v1/facts/Delivered", 200),
    ],
)  # fmt: skip
def test_other_paths_and_methods_are_answered(inside, method, path, status):
    assert inside.ask(method, f"{path}?known=event" if method == "POST" else path, [RIGHT])[0] == status


def test_a_near_name_is_suggested(inside):
    status, said = inside.post([RIGHT], fact="deliverd", known="event")
    assert (status, said["error"]["next_step"]) == (404, "Did you mean 'delivered'?")


def test_types_and_schemas_are_listed(inside):
    status, said = inside.ask("GET", "/v1/facts")
    assert status == 200
    assert [fact["fact"] for fact in said["facts"]] == ["delivered", "placed"]
    assert said["facts"][0] == inside.ask("GET", "/v1/facts/delivered")[1]
    assert said["facts"][0]["fields"][3] == {
        "name": "delay", "type": "float", "unit": "min", "optional": False, "entity": None,
        "doc": "actual minus promised",
    }  # fmt: skip


def test_a_zone_that_nobody_knows_is_refused(inside):
    status, said = inside.post([{**RIGHT, "event": "2025-04-01T10:00"}], known="event", zone="Mars/Olympus")
    assert (status, said["error"]["message"]) == (400, "'Mars/Olympus' is no time zone.")
