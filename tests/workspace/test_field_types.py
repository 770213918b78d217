"""Bytes, vectors and enumerations all the way round: file, log, table, other readers, mending, forgetting, features."""

import base64
import csv
import json
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pressroom.facts import (
    INSTANT,
    BadBatch,
    Batch,
    Bytes,
    Entity,
    Enum,
    Fact,
    Key,
    KnownRule,
    Vector,
    batch_of,
    field,
    read_file,
    rows_as_facts,
)
from pressroom.features import FeatureView, question_of
from pressroom.values import FactSchema, parse_instant
from pressroom.workspace import Workspace, definitions_of, evolution, open_workspace


class Order(Entity):
    """An order."""


class Scanned(Fact):
    """A receipt was scanned."""

    order: Key[Order]
    photo: Bytes = field(optional=True)
    embedding: Vector[3] = field(optional=True)
    status: Enum["paid", "refused"] = field(optional=True)  # noqa: F821


ROWS = [
    {"event": "2025-03-01T10:00Z", "order": "o1", "photo": b"\x00\xff,\"\n", "embedding": [0.5, -1.25, 3.0],
     "status": "paid"},
    {"event": "2025-03-01T11:00Z", "order": "o1", "photo": None, "embedding": None, "status": None},
    {"event": "2025-03-02T10:00Z", "order": "order-two", "photo": b"", "embedding": [0.1, 1e-30, 7.0],
     "status": "refused"},
]  # fmt: skip
KEPT = [{**row, "embedding": row["embedding"] and [float(np.float32(n)) for n in row["embedding"]]} for row in ROWS]


def said(table: pa.Table) -> list[dict[str, object]]:
    return table.sort_by("event").select(["order", "photo", "embedding", "status"]).to_pylist()


WANTED = [{name: row[name] for name in ("order", "photo", "embedding", "status")} for row in KEPT]


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "pressroom.toml").write_text("")
    with open_workspace(tmp_path) as opened:
        opened.apply(definitions_of(Scanned))
        yield opened


def as_text(row: dict[str, object]) -> dict[str, object]:
    photo = row["photo"]
    return {**row, "photo": None if photo is None else base64.b64encode(photo).decode()}


def write_csv(path: Path) -> None:
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, list(ROWS[0]))
        lines.writeheader()
        for row in map(as_text, ROWS):
            lines.writerow({**row, "embedding": None if row["embedding"] is None else json.dumps(row["embedding"])})


def write_json(path: Path) -> None:
    path.write_text("".join(f"{json.dumps(as_text(row))}\n" for row in ROWS))


def write_parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), path)


def write_arrow(path: Path) -> None:
    kinds = pa.schema(
        [
            ("event", "string"),
            ("order", "string"),
            ("photo", "large_binary"),
            ("embedding", pa.list_(pa.float32(), 3)),
            ("status", pa.dictionary(pa.int8(), pa.string())),
        ]
    )
    table = pa.table({name: pa.array([row[name] for row in ROWS], kinds.field(name).type) for name in kinds.names})
    with pa.ipc.new_stream(str(path), table.schema) as stream:
        stream.write_table(table)


WRITERS = {".csv": write_csv, ".jsonl": write_json, ".parquet": write_parquet, ".arrow": write_arrow}


@pytest.mark.parametrize("ending", WRITERS)
def test_facts_come_in_from_every_format_and_back_from_log_and_table(workspace, tmp_path, ending):
    path = tmp_path / f"scanned{ending}"
    WRITERS[ending](path)
    (receipt,) = workspace.append(batch_of(Scanned, path, known="event"))
    # An empty value is null in CSV, which has no other word for either.
    wanted = [*WANTED[:2], {**WANTED[2], "photo": None if ending == ".csv" else b""}]
    assert (receipt.appended, receipt.set_aside) == (3, 0)
    assert said(workspace.facts.read(Scanned.schema)[0]) == wanted
    assert workspace.settle() == {"scanned": 3}
    assert said(workspace.facts.read(Scanned.schema)[0]) == wanted
    (again,) = workspace.append(batch_of(Scanned, path, known="event"))
    assert again.repeated


def test_rows_in_the_log_and_in_the_table_are_read_as_one(workspace):
    workspace.append(batch_of(Scanned, ROWS[:1], known="event"))
    workspace.settle()
    workspace.append(batch_of(Scanned, ROWS[1:], known="event"))
    table, _ = workspace.facts.read(Scanned.schema)
    assert said(table) == WANTED
    assert table.schema.field("embedding").type == pa.list_(pa.float32())


