"""Appending: each batch once, wrong rows aside, all or nothing."""

import pyarrow as pa
import pytest

from pressroom.backends.memory.log import MemoryLog
from pressroom.facts import BadBatch, BadRows, Fact, Facts, Key, Receipt, SetAside, arrow_schema, read_file
from pressroom.ports import NoSpace

EVENT = "2013-01-01T00:00Z"


def rows(*delays):
    return pa.table({"event": [EVENT] * len(delays), "tail": [f"N{n}" for n in range(len(delays))], "delay": delays})


def delays(desk, landing):
    table, _ = desk.facts.read(landing.schema, ["delay"])
    return table.sort_by("seq").column("delay").to_pylist()


def test_a_batch_is_appended_and_acknowledged(desk, landing, batch_of):
    (receipt,) = desk.facts.append(batch_of(rows(1.0, 2.0), batch="b1"))
    assert receipt == Receipt(fact="landing", source="test", batch="b1", appended=2, set_aside=0, repeated=False)
    assert delays(desk, landing) == [1.0, 2.0]


def test_texts_that_come_as_a_dictionary_are_read_as_texts(desk, landing):
    schema = arrow_schema(landing.schema)
    columns = {"event": [1, 2], "known": [1, 2], "tail": ["a", "a"], "delay": [1.0, 2.0]}
    made = {
        name: pa.array(columns.get(name, [None] * 2), kind)
        for name, kind in zip(schema.names, schema.types, strict=True)
    }
    made["tail"] = made["tail"].dictionary_encode()
    assert desk.facts.append_checked([(landing.schema, pa.table(made))]) == 2
    found, _ = desk.facts.read(landing.schema)
    assert found.schema.field("tail").type == pa.string()
    assert found.column("tail").to_pylist() == ["a", "a"]


def test_rows_are_numbered_in_the_order_of_their_appends(desk, landing, batch_of):
    desk.facts.append(batch_of(rows(1.0, 2.0)), batch_of(rows(3.0)))
    table, _ = desk.facts.read(landing.schema)
    assert sorted(table.column("seq").to_pylist()) == [0, 1, 2]


@pytest.mark.parametrize("batch", ["b1", ""])
@pytest.mark.parametrize("known", ["event", "now"])
def test_a_batch_sent_twice_is_kept_once(desk, landing, batch_of, batch, known):
    (first,) = desk.facts.append(batch_of(rows(1.0), batch=batch, known=known))
    desk.clock.advance("1h")
    (second,) = desk.facts.append(batch_of(rows(1.0), batch=batch, known=known))
    assert (second.batch, second.appended, second.repeated) == (first.batch, 0, True)
    assert delays(desk, landing) == [1.0]


def test_a_batch_sent_twice_is_kept_once_also_after_settling_and_trimming(desk, landing, batch_of):
    desk.facts.append(batch_of(rows(1.0), batch="b1"))
    desk.facts.settle()
    desk.facts.trim(desk.facts.log_end())
    (receipt,) = desk.facts.append(batch_of(rows(1.0), batch="b1"))
    assert receipt.repeated
    assert delays(desk, landing) == [1.0]


def test_a_batch_without_a_name_is_named_by_what_it_says(desk, landing, batch_of):
    receipts = desk.facts.append(
        batch_of(rows(1.0)), batch_of(rows(2.0)), batch_of(rows(1.0), source="other"), batch_of(rows(1.0))
    )
    assert [receipt.repeated for receipt in receipts] == [False, False, False, True]
    assert receipts[0].batch == receipts[3].batch != receipts[1].batch
    assert delays(desk, landing) == [1.0, 2.0, 1.0]


def test_the_same_name_from_another_source_or_of_another_fact_is_another_batch(desk, landing, batch_of):
    class Parked(Fact):
        """A plane stood still."""

        tail: Key["plane"]  # noqa: F821

    parked = pa.table({"event": [EVENT], "tail": ["N1"]})
    receipts = desk.facts.append(
        batch_of(rows(1.0), source="a", batch="b1"),
        batch_of(rows(1.0), source="b", batch="b1"),
        batch_of(parked, fact=Parked.schema, source="a", batch="b1"),
    )
    assert [receipt.appended for receipt in receipts] == [1, 1, 1]


def test_wrong_rows_are_set_aside_and_the_others_go_on(desk, landing, batch_of):
    (receipt,) = desk.facts.append(batch_of(rows("1", "x", "y", "4"), batch="b1"))
    assert (receipt.appended, receipt.set_aside) == (2, 2)
    assert delays(desk, landing) == [1.0, 4.0]


