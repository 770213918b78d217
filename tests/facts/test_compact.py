"""Compaction changes no answer, happens by itself, and is seen whole or not at all."""

import pyarrow as pa
import pytest

from pressroom.facts import MANY_PARTS, UnknownFact, Upkeep
from pressroom.facts.compact import in_order
from pressroom.ports import NoSpace

HOUR = 3_600_000_000


@pytest.fixture
def upkeep(desk):
    return Upkeep(tables=desk.tables, records=desk.records)


@pytest.fixture
def settle(desk, batch_of):
    """Append and settle batches of two landings each, the later ones about earlier instants."""

    def work(*numbers):
        for number in numbers:
            events = [f"2013-01-{28 - number % 28:02}T0{hour}:00Z" for hour in (5, 3)]
            table = pa.table({"event": events, "tail": [f"N{number}", "N0"], "delay": [str(number), "0"]})
            desk.facts.append(batch_of(table, batch=str(number)))
            desk.facts.settle()

    return work


def rows(desk, landing):
    return sorted(desk.facts.read(landing.schema)[0].to_pylist(), key=lambda row: row["seq"])


def parts(desk):
    sizes = []
    desk.tables.rewrite("landing", lambda part: sizes.append(pa.table(part).num_rows))
    return sizes


def test_small_parts_become_one_in_the_order_of_their_instants(desk, landing, upkeep, settle):
    settle(*range(5))
    before = rows(desk, landing)
    done = upkeep.compact("landing")["landing"]
    assert (done.taken_parts, done.put_parts, done.put_rows) == (5, 1, 10)
    assert rows(desk, landing) == before
    table = pa.table(desk.tables.scan("landing"))
    order = list(zip(table["event"].cast(pa.int64()).to_pylist(), table["seq"].to_pylist(), strict=True))
    assert order == sorted(order)
    assert upkeep.compact()["landing"].taken_parts == 0


def test_facts_that_come_later_find_their_place(desk, landing, upkeep, settle):
    settle(0, 1)
    upkeep.compact()
    settle(2, 3)
    assert [row["delay"] for row in rows(desk, landing)] == [0, 0, 1, 0, 2, 0, 3, 0]
    assert sorted(parts(desk)) == [2, 2, 4]


def test_a_reading_that_has_begun_sees_the_version_before(desk, upkeep, settle):
    settle(0, 1, 2)
    version = desk.tables.version("landing")
    before = pa.table(desk.tables.scan("landing", version=version))
    upkeep.compact()
    assert pa.table(desk.tables.scan("landing", version=version)).equals(before)


def test_a_table_is_compacted_by_itself_once_it_has_many_small_parts(desk, landing, settle):
    settle(*range(MANY_PARTS - 1))
    assert len(parts(desk)) == MANY_PARTS - 1
    settle(MANY_PARTS)
    assert parts(desk) == [2 * MANY_PARTS]
    assert len(rows(desk, landing)) == 2 * MANY_PARTS


def test_settling_goes_on_where_there_is_no_room_to_compact(desk, landing, settle, monkeypatch):
    def full(*_, **__):
        raise NoSpace("full")

    monkeypatch.setattr(desk.tables, "rewrite", full)
    settle(*range(MANY_PARTS + 1))
    assert len(rows(desk, landing)) == 2 * MANY_PARTS + 2


def test_vacuum_keeps_what_was_the_newest_a_while_ago(desk, landing, upkeep, settle):
    settle(0, 1)
    upkeep.compact()
    assert upkeep.vacuum()["landing"].files == 0
    assert upkeep.vacuum(keep_us=0)["landing"].files == 2
    assert len(rows(desk, landing)) == 4


def test_a_reading_whose_version_is_vacuumed_meanwhile_reads_the_newest(desk, landing, upkeep, settle):
    settle(0, 1)
    scan, scanned = desk.tables.scan, []

    def late(*arguments, **more):
        if not scanned:
            scanned.append(arguments)
            upkeep.compact()
            upkeep.vacuum(keep_us=0)
        return scan(*arguments, **more)

    desk.tables.scan = late
    assert len(rows(desk, landing)) == 4


def test_an_unknown_table_is_refused_with_the_nearest_name(upkeep, settle):
    settle(0)
    with pytest.raises(UnknownFact, match="landing"):
        upkeep.compact("landign")
    with pytest.raises(UnknownFact):
        upkeep.vacuum("landign")


def test_ties_are_in_the_order_of_arrival():
    table = pa.table({"event": pa.array([5, 5, 1], pa.timestamp("us", "UTC")), "seq": [2, 1, 3]})
    assert pa.table(in_order(table))["seq"].to_pylist() == [3, 1, 2]
