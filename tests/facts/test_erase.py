"""Erasing a subject from tables and from what was set aside: all of it, and nothing else."""

import pyarrow as pa
import pytest

from pressroom.facts import Entity, Fact, Key, Upkeep, read_file, rows_about
from pressroom.values import NotFound

EVENT = "2013-01-01T00:00Z"


class Account(Entity):
    """An account."""


class Bank(Entity):
    """A bank."""


class Transfer(Fact):
    """Money went from one account to another."""

    giver: Key[Account]
    taker: Key[Account]
    bank: Key[Bank]


KEYS = {"transfer": ("giver", "taker"), "never_settled": ("giver",)}


@pytest.fixture
def upkeep(desk):
    return Upkeep(tables=desk.tables, records=desk.records)


@pytest.fixture
def transfers(desk, batch_of):
    """Settle one part for each list of (giver, taker, bank)."""

    def settle(*parts):
        for lines in parts:
            giver, taker, bank = zip(*lines, strict=True)
            table = pa.table({"event": [EVENT] * len(lines), "giver": giver, "taker": taker, "bank": bank})
            desk.facts.append(batch_of(table, fact=Transfer.schema, repeats=True))
            desk.facts.settle()

    return settle


def left(desk):
    table, _ = desk.facts.read(Transfer.schema, ["giver", "taker", "bank", "known"])
    return [tuple(row[name] for name in ("giver", "taker", "bank")) for row in table.sort_by("seq").to_pylist()]


def test_rows_under_any_key_go_from_every_version_and_others_stay(desk, upkeep, transfers):
    transfers([("a", "b", "x"), ("b", "c", "a")], [("c", "a", "x")], [("b", "c", "x")])
    told = []
    (erased,) = upkeep.erase(KEYS, "a", note=lambda fact, rows: told.append((fact, rows.num_rows)))
    assert (erased.fact, erased.rows, erased.parts) == ("transfer", 2, 2)
    assert told == [("transfer", 1), ("transfer", 1)]
    assert left(desk) == [("b", "c", "a"), ("b", "c", "x")], "a bank of that name is somebody else"
    assert upkeep.count(KEYS, "a") == {}
    for version in range(desk.tables.version("transfer")):
        with pytest.raises(NotFound):
            desk.tables.scan("transfer", version=version)


def test_who_is_nowhere_leaves_the_newest_version_as_it_is(desk, upkeep, transfers):
    transfers([("a", "b", "x")])
    version = desk.tables.version("transfer")
    (erased,) = upkeep.erase(KEYS, "nobody", note=lambda fact, rows: pytest.fail("nothing goes"))
    assert (erased.rows, erased.parts) == (0, 0)
    assert desk.tables.version("transfer") == version


def test_rows_are_told_of_before_they_go(desk, upkeep, transfers):
    transfers([("a", "b", "x")])

    def die(fact, rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upkeep.erase(KEYS, "a", note=die)
    assert upkeep.count(KEYS, "a") == {"transfer": 1}


def test_counting_looks_under_every_key_and_counts_a_row_once(upkeep, transfers):
    transfers([("a", "a", "x"), ("b", "a", "x"), ("b", "c", "a")])
    assert upkeep.count(KEYS, "a") == {"transfer": 2}


def test_a_key_that_rows_lack_names_nobody():
    rows = pa.table({"giver": ["a", None, "b"]})
    assert rows_about(rows, ["giver", "later"], "a").to_pylist() == [True, False, False]
    assert rows_about(rows, ["later"], "a").to_pylist() == [False] * 3


def test_rows_set_aside_go_when_a_key_names_the_subject(desk, upkeep, batch_of, file):
    text = (
        f"event,giver,taker,bank\nsoon,acc-1,acc-2,x\nsoon,acc-2,acc-1,x\nsoon,acc-2,acc-3,acc-1\nsoon,acc-10,b,x\n"
        f"broken acc-1 line\nbroken acc-10 line\n{EVENT},acc-1,,x\n"
    )
    desk.facts.append(batch_of(read_file(file("a.csv", text)), fact=Transfer.schema, batch="monday"))
    desk.facts.append(batch_of(pa.table({"event": ["soon"], "tail": ["acc-1"]}), batch="other"))
    assert upkeep.erase_set_aside(KEYS, "acc-1") == 4
    assert upkeep.erase_set_aside(KEYS, "acc-1") == 0
    (batch,) = desk.facts.set_aside("transfer")
    assert [row.row for row in batch.examples] == [3, 4, 6]
    assert (batch.rows, sum(batch.reasons.values())) == (3, 3)
    assert [one.rows for one in desk.facts.set_aside("landing")] == [1], "a fact that is about others"


def test_what_is_left_of_a_batch_can_still_be_mended(desk, upkeep, batch_of, file):
    text = "event,giver,taker,bank\nsoon,acc-1,acc-2,x\nsoon,acc-2,acc-3,x\n"
    desk.facts.append(batch_of(read_file(file("a.csv", text)), fact=Transfer.schema, batch="monday"))
    upkeep.erase_set_aside(KEYS, "acc-1")
    mended = f"_row,event,giver,taker,bank\n2,{EVENT},acc-2,acc-3,x\n"
    receipt = desk.facts.mend(batch_of(read_file(file("m.csv", mended)), fact=Transfer.schema), of="monday")
    assert (receipt.appended, left(desk)) == (1, [("acc-2", "acc-3", "x")])
