import dataclasses

import pytest

from pressroom.backends.memory.records import MemoryRecords
from pressroom.catalog import Catalog, Entry, UnknownEntry

HABIT = Entry(kind="view", name="habit", digest="d1", version="1", created=7, owner="ops", doc="How somebody rides.")


@pytest.fixture
def catalog():
    found = Catalog(MemoryRecords())
    found.point(found.publish(HABIT))
    return found


def test_what_is_said_about_an_entry_changes_and_what_it_is_does_not(catalog):
    said = {"owner": "growth", "doc": "How members ride.", "labels": ("pii",), "document": "b2"}
    catalog.reword(dataclasses.replace(HABIT, created=9, version="2", summary=(("features", "3"),), **said))
    assert catalog.current("view", "habit") == dataclasses.replace(HABIT, **said)
    assert len(catalog.entries("view")) == 1


def test_the_same_words_write_nothing(catalog):
    records = catalog._records
    before = records.get("entry", HABIT.reference().key()).version
    catalog.reword(dataclasses.replace(HABIT, created=9))
    assert records.get("entry", HABIT.reference().key()).version == before


def test_an_entry_that_is_not_kept_is_refused(catalog):
    with pytest.raises(UnknownEntry):
        catalog.reword(dataclasses.replace(HABIT, digest="d2"))
