import pytest
from tests.projects import (
    BY_TRAFFIC,
    DEFINITIONS,
    END,
    HOUR,
    append,
    declared,
    delivered_rows,
    fill,
    in_memory,
    placed_rows,
    request_row,
    table_of,
    train,
    write_project,
)

from pressroom.facts import UnknownFact
from pressroom.serving import Share, check_rows
from pressroom.testing.clock import TurnedClock
from pressroom.workspace import BadDefinitions, BadSettings, NoWorkspace, open_workspace

WITH_TIP = DEFINITIONS.replace(
    "    delay: pr.Float =", "    tip: pr.Float = pr.field(optional=True)\n    delay: pr.Float ="
)


@pytest.fixture(params=["memory", "embedded"])
def floor(request, tmp_path):
    """A filled workspace, in memory and in a folder."""
    definitions = declared(tmp_path)
    embedded = request.param == "embedded"
    workspace = open_workspace(tmp_path, clock=TurnedClock(END)) if embedded else in_memory()
    fill(workspace, definitions)
    with workspace:
        yield workspace, definitions


def online(workspace, definitions, *, as_of=END, **changes):
    question = definitions.endpoint("risk").question
    rows = check_rows(question, [request_row(**changes)])
    return workspace.features.online(question).answer(rows, [as_of])[0].values


def test_applying_twice_changes_nothing(floor):
    workspace, definitions = floor
    entries = [workspace.catalog.entries(kind) for kind in ("fact", "view")]
    values = online(workspace, definitions)
    assert workspace.plan(definitions).changes() == ()
    assert workspace.apply(definitions).changes() == ()
    assert [workspace.catalog.entries(kind) for kind in ("fact", "view")] == entries
    assert workspace.follow() == 0
    assert online(workspace, definitions) == values


def test_planning_changes_nothing(tmp_path):
    workspace = in_memory()
    plan = workspace.plan(declared(tmp_path))
    assert {step.action for step in plan.steps} == {"create"}
    assert workspace.catalog.names("fact") == []
    assert workspace.views() == []


def test_applied_facts_and_views_are_in_the_catalog_with_their_labels(tmp_path):
    workspace = in_memory()
    labelled = DEFINITIONS.replace('unit="min", doc', 'unit="min", labels=("pii",), doc')
    definitions = declared(tmp_path, labelled)
    workspace.apply(definitions)
    assert workspace.fact("placed") == definitions.facts["placed"]
    assert workspace.catalog.current("fact", "delivered").labels == ("pii",)
    habit = workspace.catalog.current("view", "habit")
    assert (habit.labels, habit.owner, habit.doc) == (("pii",), "shop", "How this customer's orders went.")
    assert {view.name for view in workspace.views()} == {"habit", "traffic"}


def test_an_unknown_fact_is_refused_with_the_nearest_name(floor):
    workspace, _ = floor
    with pytest.raises(UnknownFact) as caught:
        workspace.fact("deliverd")
    assert "delivered" in caught.value.next_step


def test_a_view_that_is_new_is_filled_from_the_facts_there_are(floor, tmp_path):
    workspace, _ = floor
    workspace.settle()
    more = declared(tmp_path / "more", DEFINITIONS.replace('count(window="12h")', 'count(window="36h")'))
    assert [step.name for step in workspace.apply(more).changes()] == ["traffic"]
    expected = sum(
        row["quarter"] == "q1" and END - 36 * HOUR <= row["event"] < END and row["known"] <= END
        for row in delivered_rows(placed_rows())
    )
    assert expected > 0
    assert online(workspace, more, quarter="q1")["traffic.deliveries_12h"] == expected


@pytest.mark.parametrize("settled", [False, True])
def test_an_optional_field_may_be_added_to_a_fact(floor, tmp_path, settled):
    workspace, definitions = floor
    if settled:
        workspace.settle()
    evolved = declared(tmp_path / "evolved", WITH_TIP)
    steps = {(step.kind, step.name): step for step in workspace.plan(evolved).changes()}
    assert not steps["fact", "delivered"].breaks
    before = online(workspace, definitions)
    workspace.apply(evolved)
    assert online(workspace, evolved) == before
    rows = [
        {"event": END - k, "order": f"t{k}", "customer": "c1", "quarter": "q9", "delay": 1.0, "tip": 2.0}
        for k in (2, 1)
    ]
    append(workspace, evolved.facts["delivered"], rows)
    table, _ = workspace.facts.read(evolved.facts["delivered"])
    assert (table.num_rows, table.num_rows - table.column("tip").null_count) == (
        len(delivered_rows(placed_rows())) + 2,
        2,
    )
    assert online(workspace, evolved, quarter="q9")["traffic.deliveries_12h"] == 2
    workspace.settle()
    assert workspace.facts.read(evolved.facts["delivered"])[0].num_rows == table.num_rows