def test_other_tools_read_the_table_in_place(workspace, tmp_path):
    for row in ROWS:
        workspace.append(batch_of(Scanned, [row], known="event"))
        workspace.settle()
    workspace.upkeep.compact("scanned")
    folder = str(tmp_path / "data" / "tables" / "scanned")
    found = pl.scan_delta(folder).sort("event").collect()
    assert found.schema["embedding"] == pl.List(pl.Float32)
    assert found.schema["photo"] == pl.Binary
    assert found.select("order", "photo", "embedding", "status").to_dicts() == WANTED
    late = pl.scan_delta(folder).filter(pl.col("event") > parse_date("2025-03-02")).select("status").collect()
    assert late["status"].to_list() == ["refused"]


def parse_date(day: str) -> pl.Expr:
    return pl.lit(day).str.to_datetime(time_unit="us", time_zone="UTC")


def test_a_table_from_before_gets_the_new_fields(workspace):
    class Plain(Fact):
        order: Key[Order]

    old, new = FactSchema(name="scanned", doc="", fields=Plain.schema.fields), Scanned.schema
    workspace.append(batch_of(old, [{"event": "2025-01-01T00:00Z", "order": "o0"}], known="event"))
    workspace.settle()
    workspace.append(batch_of(new, ROWS, known="event"))
    workspace.settle()
    nothing = {"order": "o0", "photo": None, "embedding": None, "status": None}
    assert said(workspace.facts.read(new)[0]) == [nothing, *WANTED]


