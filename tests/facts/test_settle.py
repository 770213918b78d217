"""Settling and trimming: facts move, and none is lost or doubled, whoever settles at the same time."""

import pyarrow as pa
import pytest

from pressroom.facts import Fact, Key

EVENT = "2013-01-01T00:00Z"


class Parked(Fact):
    """A plane stood still."""

    tail: Key["plane"]  # noqa: F821


@pytest.fixture
def add(desk, landing, batch_of):
    """`add()` appends one landing, `add(Parked)` one of another fact."""

    def append(fact=landing):
        table = pa.table({"event": [EVENT], "tail": ["N1"]})
        (receipt,) = desk.facts.append(batch_of(table, fact=fact.schema, batch=str(desk.log.last())))
        assert receipt.appended == 1

    return append


def settled(desk, fact):
    table = desk.tables.scan(fact.schema.name)
    return [] if table is None else sorted(pa.table(table).column("seq").to_pylist())


def test_settling_says_how_many_rows_of_each_fact_moved(desk, landing, add):
    add()
    add(Parked)
    add()
    assert desk.facts.settle() == {"landing": 2, "parked": 1}
    assert (settled(desk, landing), settled(desk, Parked)) == ([0, 2], [1])


def test_settling_again_moves_only_what_is_new(desk, landing, add):
    add()
    desk.facts.settle()
    assert desk.facts.settle() == {}
    add()
    assert desk.facts.settle() == {"landing": 1}
    assert settled(desk, landing) == [0, 1]
    assert desk.tables.version("landing") == 1, "and makes no version without rows"


def test_nothing_to_settle_is_no_error(desk):
    assert desk.facts.settle() == {}


def test_two_who_settle_at_once_while_facts_come_in_double_nothing(desk, landing, add):
    add()
    appending = desk.tables.append

    def overtaken(name, columns, *, position):
        desk.tables.append = appending
        add()
        desk.facts.settle()
        add()
        desk.facts.settle()
        return appending(name, columns, position=position)

    desk.tables.append = overtaken
    desk.facts.settle()
    desk.facts.settle()
    assert settled(desk, landing) == [0, 1, 2]


def test_one_who_settles_with_an_older_view_of_the_log_doubles_nothing(desk, landing, add):
    add()
    asking = desk.tables.position

    def overtaken(name):
        desk.tables.position = asking
        position = asking(name)
        add()
        desk.facts.settle()
        add()
        return position

    desk.tables.position = overtaken
    desk.facts.settle()
    desk.facts.settle()
    assert settled(desk, landing) == [0, 1, 2]


def test_one_who_saw_less_of_the_log_moves_what_one_who_saw_more_began(desk, landing, add):
    add()
    asking, appending, paused = desk.tables.position, desk.tables.append, []

    def pause(name, columns, *, position):
        paused.append((name, columns, position))
        return 0

    def overtaken(name):
        desk.tables.position, desk.tables.append = asking, pause
        add()
        desk.facts.settle()
        desk.tables.append = appending
        return asking(name)

    desk.tables.position = overtaken
    desk.facts.settle()
    assert settled(desk, landing) == [0, 1]
    ((name, columns, position),) = paused
    desk.tables.append(name, columns, position=position)
    desk.facts.settle()
    assert settled(desk, landing) == [0, 1]


def test_a_move_that_was_begun_and_not_done_is_done_by_the_next(desk, landing, add):
    class Killed(BaseException):
        pass

    def dying(*_, **__):
        raise Killed

    add()
    appending, desk.tables.append = desk.tables.append, dying
    with pytest.raises(Killed):
        desk.facts.settle()
    desk.tables.append = appending
    add()
    desk.facts.settle()
    desk.facts.settle()
    assert settled(desk, landing) == [0, 1]


def test_tables_that_were_restored_from_before_a_move_are_filled_again(desk, landing, add):
    add()
    desk.facts.settle()
    add()
    desk.facts.settle()
    desk.tables._versions.clear()
    assert desk.facts.settle() == {"landing": 2}
    assert settled(desk, landing) == [0, 1]


def test_trimming_lets_go_of_what_is_settled(desk, landing, add):
    add()
    add(Parked)
    desk.facts.settle()
    add()
    desk.facts.trim(desk.facts.log_end())
    assert (desk.facts.log_start(), desk.facts.log_end()) == (2, 3)


def test_trimming_goes_no_further_than_asked(desk, add):
    add()
    add()
    desk.facts.settle()
    desk.facts.trim(1)
    assert desk.facts.log_start() == 1


def test_trimming_before_anything_is_settled_loses_nothing(desk, landing, add):
    add()
    desk.facts.trim(desk.facts.log_end())
    assert desk.facts.read(landing.schema)[0].num_rows == 1


def test_trimming_after_a_settling_that_was_cut_short_loses_nothing(desk, landing, add):
    add()
    add(Parked)
    appending = desk.tables.append

    def dying(name, columns, *, position):
        if name == "parked":
            raise KeyboardInterrupt
        return appending(name, columns, position=position)

    desk.tables.append = dying
    with pytest.raises(KeyboardInterrupt):
        desk.facts.settle()
    desk.facts.trim(desk.facts.log_end())
    assert desk.facts.read(Parked.schema)[0].num_rows == 1
    assert desk.facts.read(landing.schema)[0].num_rows == 1


def test_a_fact_that_stopped_happening_does_not_keep_the_log_from_being_trimmed(desk, add):
    add()
    desk.facts.settle()
    add(Parked)
    desk.facts.settle()
    desk.facts.trim(desk.facts.log_end())
    assert desk.facts.log_start() == desk.facts.log_end() == 2
