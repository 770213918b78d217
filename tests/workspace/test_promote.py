import dataclasses

import pytest
from tests.projects import DEFINITIONS, END, append, declared, fill, in_memory, placed_rows

from pressroom.backends.memory.records import MemoryRecords
from pressroom.catalog import Catalog
from pressroom.features import NoOracle, ViewCheck, reference_to
from pressroom.workspace import NotPromoted, UnknownView
from pressroom.workspace.promote import missing, promote

PROMISES = ', intent="To expect late deliveries.", freshness="2h", availability=0.999'
HABIT = 'class Habit(pr.FeatureView, entity=Customer, owner="shop"'
PROMISING = DEFINITIONS.replace(HABIT, HABIT + PROMISES)


@pytest.fixture
def floor(tmp_path):
    """A filled workspace whose view `habit` promises what is asked of it, and `traffic` does not."""
    definitions = declared(tmp_path, PROMISING)
    workspace = in_memory()
    fill(workspace, definitions)
    return workspace, definitions


@pytest.fixture
def view(floor):
    return floor[1].views["habit"]


def report(*, checked=10, unequal=0):
    return ViewCheck(view="habit", checked=checked, entities=1, values=30, unequal=unequal, by_feature=(), examples=())


def promoted(view, *, by="ann", found=None, catalog=None):
    catalog = Catalog(MemoryRecords()) if catalog is None else catalog
    return promote(view, by=by, why="", now=END, catalog=catalog, check=lambda _: found or report())


def test_promises_are_part_of_a_view_and_not_of_its_identity(floor, tmp_path):
    view, plain = floor[1].views["habit"], declared(tmp_path / "plain").views["habit"]
    assert (view.intent, view.freshness_us, view.availability) == ("To expect late deliveries.", 7_200_000_000, 0.999)
    assert (plain.intent, plain.freshness_us, plain.availability) == ("", None, None)
    assert view.digest() == plain.digest()


def test_a_view_that_keeps_all_conditions_is_shared_and_it_is_known_who_did_it_when_and_why(floor):
    workspace, _ = floor
    promotion = workspace.sharing.promote("habit", by="ann", samples=100)
    reference = reference_to(promotion.view)
    assert workspace.catalog.stages.of(reference) == "shared"
    (change,) = workspace.catalog.stages.life(reference).changes
    assert change == promotion.change
    assert (change.by, change.at, change.why) == ("ann", END, "To expect late deliveries.")
    assert change.proof == "100 questions, 300 values, 0 unequal"
    again = workspace.sharing.promote("habit", by="bob", why="once more")
    assert again.change == change, "what is shared already stays as it is"


def test_a_reason_may_be_said(floor):
    change = floor[0].sharing.promote("Habit", by="ann", why="growth asked for it", samples=10).change
    assert change.why == "growth asked for it"


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ({"doc": ""}, "It has no documentation."),
        ({"owner": ""}, "It has no owner."),
        ({"intent": ""}, "It has no intent: what it may be relied on for."),
        ({"freshness_us": None}, "It promises no freshness."),
        ({"availability": None}, "It promises no availability."),
    ],
)
def test_each_condition_is_refused_with_one_sentence(view, lacking, sentence):
    with pytest.raises(NotPromoted) as refused:
        promoted(dataclasses.replace(view, **lacking))
    assert refused.value.message == f"habit stays private. {sentence}"
    assert refused.value.next_step.startswith("Say it in the definition")


def test_all_that_is_missing_is_named_at_once_and_nothing_moves(view):
    bare = dataclasses.replace(view, doc="", owner="", intent="", freshness_us=None, availability=None)
    catalog = Catalog(MemoryRecords())
    with pytest.raises(NotPromoted) as refused:
        promoted(bare, found=report(unequal=3), catalog=catalog)
    assert [*missing(bare), "Its check failed: 10 questions, 30 values, 3 unequal."] == [
        sentence if sentence.endswith(".") else f"{sentence}."
        for sentence in refused.value.message.removeprefix("habit stays private. ").split(". ")
    ]
    assert "pressroom features-check habit" in refused.value.next_step
    assert catalog.stages.of(reference_to(bare)) == "private"


def test_a_check_without_facts_is_no_proof(tmp_path):
    workspace = in_memory()
    workspace.apply(declared(tmp_path, PROMISING))
    with pytest.raises(NotPromoted, match=r"habit stays private\. Its check had no facts to go by\."):
        workspace.sharing.promote("habit", by="ann")


def test_a_check_that_cannot_be_made_is_no_proof(view):
    def check(_):
        raise NoOracle("Features of the kind 'x' can't be checked yet.")

    with pytest.raises(NotPromoted, match="Its check could not be made: Features of the kind 'x'"):
        promote(view, by="ann", why="", now=END, catalog=Catalog(MemoryRecords()), check=check)


def test_somebody_has_to_do_it(view):
    with pytest.raises(NotPromoted, match="Nobody promotes habit") as refused:
        promoted(view, by=" ")
    assert "--by" in refused.value.next_step


def test_a_name_that_is_not_applied_is_refused_with_the_nearest(floor):
    with pytest.raises(UnknownView, match="habbit") as refused:
        floor[0].sharing.promote("habbit", by="ann")
    assert "habit" in refused.value.next_step


def test_words_and_promises_come_into_force_by_applying_them(tmp_path):
    workspace = in_memory()
    fill(workspace, declared(tmp_path / "plain"))
    with pytest.raises(NotPromoted, match="It promises no freshness"):
        workspace.sharing.promote("habit", by="ann", samples=10)
    promising = declared(tmp_path / "promising", PROMISING)
    (step,) = workspace.plan(promising).changes()
    assert (step.name, step.why, step.breaks) == ("habit", "its owner, words or promises changed", False)
    created = workspace.catalog.current("view", "habit").created
    workspace.apply(promising)
    assert workspace.plan(promising).changes() == ()
    assert workspace.follow() == 0, "nothing is filled anew"
    entry = workspace.catalog.current("view", "habit")
    assert (entry.created, entry.owner) == (created, "shop")
    assert workspace.sharing.promote("habit", by="ann", samples=10).change.stage == "shared"


def test_a_shared_view_cannot_lose_what_it_was_promoted_with(floor, tmp_path):
    workspace, _ = floor
    workspace.sharing.promote("habit", by="ann", samples=10)
    with pytest.raises(NotPromoted, match=r"habit is shared.* It has no intent"):
        workspace.apply(declared(tmp_path / "plain"))
    assert workspace.views()[0].intent == "To expect late deliveries."


def test_another_definition_has_to_be_promoted_again(floor, tmp_path):
    workspace, _ = floor
    workspace.sharing.promote("habit", by="ann", samples=10)
    changed = declared(tmp_path / "changed", PROMISING.replace('count(window="7d")', 'count(window="8d")'))
    workspace.apply(changed)
    append(workspace, changed.facts["placed"], placed_rows(3), name="more")
    assert workspace.catalog.stages.of(reference_to(changed.views["habit"])) == "private"
