"""The catalog: entries stay, pointers move, lineage is followed."""

import pytest

from pressroom.backends.memory.records import MemoryRecords
from pressroom.catalog import Catalog, Entry, Node, Pointer, Reference, UnknownEntry
from pressroom.ports import VersionConflict


def entry(digest="d1", *, kind="model", name="late", version="1.0.0", created=0, parents=(), **more):
    return Entry(kind=kind, name=name, digest=digest, version=version, created=created, parents=parents, **more)


@pytest.fixture
def records():
    return MemoryRecords()


@pytest.fixture
def catalog(records):
    return Catalog(records)


def test_what_is_published_is_found_as_it_was(catalog):
    made = entry(
        owner="ops", doc="x", document="b1", labels=("pii",), purposes=("operations",), summary=(("auc", "0.8"),)
    )
    reference = catalog.publish(made)
    assert reference == Reference(kind="model", name="late", digest="d1")
    assert catalog.find(reference) == made


def test_the_same_thing_published_again_keeps_its_first_entry(catalog):
    first = catalog.publish(entry(owner="first", created=1))
    assert catalog.publish(entry(owner="second", created=2)) == first
    assert catalog.find(first).owner == "first"


def test_what_two_publish_at_once_keeps_its_first_entry(records):
    class Overtaken(MemoryRecords):
        def get(self, kind, key):
            found = records.get(kind, key)
            Catalog(records).publish(entry(owner="other"))
            return found

        def put(self, kind, key, document, *, seen):
            return records.put(kind, key, document, seen=seen)

    assert Catalog(Overtaken()).publish(entry(owner="me")) == entry().reference()
    assert Catalog(records).find(entry().reference()).owner == "other"


def test_what_is_not_there_is_not_found(catalog):
    assert catalog.find(Reference(kind="model", name="late", digest="d9")) is None
    assert catalog.pointer("model", "late") is None
    assert catalog.by_digest("model", "d9") is None
    assert catalog.entries("model") == []


def test_a_pointer_moves_and_remembers(catalog):
    for digest in ("d1", "d2", "d3"):
        catalog.point(catalog.publish(entry(digest)))
    assert catalog.pointer("model", "late") == Pointer(digest="d3", before=("d2", "d1"))
    assert catalog.current("model", "late").digest == "d3"


def test_pointing_at_what_is_in_use_changes_nothing(catalog):
    catalog.point(catalog.publish(entry("d1")))
    catalog.point(catalog.publish(entry("d2")))
    assert catalog.point(entry("d2").reference()) == Pointer(digest="d2", before=("d1",))


def test_a_pointer_goes_back_step_by_step_and_stops_at_the_first(catalog):
    for digest in ("d1", "d2", "d3"):
        catalog.point(catalog.publish(entry(digest)))
    assert catalog.point_back("model", "late") == Pointer(digest="d2", before=("d1",))
    assert catalog.point_back("model", "late") == Pointer(digest="d1")
    assert catalog.point_back("model", "late") is None
    assert catalog.current("model", "late").digest == "d1"
    assert catalog.point_back("model", "never") is None


def test_a_pointer_remembers_twenty_before(catalog):
    for number in range(25):
        catalog.point(entry(f"d{number}").reference())
    pointer = catalog.pointer("model", "late")
    assert (pointer.digest, len(pointer.before), pointer.before[-1]) == ("d24", 20, "d4")


def test_of_two_who_point_at_once_one_is_told(records, catalog):
    class Overtaken(MemoryRecords):
        def get(self, kind, key):
            found = records.get(kind, key)
            catalog.point(entry("other").reference())
            return found

        def put(self, kind, key, document, *, seen):
            return records.put(kind, key, document, seen=seen)

    with pytest.raises(VersionConflict):
        Catalog(Overtaken()).point(entry("mine").reference())
    assert catalog.pointer("model", "late").digest == "other"


def test_an_unknown_name_is_refused_and_those_there_are_are_listed(catalog):
    with pytest.raises(UnknownEntry) as refused:
        catalog.current("training_set", "late")
    assert str(refused.value) == "There is no training set 'late'. There are: none."
    for name in ("late", "early"):
        catalog.point(catalog.publish(entry(name=name)))
    with pytest.raises(UnknownEntry) as refused:
        catalog.current("model", "lte")
    assert str(refused.value) == "There is no model 'lte'. There are: early, late."


def test_names_and_entries_are_of_one_kind(catalog):
    for kind, name in (("fact", "landing"), ("fact_table", "landing"), ("fact", "landing_gear")):
        catalog.point(catalog.publish(entry(f"{kind}-{name}", kind=kind, name=name)))
    assert catalog.names("fact") == ["landing", "landing_gear"]
    assert [found.digest for found in catalog.entries("fact", "landing")] == ["fact-landing"]
    assert [found.digest for found in catalog.entries("fact_table")] == ["fact_table-landing"]


def test_entries_come_the_oldest_first(catalog):
    for digest, created in (("d1", 3), ("d3", 1), ("d2", 1)):
        catalog.publish(entry(digest, created=created))
    assert [found.digest for found in catalog.entries("model")] == ["d2", "d3", "d1"]


def test_an_entry_is_found_by_its_digest_alone(catalog):
    catalog.publish(entry("d1"))
    assert catalog.by_digest("model", "d1") == entry("d1")
    assert catalog.by_digest("view", "d1") is None


def test_lineage_is_followed_to_its_roots(catalog):
    fact = catalog.publish(entry("f", kind="fact", name="landing", version="1.2.0", summary=(("rows", "9"),)))
    gone = Reference(kind="fact", name="storm", digest="g")
    view = catalog.publish(entry("v", kind="view", name="habit", parents=(fact, gone)))
    model = catalog.publish(entry("m", parents=(view, fact)))
    root = Node(reference=fact, version="1.2.0", summary=(("rows", "9"),))
    assert catalog.lineage(model) == Node(
        reference=model,
        version="1.0.0",
        parents=(Node(reference=view, version="1.0.0", parents=(root, Node(reference=gone))), root),
    )


def test_what_is_no_longer_kept_shows_as_its_reference_alone(catalog):
    gone = Reference(kind="model", name="late", digest="d9")
    assert catalog.lineage(gone) == Node(reference=gone)
