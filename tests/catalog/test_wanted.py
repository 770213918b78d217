import pytest

from pressroom.backends.memory.records import MemoryRecords
from pressroom.catalog import Catalog, Entry, NotTheOwner, Trust, UnknownEntry, Withdrawal, parse_wanted
from pressroom.values import InvalidInput, Version, VersionRange


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("^2", ["2.0.0", "2.9.9"], ["1.9.9", "3.0.0"]),
        ("^2.3", ["2.3.0", "2.9.0"], ["2.2.9", "3.0.0"]),
        ("~2.3", ["2.3.0", "2.3.9"], ["2.2.0", "2.4.0"]),
        ("~2.3.4", ["2.3.4", "2.3.9"], ["2.3.3", "2.4.0"]),
        ("2.3.4", ["2.3.4"], ["2.3.5"]),
        ("2.3", ["2.3.0", "2.3.7"], ["2.4.0"]),
        ("2", ["2.0.0", "2.5.0"], ["3.0.0"]),
    ],
)
def test_a_range_holds_what_its_signs_say(text, inside, outside):
    pinned = VersionRange.parse(text)
    assert all(Version.parse(one) in pinned for one in inside)
    assert not any(Version.parse(one) in pinned for one in outside)


@pytest.mark.parametrize("text", ["", "^", ">=2", "^2.x", "latest", "1.2.3.4"])
def test_anything_else_is_no_range(text):
    with pytest.raises(InvalidInput):
        VersionRange.parse(text)


@pytest.fixture
def catalog():
    made = Catalog(MemoryRecords())
    for place, version in enumerate(["1.0.0", "1.4.0", "2.0.0", "2.1.0"]):
        digest = f"{place}{'ab' * 31}c"
        entry = Entry(kind="model", name="ctr", digest=digest, version=version, created=place, owner="ann")
        made.point(made.publish(entry))
    return made


def version(catalog, text):
    return catalog.resolve("model", text).version


def test_a_name_is_found_by_what_is_in_use_range_digest_or_alias(catalog):
    assert version(catalog, "ctr") == version(catalog, "ctr@^2") == "2.1.0"
    assert version(catalog, "ctr@^1") == version(catalog, "ctr@~1.4") == "1.4.0"
    assert version(catalog, "ctr@1.0.0") == "1.0.0"
    assert version(catalog, f"ctr@sha256:2{'ab' * 10}") == version(catalog, f"ctr@2{'ab' * 31}c") == "2.0.0"
    catalog.aliases.put("production", catalog.resolve("model", "ctr@^1").reference())
    assert version(catalog, "ctr@production") == "1.4.0"
    catalog.aliases.put("production", catalog.resolve("model", "ctr@2.0.0").reference())
    assert version(catalog, "ctr@production") == "2.0.0"
    assert list(catalog.aliases.of("model", "ctr")) == ["production"]


def test_what_is_withdrawn_is_in_no_range(catalog):
    catalog.withdrawals.withdraw(catalog.resolve("model", "ctr@2.1.0").reference(), Withdrawal(at=1, why="forgotten"))
    assert version(catalog, "ctr@^2") == "2.0.0"


@pytest.mark.parametrize("text", ["ctr@^3", "ctr@staging", "ctr@ffffffffffff", "other@^1"])
def test_what_nothing_answers_to_lists_what_there_is(catalog, text):
    with pytest.raises(UnknownEntry):
        catalog.resolve("model", text)
    with pytest.raises(UnknownEntry) as unknown:
        catalog.resolve("model", "ctr@^7")
    assert "2.1.0" in unknown.value.next_step


@pytest.mark.parametrize("text", ["ctr@", "Ctr", "ctr@Prod!", "@^2"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_wanted(text)


def test_only_the_owner_signs_and_only_for_one_version(catalog):
    first, second = catalog.resolve("model", "ctr@1.0.0"), catalog.resolve("model", "ctr@1.4.0")
    with pytest.raises(NotTheOwner, match="owned by ann"):
        catalog.trusts.sign(first, Trust(by="bob", at=1))
    catalog.trusts.sign(first, Trust(by="ann", at=1, why="read it"))
    assert catalog.trusts.has(first.digest)
    assert not catalog.trusts.has(second.digest)
    assert catalog.trusts.sign(first, Trust(by="ann", at=2)).why == "read it"
    catalog.trusts.withdraw(first.reference())
    assert not catalog.trusts.has(first.digest)


def test_consumers_are_found_with_their_pins(catalog):
    endpoint = Entry(kind="endpoint", name="ads", digest="e" * 64, version="1", created=9, pins=("ctr@^1", "cvr"))
    catalog.point(catalog.publish(endpoint))
    ((entry, wanted),) = catalog.consumers("model", "ctr")
    assert (entry.name, str(wanted)) == ("ads", "ctr@^1")
    assert wanted.allows("1.9.0")
    assert not wanted.allows("2.0.0")
