import pyarrow as pa
import pytest
from tests.projects import DEFINITIONS, declared

from pressroom.facts import BadDefinition, Entity, Fact, Float, Key
from pressroom.training import split_by_entity, split_by_time
from pressroom.training.split import key_of_split
from pressroom.values import bucket_of
from pressroom.workspace import BadDefinitions


class Plane(Entity):
    """A plane."""


class Town(Entity):
    """A town."""


class Flown(Fact):
    """A plane flew."""

    plane: Key[Plane]
    origin: Key[Town]
    dest: Key[Town]
    late: Float


def rows(**columns):
    return pa.table(columns)


def test_all_rows_of_an_entity_are_in_one_part_and_the_shares_are_about_those_asked_for():
    split = split_by_entity(Flown.plane, validate=0.2, test=0.1)
    names = [f"N{number}" for number in range(5_000)] * 2
    parts = split.parts(rows(plane=names)).to_pylist()
    assert parts[:5_000] == parts[5_000:]
    shares = {part: parts.count(part) / len(parts) for part in ("train", "validate", "test")}
    assert shares["validate"] == pytest.approx(0.2, abs=0.02)
    assert shares["test"] == pytest.approx(0.1, abs=0.02)
    for name, part in zip(names[:50], parts, strict=False):
        bucket = bucket_of("split/", name)
        assert part == ("validate" if bucket < 2_000 else "test" if bucket < 3_000 else "train")


def test_the_salt_draws_other_parts_and_other_rows_change_nothing():
    names = [f"N{number}" for number in range(300)]
    one, other = (split_by_entity(Flown.plane, validate=0.5, salt=salt) for salt in ("", "again"))
    assert one.parts(rows(plane=names)) != other.parts(rows(plane=names))
    assert one.parts(rows(plane=names))[7:9] == one.parts(rows(plane=names[7:9]))


def test_rows_without_a_key_train():
    split = split_by_entity(Flown.plane, validate=0.9999)
    parts = split.parts(rows(plane=pa.array([None, "N1", None]))).to_pylist()
    assert parts == ["train", "validate", "train"]
    assert split.parts(rows(plane=pa.array([None], pa.string()))).to_pylist() == ["train"]


def test_an_entity_split_finds_its_key_in_the_spine():
    assert key_of_split(split_by_entity(Plane, validate=0.2), Flown.schema) == "plane"
    assert key_of_split(split_by_entity(Flown.dest, validate=0.2), Flown.schema) == "dest"
    with pytest.raises(BadDefinition, match="goes by town; flown has origin, dest"):
        key_of_split(split_by_entity(Town, validate=0.2), Flown.schema)
    with pytest.raises(BadDefinition, match="goes by somebody; flown has no key of it"):
        key_of_split(split_by_entity("somebody", validate=0.2), Flown.schema)
    with pytest.raises(BadDefinition, match="is no key"):
        split_by_entity(Flown.late, validate=0.2)


@pytest.mark.parametrize(
    ("validate", "test"), [(0.0, 0.0), (1.0, 0.0), (-0.1, 0.0), (0.5, 0.5), (0.00001, 0.0), (True, 0.0), (0.5, -0.1)]
)
def test_shares_that_leave_nobody_are_refused(validate, test):
    with pytest.raises(BadDefinition):
        split_by_entity(Plane, validate=validate, test=test)


def test_a_third_part_by_time():
    split = split_by_time(
        train_until="2025-03-01T00:00Z", validate_until="2025-03-02T00:00Z", test_until="2025-03-03T00:00Z"
    )
    edges = [split.train_until - 1, split.train_until, split.validate_until]
    as_of = pa.array(edges, pa.int64()).cast(pa.timestamp("us", "UTC"))
    assert split.parts(rows(as_of=as_of)).to_pylist() == ["train", "validate", "test"]
    assert split.end() == split.test_until
    with pytest.raises(BadDefinition, match="tests before it validates"):
        split_by_time(
            train_until="2025-03-01T00:00Z", validate_until="2025-03-02T00:00Z", test_until="2025-03-02T00:00Z"
        )


def test_a_training_set_split_by_entity_brings_the_key_along(tmp_path):
    by_time = 'pr.split_by_time(train_until="2025-03-28T00:00Z", validate_until="2025-04-10T00:00Z")'
    text = DEFINITIONS.replace(by_time, "pr.split_by_entity(Customer, validate=0.3)")
    late = declared(tmp_path, text).training_set("late")
    assert late.split.key == "customer"
    assert late.digest() != declared(tmp_path / "2", DEFINITIONS).training_set("late").digest()
    nobody = DEFINITIONS.replace(by_time, 'pr.split_by_entity("courier", validate=0.3)')
    with pytest.raises(BadDefinitions, match="goes by courier; placed has no key of it"):
        declared(tmp_path / "3", nobody)
