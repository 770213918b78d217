import pytest
from tests.projects import (
    BY_PIECES,
    BY_TRAFFIC,
    DEFINITIONS,
    END,
    HOUR,
    append,
    declared,
    fill,
    in_memory,
    placed_rows,
    train,
)

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.features import FEATURE_USE, NotShared
from pressroom.serving import PushRefused, Share
from pressroom.testing.clock import TurnedClock
from pressroom.workspace import UnknownView

PROMISES = ', intent="To expect late deliveries.", freshness="2h", availability=0.999'
PROMISING = DEFINITIONS.replace('owner="shop"):', f'owner="shop"{PROMISES}):').replace(
    'doc="actual minus promised"', 'doc="actual minus promised", labels=("speed",)'
)
GROWTH = PROMISING.replace('    owner="shop",\n)', '    owner="growth",\n)')
PIECES = [Share(model="late.by_pieces")]


def floor_of(folder, definitions, *, clock=None):
    found = declared(folder, definitions)
    workspace = in_memory(clock=clock)
    fill(workspace, found)
    return workspace, found


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """A shop that trained and pushed for itself; nothing here changes it."""
    workspace, definitions = floor_of(tmp_path_factory.mktemp("shop"), PROMISING)
    train(workspace, definitions, BY_PIECES)
    workspace.serving.push(definitions.endpoint("risk"), PIECES)
    return workspace


def names(cards):
    return [card.name() for card in cards]


def test_features_are_found_by_word_entity_and_label(floor):
    sharing = floor.sharing
    assert len(sharing.search()) == 6
    assert names(sharing.search("MEAN", "delay")) == ["habit.delay_7d", "traffic.delay_12h"]
    assert names(sharing.search("actual minus", entity="Customer")) == ["habit.delay_7d", "habit.last_delay"]
    assert names(sharing.search(label="speed", entity="quarter")) == ["traffic.delay_12h"]
    assert names(sharing.search("quarter")) == ["traffic.deliveries_12h", "traffic.delay_12h", "traffic.age"]
    assert sharing.search("nonsense") == []


def test_a_card_says_what_a_feature_is_whose_how_good_and_who_uses_it(floor):
    (card,) = floor.sharing.search("habit.delay_7d")
    assert (card.entity, card.type, card.unit, card.owner, card.stage) == (
        "customer",
        "float",
        "min",
        "shop",
        "private",
    )
    assert card.doc == "mean of delivered.delay over 7d; actual minus promised"
    assert card.about == "How this customer's orders went."
    assert (card.intent, card.freshness_s, card.availability) == ("To expect late deliveries.", 7_200.0, 0.999)
    assert (card.used_by, card.uses, card.last_used) == (("shop",), ("late", "risk"), END)


def test_the_age_of_the_newest_fact_shows_whether_the_promise_is_kept(tmp_path):
    clock = TurnedClock(END)
    workspace, definitions = floor_of(tmp_path, PROMISING, clock=clock)
    (before,) = workspace.sharing.search("habit.last_delay")
    assert before.age_s is not None
    clock.set(END + 24 * HOUR)
    (card,) = workspace.sharing.search("habit.last_delay")
    assert card.age_s == before.age_s + 86_400.0
    assert card.fresh() is False
    row = {**placed_rows(1)[0], "event": END + 23 * HOUR, "known": END + 23 * HOUR, "delay": 1.0}
    append(workspace, definitions.facts["delivered"], [row, {**row, "order": "o9", "known": END + 25 * HOUR}])
    (card,) = workspace.sharing.search("habit.last_delay")
    assert (card.age_s, card.fresh()) == (3_600.0, True), "what is known only later is not here yet"


def test_without_facts_there_is_no_age_and_no_kept_promise(tmp_path):
    workspace = in_memory()
    workspace.apply(declared(tmp_path, PROMISING))
    (card,) = workspace.sharing.search("habit.last_delay")
    assert (card.age_s, card.fresh(), card.last_used, card.uses) == (None, False, None, ())


def test_the_views_of_a_workspace_pass_the_check_on_its_own_data(floor):
    one, two = floor.sharing.check(samples=200)
    assert (one.view, two.view) == ("habit", "traffic")
    assert one.passed()
    assert two.passed()
    assert [check.view for check in floor.sharing.check("traffic", samples=20)] == ["traffic"]
    with pytest.raises(UnknownView):
        floor.sharing.check("trafic")


def test_a_check_leaves_the_online_store_alone(floor):
    keys = floor.ports.keys
    assert isinstance(keys, MemoryKeys)
    before = dict(keys.scan(b""))
    floor.sharing.check(samples=50)
    assert dict(keys.scan(b"")) == before


def test_another_team_is_refused_until_the_owner_promotes(tmp_path):
    workspace, definitions = floor_of(tmp_path, GROWTH)
    uses = workspace.facts.read(FEATURE_USE)[0].num_rows
    with pytest.raises(NotShared) as refused:
        train(workspace, definitions, BY_PIECES)
    assert refused.value.message == (
        "habit is private to shop and traffic is private to shop: late, which is growth's, may not use them."
    )
    assert "Ask shop to promote it" in refused.value.next_step
    assert workspace.facts.read(FEATURE_USE)[0].num_rows == uses
    for view in ("habit", "traffic"):
        workspace.sharing.promote(view, by="ann", samples=20)
    train(workspace, definitions, BY_TRAFFIC)
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_traffic")])
    (card,) = workspace.sharing.search("habit.last_delay")
    assert (card.stage, card.used_by) == ("shared", ("growth",))


def test_an_endpoint_of_another_team_is_refused_and_nothing_serves(tmp_path):
    endpoint = 'pr.endpoint("risk", answers=late, owner="growth")'
    workspace, definitions = floor_of(tmp_path, PROMISING.replace('pr.endpoint("risk", answers=late)', endpoint))
    train(workspace, definitions, BY_PIECES)
    with pytest.raises(PushRefused, match="risk, which is growth's, may not use them") as refused:
        workspace.serving.push(definitions.endpoint("risk"), PIECES)
    assert "promote" in refused.value.next_step
    assert workspace.catalog.names("endpoint") == []


@pytest.mark.parametrize("owner", ["", "shop"])
def test_the_same_owner_and_nobody_may_use_what_is_private(tmp_path, owner):
    workspace, definitions = floor_of(tmp_path, GROWTH.replace('owner="growth"', f'owner="{owner}"'))
    train(workspace, definitions, BY_PIECES)
    workspace.serving.push(definitions.endpoint("risk"), PIECES)


def test_uses_are_facts_of_training_and_pushing(floor):
    rows = floor.facts.read(FEATURE_USE)[0].to_pylist()
    assert {(row["by"], row["what"], row["how"]) for row in rows} == {
        ("shop", "late", "train"),
        ("shop", "risk", "push"),
    }
    assert len(rows) == 2 * 6