def test_what_was_set_aside_is_kept_with_reasons_counted_and_places(desk, batch_of):
    table = pa.table(
        {"event": [EVENT, None, EVENT, EVENT], "tail": ["a", "b", None, "d"], "delay": ["x", "1", "2", "3"]}
    )
    desk.facts.append(batch_of(table, batch="b1"))
    (kept,) = desk.facts.set_aside("landing")
    assert (kept.fact, kept.source, kept.batch, kept.rows) == ("landing", "test", "b1", 3)
    assert kept.reasons == {"expected a number": 1, "the value is missing": 1, "the key is missing": 1}
    assert kept.examples == (
        SetAside(row=1, field="delay", value="x", reason="expected a number"),
        SetAside(row=2, field="event", value="", reason="the value is missing"),
        SetAside(row=3, field="tail", value="", reason="the key is missing"),
    )
    assert desk.facts.set_aside() == [kept]
    assert desk.facts.set_aside("other") == []


def test_what_was_set_aside_of_a_batch_sent_twice_is_kept_once(desk, batch_of):
    for _ in range(2):
        desk.facts.append(batch_of(rows("x"), batch="b1"))
    assert [kept.rows for kept in desk.facts.set_aside()] == [1]


def test_batches_of_one_name_from_two_sources_keep_what_was_set_aside_apart(desk, batch_of):
    desk.facts.append(batch_of(rows("x"), source="a", batch="b1"), batch_of(rows("y"), source="b", batch="b1"))
    assert sorted((kept.source, kept.examples[0].value) for kept in desk.facts.set_aside()) == [("a", "x"), ("b", "y")]


def test_only_the_first_ten_thousand_rows_set_aside_are_kept_and_all_are_counted(desk, batch_of):
    (receipt,) = desk.facts.append(batch_of(rows(*["x"] * 10_001)))
    (kept,) = desk.facts.set_aside()
    assert (receipt.set_aside, kept.rows, kept.reasons, len(kept.examples)) == (
        10_001, 10_001, {"expected a number": 10_001}, 10_000,
    )  # fmt: skip


def test_rows_are_numbered_as_in_the_file_also_behind_lines_that_are_none(desk, batch_of, file):
    content = f"event,tail,delay\nx\n{EVENT},N1,1\n{EVENT},N2,a\ny,z\n{EVENT},N3,3\n{EVENT},N4,b\n"
    desk.facts.append(batch_of(read_file(file("a.csv", content))))
    (kept,) = desk.facts.set_aside()
    assert [(row.row, row.value) for row in kept.examples] == [(1, "x"), (3, "a"), (4, "y,z"), (6, "b")]


def test_json_rows_are_numbered_as_in_the_file(desk, batch_of, file):
    content = '\n{"event": "2013-01-01T00:00Z", "tail": "a", "delay": true}\n\n[]\n{"event": "x", "tail": "b"}\n'
    desk.facts.append(batch_of(read_file(file("a.jsonl", content))))
    (kept,) = desk.facts.set_aside()
    assert [(row.row, row.field) for row in kept.examples] == [(1, "delay"), (2, ""), (3, "event")]


def test_a_caller_who_wants_all_rows_or_none_is_told_the_first_wrong_one(desk, landing, batch_of, file):
    content = f"event,tail,delay\n{EVENT},N1,1\n{EVENT},N2,x\nshort\n"
    with pytest.raises(BadRows) as refused:
        desk.facts.append(batch_of(read_file(file("a.csv", content)), refuse_bad_rows=True))
    assert str(refused.value) == (
        "Row 2, field delay: expected a number; found 'x' (1 more rows are wrong). "
        "Mend the rows, or let them be set aside."
    )
    assert delays(desk, landing) == []
    assert desk.facts.set_aside() == []


def test_one_batch_that_is_refused_keeps_all_out(desk, landing, batch_of):
    wrong = pa.table({"event": [EVENT], "tall": ["N1"]})
    with pytest.raises(BadBatch):
        desk.facts.append(batch_of(rows(1.0)), batch_of(wrong))
    assert delays(desk, landing) == []


def test_a_full_disk_keeps_nothing_and_says_so(desk, landing, batch_of):
    class FullLog(MemoryLog):
        def append(self, entries):
            raise NoSpace("The disk is full.", next_step="Free space.")

    full = Facts(log=FullLog(), tables=desk.tables, records=desk.records, clock=desk.clock)
    with pytest.raises(NoSpace):
        full.append(batch_of(rows(1.0)))
    assert full.read(landing.schema)[0].num_rows == 0


def test_no_batches_are_no_error(desk):
    assert desk.facts.append() == []


def test_facts_of_several_types_that_a_room_made_itself_go_in_together(desk, landing):
    schema = arrow_schema(landing.schema)
    columns = {"event": [1, 2], "known": [1, 2], "tail": ["a", "b"], "delay": [1.0, 2.0]}
    made = pa.table(
        [pa.array(columns.get(name, [None] * 2), kind) for name, kind in zip(schema.names, schema.types, strict=True)],
        schema=schema,
    )
    assert desk.facts.append_checked([(landing.schema, made), (landing.schema, schema.empty_table())]) == 2
    assert delays(desk, landing) == [1.0, 2.0]