BAD = [
    {**ROWS[0], "embedding": [1.0, 2.0]},
    {**ROWS[0], "status": "payed"},
    {**ROWS[0], "photo": b"\x80picture", "status": "?"},
]


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_wrong_rows_are_set_aside_and_mended(workspace, tmp_path, ending):
    batch = batch_of(Scanned, BAD, known="event", source="desk", batch="monday")
    (receipt,) = workspace.append(batch)
    assert receipt.set_aside == 3
    (aside,) = workspace.facts.set_aside("scanned")
    assert [(row.row, row.field, row.value, row.reason) for row in aside.examples] == [
        (1, "embedding", "[1.0, 2.0]", "expected a list of 3 numbers; this one has 2"),
        (2, "status", "payed", "expected one of paid, refused; did you mean 'paid'?"),
        (3, "status", "?", "expected one of paid, refused"),
    ]
    mending = workspace.facts.to_mend("scanned", "monday")
    rows = [dict(zip(mending.columns, row, strict=True)) for row in mending.rows]
    rows[0]["embedding"] = "[1, 2, 3]"
    rows[1]["status"] = rows[2]["status"] = "paid"
    path = tmp_path / f"mend{ending}"
    if ending == ".csv":
        with path.open("w", newline="") as file:
            lines = csv.DictWriter(file, mending.columns)
            lines.writeheader()
            lines.writerows(rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    given = Batch(fact=Scanned.schema, raw=read_file(path), known=KnownRule(kind="after"), source="desk")
    assert workspace.mend(given, of="monday").appended == 3
    table = workspace.facts.read(Scanned.schema)[0]
    assert table["photo"].to_pylist() == [ROWS[0]["photo"], ROWS[0]["photo"], b"\x80picture"]
    assert table["embedding"].to_pylist() == [[1.0, 2.0, 3.0], [0.5, -1.25, 3.0], [0.5, -1.25, 3.0]]


def test_a_row_that_repeats_a_vector_says_the_same(workspace):
    (receipt,) = workspace.append(
        batch_of(Scanned, [ROWS[0], ROWS[0], {**ROWS[0], "embedding": [1, 2, 3]}], known="event")
    )
    assert (receipt.appended, receipt.set_aside) == (2, 1)


def test_bytes_beside_texts_are_refused():
    with pytest.raises(BadBatch, match="'photo' has bytes and texts"):
        batch_of(Scanned, [ROWS[0], {**ROWS[0], "photo": "AAAA"}], known="event")


def test_corrections_and_forgetting_know_them(workspace, tmp_path):
    workspace.append(batch_of(Scanned, ROWS, known="event"))
    better = {**ROWS[2], "embedding": [1, 1, 1], "status": "paid"}
    workspace.append(batch_of(Scanned, [better], known="now", change="corrects"))
    workspace.settle()
    assert said(workspace.facts.read(Scanned.schema)[0])[2]["embedding"] == [1.0, 1.0, 1.0]
    receipt = workspace.forgetting.forget("order", "order-two")
    assert (receipt.facts[0].rows, receipt.bytes_left_in) == (3, ())
    assert said(workspace.facts.read(Scanned.schema)[0]) == WANTED[:2]


def test_a_name_inside_bytes_is_found_when_forgetting(workspace):
    workspace.append(batch_of(Scanned, [{**ROWS[0], "photo": b"receipt of order-two" * 99}, ROWS[2]], known="event"))
    (left,) = workspace.forgetting.forget("order", "order-two").bytes_left_in
    assert left.endswith(".parquet")


def test_a_room_makes_such_facts_itself(workspace):
    rows = [{**KEPT[0], "event": 1, "known": 2}]
    workspace.facts.append_checked([(Scanned.schema, rows_as_facts(Scanned.schema, rows))])
    assert said(workspace.facts.read(Scanned.schema)[0]) == WANTED[:1]


class Recent(FeatureView, entity=Order):
    """The newest scan."""

    embedding = Scanned.embedding.last()
    photo = Scanned.photo.first(window="7d")
    status = Scanned.status.last(where=Scanned.status.is_not_null())
    unread = Scanned.count(window="7d", where=Scanned.photo.is_null())
    refused = Scanned.count(window="7d", where=Scanned.status.equals("refused"))


def asked(workspace: Workspace) -> pa.Table:
    when = [parse_instant("2025-03-03T00:00Z")] * 3
    spine = pa.table({"order": ["o1", "order-two", "o9"], "as_of": pa.array(when, pa.int64()).cast(INSTANT)})
    return workspace.features.offline(question_of(Scanned.schema, [Recent]), spine)[0]


def test_offline_features_pick_them_and_conditions_look_at_them(workspace):
    workspace.append(batch_of(Scanned, ROWS, known="event"))
    first, second, nobody = asked(workspace).to_pylist()
    assert first == {
        "recent.embedding": None, "recent.photo": ROWS[0]["photo"], "recent.status": "paid",
        "recent.unread": 1, "recent.refused": 0,
    }  # fmt: skip
    assert second["recent.embedding"] == KEPT[2]["embedding"]
    assert (second["recent.photo"], second["recent.status"], second["recent.refused"]) == (b"", "refused", 1)
    assert set(nobody.values()) == {None, 0}


def test_online_they_are_what_they_are_offline(workspace):
    workspace.apply(definitions_of(Scanned, Recent))
    workspace.append(batch_of(Scanned, ROWS, known="event"))
    online = workspace.features.online(question_of(Scanned.schema, [Recent]))
    orders = [{"order": order} for order in ("o1", "order-two", "o9")]
    answers = online.answer(orders, [parse_instant("2025-03-03T00:00Z")] * 3)
    assert [answer.values for answer in answers] == asked(workspace).to_pylist()


def declared(**annotations):
    schema = type("Scanned", (Fact,), {"__annotations__": {"order": Key[Order], **annotations}}).schema
    return FactSchema(name=schema.name, doc="", fields=schema.fields)


@pytest.mark.parametrize(
    ("old", "new", "change", "why"),
    [
        (Enum["a"], Enum["a", "b"], "major", "x may be b now"),
        (Enum["a", "b"], Enum["b"], "major", "x is never a now"),
        (Enum["a", "b"], Enum["b", "a"], "patch", "words, labels, purposes or checks changed"),
        (Vector[3], Vector[4], "major", "x changed"),
        (Bytes, Vector[4], "major", "x changed"),
    ],
)
def test_evolution_names_what_breaks(old, new, change, why):
    found, sentence = evolution(declared(x=old), declared(x=new))
    assert (found.value, sentence) == (change, why)


@pytest.mark.parametrize("name", ["photo", "embedding", "status"])
def test_an_optional_field_more_is_compatible(name):
    before = FactSchema(name="scanned", doc="", fields=tuple(f for f in Scanned.schema.fields if f.name != name))
    assert evolution(before, FactSchema(name="scanned", doc="", fields=Scanned.schema.fields))[0].value == "minor"
