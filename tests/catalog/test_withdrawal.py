"""Withdrawals: an entry stays and says that what it stood for is gone."""

from pressroom.backends.memory.records import MemoryRecords
from pressroom.catalog import Catalog, Entry, Withdrawal


def test_an_entry_that_is_withdrawn_stays_and_its_lineage_says_so():
    catalog = Catalog(MemoryRecords())
    parent = catalog.publish(Entry(kind="training_set", name="late", digest="d1", version="1", created=1, document="b"))
    child = catalog.publish(
        Entry(kind="model", name="late.x", digest="d2", version="1.0.0", created=2, parents=(parent,))
    )
    assert catalog.withdrawals.of(parent) is None
    catalog.withdrawals.withdraw(parent, Withdrawal(at=5, why="a subject was forgotten"))
    catalog.withdrawals.withdraw(parent, Withdrawal(at=9, why="again"))
    assert catalog.withdrawals.of(parent) == Withdrawal(at=5, why="a subject was forgotten")
    entry = catalog.find(parent)
    assert entry is not None
    assert entry.document == "b"
    node = catalog.lineage(child)
    assert node.summary == ()
    assert node.parents[0].summary == (("withdrawn", "a subject was forgotten"),)
