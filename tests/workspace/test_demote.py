"""A promotion is taken back: by somebody, for a reason, and not from under those who use it."""

import pytest
from tests.projects import END, in_memory
from tests.projects import declared as project
from tests.workspace.test_promote import PROMISING

from pressroom.catalog import StageChange
from pressroom.features import FeatureUser, NotShared, check_may_use, record_use, reference_to
from pressroom.workspace import NotPromoted, StillUsed, UnknownView

GROWTH = FeatureUser(owner="growth", what="churn", how="train")
SHOP = FeatureUser(owner="shop", what="late", how="train")


@pytest.fixture
def floor(tmp_path):
    """A workspace whose view `habit`, of shop, is shared; and the question that asks it."""
    definitions = project(tmp_path, PROMISING)
    workspace = in_memory()
    workspace.apply(definitions)
    habit = definitions.views["habit"]
    promotion = StageChange(stage="shared", by="ann", at=END, why="growth needs it")
    workspace.catalog.stages.move(reference_to(habit), promotion)
    return workspace, definitions.training_set("late").question, habit


def test_a_view_that_nobody_else_uses_is_private_again_and_it_is_known_why(floor):
    workspace, question, habit = floor
    record_use(question, SHOP, facts=workspace.facts)
    demotion = workspace.sharing.demote("Habit", by=" bob ", why="it  was wrong")
    life = workspace.catalog.stages.life(reference_to(habit))
    assert [change.stage for change in life.changes] == ["shared", "private"]
    assert life.changes[-1] == demotion.change
    assert (demotion.change.by, demotion.change.at, demotion.change.why) == ("bob", END, "it was wrong")
    assert demotion.change.proof == "used by nobody else"
    with pytest.raises(NotShared, match="habit is private to shop"):
        check_may_use(question, GROWTH, catalog=workspace.catalog)


def test_while_others_use_it_it_is_refused_with_their_names(floor):
    workspace, question, habit = floor
    record_use(question, GROWTH, facts=workspace.facts)
    record_use(question, FeatureUser(owner="fraud", what="rings", how="push"), facts=workspace.facts)
    with pytest.raises(StillUsed) as refused:
        workspace.sharing.demote("habit", by="bob", why="it was wrong")
    assert refused.value.message == (
        "habit is used by fraud (in rings, last at 2025-04-10T00:00:00Z) and by "
        "growth (in churn, last at 2025-04-10T00:00:00Z)."
    )
    assert "--anyway" in refused.value.next_step
    assert workspace.catalog.stages.of(reference_to(habit)) == "shared"


def test_it_can_be_taken_from_them_anyway_and_promoted_again(floor):
    workspace, question, habit = floor
    record_use(question, GROWTH, facts=workspace.facts)
    demotion = workspace.sharing.demote("habit", by="bob", why="it was wrong", anyway=True)
    assert [user.owner for user in demotion.users] == ["growth"]
    assert demotion.change.proof == "used by growth"
    with pytest.raises(NotPromoted, match="habit is not shared"):
        workspace.sharing.demote("habit", by="bob", why="once more")
    again = StageChange(stage="shared", by="ann", at=END, why="mended")
    assert len(workspace.catalog.stages.move(reference_to(habit), again).changes) == 3
    check_may_use(question, SHOP, catalog=workspace.catalog)


@pytest.mark.parametrize(("by", "why"), [("", "because"), ("bob", " ")])
def test_who_and_why_must_be_said(floor, by, why):
    with pytest.raises(NotPromoted, match="Nobody says who demotes habit, or why"):
        floor[0].sharing.demote("habit", by=by, why=why)


def test_a_view_that_is_not_there_is_refused(floor):
    with pytest.raises(UnknownView):
        floor[0].sharing.demote("habits", by="bob", why="because")