def test_old_and_new_rows_of_a_fact_may_arrive_between_two_followings(floor, tmp_path):
    workspace, definitions = floor
    evolved = declared(tmp_path / "evolved", WITH_TIP)
    workspace.apply(evolved)
    old = {"event": END - 2, "order": "t1", "customer": "c1", "quarter": "q9", "delay": 1.0}
    for fact, row in (
        (definitions.facts["delivered"], old),
        (evolved.facts["delivered"], {**old, "event": END - 1, "tip": 2.0}),
    ):
        workspace.facts.append_checked([(fact, table_of(fact, [row]))])
    workspace.follow()
    assert online(workspace, evolved, quarter="q9")["traffic.deliveries_12h"] == 2


def test_settling_moves_everything_and_lets_go_of_the_log(floor):
    workspace, definitions = floor
    before = online(workspace, definitions)
    moved = workspace.settle()
    assert moved["placed"] == len(placed_rows())
    assert workspace.facts.log_start() == workspace.facts.log_end()
    assert workspace.settle() == {}
    assert online(workspace, definitions) == before
    assert workspace.facts.read(definitions.facts["placed"])[0].num_rows == len(placed_rows())


def test_the_log_is_let_go_of_though_a_fact_is_rare(floor):
    workspace, definitions = floor
    workspace.settle()
    append(workspace, definitions.facts["placed"], placed_rows(3), name="more")
    workspace.settle()
    assert workspace.facts.log_start() == workspace.facts.log_end()


def test_what_another_process_appends_while_settling_is_not_let_go_of_unseen(floor, monkeypatch):
    workspace, definitions = floor
    fact = definitions.facts["delivered"]
    follow, rows = workspace.features.follow, iter([{"event": END - 1, "order": "x", "quarter": "q9", "delay": 1.0}])

    def followed_too_early(views):
        done = follow(views)
        for row in rows:
            workspace.facts.append_checked([(fact, table_of(fact, [row]))])
        return done

    monkeypatch.setattr(workspace.features, "follow", followed_too_early)
    workspace.settle()
    monkeypatch.undo()
    question = definitions.endpoint("risk").question
    position = workspace.facts.log_start()
    workspace.follow()
    assert position < workspace.facts.log_end()
    asked = check_rows(question, [request_row(quarter="q9")])
    assert workspace.features.online(question).answer(asked, [END])[0].values["traffic.deliveries_12h"] == 1


def test_a_served_view_goes_on_being_followed_when_another_takes_its_name(floor, tmp_path):
    workspace, definitions = floor
    train(workspace, definitions, BY_TRAFFIC)
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_traffic")])
    changed = declared(tmp_path / "changed", DEFINITIONS.replace('count(window="12h")', 'count(window="13h")'))
    workspace.apply(changed)
    row = {"event": END - 1, "order": "x", "customer": "c1", "quarter": "q9", "delay": 1.0}
    append(workspace, definitions.facts["delivered"], [row])
    for asking in (definitions, changed):
        assert online(workspace, asking, quarter="q9")["traffic.deliveries_12h"] == 1
    assert {view.digest() for view in workspace.views()} == {view.digest() for view in changed.views.values()}


def test_a_folder_keeps_everything_when_it_is_opened_again(tmp_path):
    definitions = declared(tmp_path)
    with open_workspace(tmp_path) as workspace:
        fill(workspace, definitions)
        before = online(workspace, definitions)
    with open_workspace(str(tmp_path)) as workspace:
        assert workspace.plan(workspace.definitions()).changes() == ()
        assert online(workspace, definitions) == before
        assert workspace.facts.read(definitions.facts["placed"])[0].num_rows == len(placed_rows())


def test_a_folder_that_is_no_workspace_is_not_opened(tmp_path):
    with pytest.raises(NoWorkspace):
        open_workspace(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_price_book_that_is_not_there_is_told(tmp_path):
    with open_workspace(write_project(tmp_path, settings='[costs]\nprice_book = "ours.toml"\n')) as workspace:
        with pytest.raises(BadSettings, match=r"ours\.toml"):
            _ = workspace.prices
        with pytest.raises(BadDefinitions, match=r"nothing\.py"):
            open_named(tmp_path)


def open_named(folder):
    write_project(folder, settings='[project]\ndefinitions = "nothing.py"\n')
    with open_workspace(folder) as workspace:
        workspace.definitions()
