"""Reading: every fact once, wherever it lies and whatever happens meanwhile."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.facts import Fact, Facts, Float, Int, Key, field
from pressroom.testing.clock import TurnedClock

EVENT = "2013-01-01T00:00Z"


class Parked(Fact):
    """A plane stood still."""

    tail: Key["plane"]  # noqa: F821


def rows(*delays):
    return pa.table({"event": [EVENT] * len(delays), "tail": [f"N{n}" for n in range(len(delays))], "delay": delays})


def seqs(facts, fact):
    return sorted(facts.read(fact.schema)[0].column("seq").to_pylist())


@pytest.fixture
def fill(desk, landing, batch_of):
    def append(*delays):
        desk.facts.append(batch_of(rows(*delays), batch=str(desk.log.last())))

    return append


def test_a_fact_that_never_happened_has_no_rows_and_all_its_columns(desk, landing):
    table, seen = desk.facts.read(landing.schema)
    assert table.num_rows == 0
    assert table.column_names == [
        "event", "known", "tail", "delay", "seats", "smooth", "gate", "planned", "seq",
    ]  # fmt: skip
    assert (seen.table_version, seen.log_position) == (None, 0)


def test_only_the_asked_columns_come_and_always_the_number(desk, landing, fill):
    fill(1.0)
    assert desk.facts.read(landing.schema, ["delay"])[0].column_names == ["delay", "seq"]
    desk.facts.settle()
    fill(2.0)
    assert desk.facts.read(landing.schema, ["delay"])[0].column_names == ["delay", "seq"]


@settings(max_examples=60)
@given(doings=st.lists(st.sampled_from(["landing", "parked", "settle", "trim"]), max_size=12))
def test_every_fact_is_read_once_whatever_was_settled_and_trimmed(landing, batch_of, doings):
    clock = TurnedClock()
    facts = Facts(log=MemoryLog(), tables=MemoryTables(), records=MemoryRecords(), clock=clock)
    wanted = {landing: [], Parked: []}
    for number, doing in enumerate(doings):
        if doing == "settle":
            facts.settle()
        elif doing == "trim":
            facts.trim(facts.log_end())
        else:
            fact = landing if doing == "landing" else Parked
            table = pa.table({"event": [EVENT], "tail": ["N1"]})
            facts.append(batch_of(table, fact=fact.schema, batch=str(number)))
            wanted[fact].append(len(wanted[landing]) + len(wanted[Parked]))
    for fact, numbers in wanted.items():
        assert seqs(facts, fact) == numbers
        assert facts.read(fact.schema)[1] == facts.version(fact.schema), "a version is what a reader would see"


def test_two_readers_of_one_version_see_the_same(desk, landing, fill):
    fill(1.0)
    seen = desk.facts.read(landing.schema)[1]
    assert seen == desk.facts.read(landing.schema)[1]
    assert seen.digest() == desk.facts.version(landing.schema).digest()
    fill(2.0)
    assert seen != desk.facts.version(landing.schema)


def test_a_reader_overtaken_by_settling_and_trimming_sees_every_fact_once(desk, landing, fill):
    fill(1.0)
    desk.facts.settle()
    fill(2.0)
    fill(3.0)
    reading = desk.log.read

    def overtaken(position=0):
        desk.log.read = reading
        desk.facts.settle()
        desk.facts.trim(desk.facts.log_end())
        fill(4.0)
        return reading(position)

    desk.log.read = overtaken
    assert seqs(desk.facts, landing) == [0, 1, 2, 3]


def test_a_reader_who_is_overtaken_between_two_questions_about_the_table_asks_again(desk, landing, fill):
    fill(1.0)
    desk.facts.settle()
    fill(2.0)
    asking = desk.tables.position

    def overtaken(name):
        desk.tables.position = asking
        desk.facts.settle()
        return asking(name)

    desk.tables.position = overtaken
    assert seqs(desk.facts, landing) == [0, 1]


def test_a_field_that_was_added_later_is_null_in_the_facts_before(desk, batch_of):
    def landing_with(**more):
        annotations = {"tail": Key["plane"], "delay": Float, **more}
        optional = {name: field(optional=True) for name in more}
        return type("Landing", (Fact,), {"__annotations__": annotations, **optional})

    old, new = landing_with(), landing_with(seats=Int)
    desk.facts.append(batch_of(rows(1.0), fact=old.schema, batch="settled"))
    desk.facts.settle()
    desk.facts.append(batch_of(rows(2.0), fact=old.schema, batch="in the log"))

    def seats():
        table, _ = desk.facts.read(new.schema, ["seats"])
        return table.sort_by("seq").column("seats").to_pylist()

    assert seats() == [None, None]
    with_seats = rows(3.0).append_column("seats", pa.array([150]))
    desk.facts.append(batch_of(with_seats, fact=new.schema, batch="new"))
    assert seats() == [None, None, 150]
    desk.facts.settle()
    assert seats() == [None, None, 150]
