import pytest

from pressroom.backends.memory.records import MemoryRecords
from pressroom.catalog import Reference, StageChange, Stages, may_use
from pressroom.ports import VersionConflict

HABIT = Reference(kind="view", name="habit", digest="d1")


def change(stage="shared", *, by="ann", at=1, why="everybody asks for it"):
    return StageChange(stage=stage, by=by, at=at, why=why, proof="1,000 questions")


def test_an_entry_is_private_until_it_is_moved_also_one_that_nobody_knows():
    stages = Stages(MemoryRecords())
    assert stages.of(HABIT) == "private"
    stages.move(HABIT, change())
    assert stages.of(HABIT) == "shared"


def test_the_history_is_kept_with_who_when_why_and_what_was_found():
    stages = Stages(MemoryRecords())
    moves = (change(), change("private", by="bob", at=2, why="it is to be mended"), change(by="cat", at=3))
    for move in moves:
        stages.move(HABIT, move)
    assert stages.life(HABIT).changes == moves
    assert stages.of(HABIT) == "shared"


def test_another_definition_of_the_same_name_starts_private():
    stages = Stages(MemoryRecords())
    stages.move(HABIT, change())
    assert stages.of(Reference(kind="view", name="habit", digest="d2")) == "private"
    assert stages.of(Reference(kind="view", name="pace", digest="d1")) == "private"


def test_of_two_who_move_at_once_the_second_is_told():
    records = MemoryRecords()

    class Meanwhile(MemoryRecords):
        def get(self, kind, key):
            seen = records.get(kind, key)
            Stages(records).move(HABIT, change(by="somebody else"))
            return seen

        def put(self, kind, key, document, *, seen):
            return records.put(kind, key, document, seen=seen)

    with pytest.raises(VersionConflict):
        Stages(Meanwhile()).move(HABIT, change())
    assert [move.by for move in Stages(records).life(HABIT).changes] == ["somebody else"]


@pytest.mark.parametrize(
    ("owner", "user", "stage", "may"),
    [
        ("ops", "ops", "private", True),
        ("ops", "growth", "private", False),
        ("ops", "growth", "shared", True),
        ("", "growth", "private", True),
        ("ops", "", "private", True),
        ("", "", "private", True),
    ],
)
def test_what_is_private_is_its_owners_alone_and_what_is_nobodys_is_everybodys(owner, user, stage, may):
    assert may_use(owner=owner, user=user, stage=stage) == may
