from dataclasses import replace

import pytest
from tests.projects import BY_PIECES, BY_TRAFFIC, DEFINITIONS, END, append, declared, fill, in_memory, mean_by, train

from pressroom.costs import USAGE
from pressroom.policy import PolicyRefused, Rule
from pressroom.training import NoRows
from pressroom.workspace import Workspace

PII = DEFINITIONS.replace("distance: pr.Float = pr.field(", 'distance: pr.Float = pr.field(labels=("pii",), ')


def ruled(workspace, *rules):
    return Workspace(settings=replace(workspace.settings, rules=rules), ports=workspace.ports)


@pytest.fixture
def floor(tmp_path):
    definitions = declared(tmp_path)
    workspace = in_memory()
    fill(workspace, definitions)
    return workspace, definitions


def test_the_baseline_is_trained_first_and_everything_is_measured_beside_it(floor):
    workspace, definitions = floor
    told = []
    run = workspace.start_run("test")
    trained = workspace.training.train(
        definitions.training_set("late"), [BY_PIECES, BY_TRAFFIC], run=run, known_at=END, told=told.append
    )
    assert told == ["training set", "baseline", "by_pieces", "by_traffic"]
    assert [model.name for model in trained.models] == ["late.baseline", "late.by_pieces", "late.by_traffic"]
    first, better, _ = trained.models
    assert (first.lift_auc_points, first.usd_per_point) == (0.0, None)
    assert better.lift_auc_points == pytest.approx(100 * (better.evaluation.auc - first.evaluation.auc))
    assert better.lift_auc_points > 10
    assert len({(model.evaluation.n, model.evaluation.positives) for model in trained.models}) == 1
    assert trained.models == workspace.training.report("late")


def test_what_each_step_used_is_written_down(floor):
    workspace, _ = floor
    train(*floor, BY_PIECES)
    steps = workspace.facts.read(USAGE)[0].sort_by("seq").column("step").to_pylist()
    assert steps == ["training_set", "train.baseline", "release.baseline", "train.by_pieces", "release.by_pieces"]


def test_nothing_was_trained_yet(floor):
    assert floor[0].training.report("late") == ()


def test_a_training_without_rows_leaves_nothing_behind(tmp_path):
    definitions = declared(tmp_path)
    workspace = in_memory()
    workspace.apply(definitions)
    with pytest.raises(NoRows) as caught:
        train(workspace, definitions, BY_PIECES)
    assert "Append facts" in caught.value.next_step
    assert workspace.catalog.names("model") == []


def test_a_rule_against_a_label_stops_the_building_and_names_label_and_purpose(tmp_path):
    definitions = declared(tmp_path, PII)
    workspace = in_memory()
    fill(workspace, definitions)
    strict = ruled(workspace, Rule(label="pii", purposes=("fraud",)))
    with pytest.raises(PolicyRefused) as caught:
        train(strict, definitions, BY_PIECES)
    for word in ("training set late", "'operations'", "'pii'", "fraud"):
        assert word in caught.value.message
    assert "pressroom.toml" in caught.value.next_step
    assert strict.catalog.names("model") == []
    assert strict.catalog.entries("training_set") == []
    lenient = ruled(workspace, Rule(label="pii", purposes=("fraud", "operations")))
    assert train(lenient, definitions, BY_PIECES).models


def test_a_rule_stands_against_what_is_learnt_too(tmp_path):
    definitions = declared(tmp_path, DEFINITIONS.replace('unit="min", doc', 'unit="min", labels=("health",), doc'))
    workspace = in_memory()
    fill(workspace, definitions)
    with pytest.raises(PolicyRefused, match="'health'"):
        train(ruled(workspace, Rule(label="health", purposes=())), definitions, BY_PIECES)


@pytest.mark.parametrize("fact", ["Placed", "Delivered"])
def test_purposes_of_every_fact_behind_it_are_kept(tmp_path, fact):
    """Also of the spine and of the label, of which no feature is made."""
    text = DEFINITIONS.replace(f"class {fact}(pr.Fact)", f'class {fact}(pr.Fact, purposes=("billing",))')
    definitions = declared(tmp_path, text)
    workspace = in_memory()
    fill(workspace, definitions)
    with pytest.raises(PolicyRefused, match="allows only billing"):
        train(workspace, definitions, BY_PIECES)


def test_lineage_reaches_the_fact_tables_at_the_version_that_was_seen(floor):
    workspace, definitions = floor
    workspace.settle()
    frozen, reference = workspace.training.build(definitions.training_set("late"), known_at=END)
    node = workspace.catalog.lineage(reference)
    parents = {(parent.reference.kind, parent.reference.name): parent for parent in node.parents}
    assert set(parents) == {
        ("fact_table", "placed"), ("fact_table", "delivered"), ("view", "habit"), ("view", "traffic"),
    }  # fmt: skip
    seen = {version.fact: version for version in frozen.seen}
    for name in ("placed", "delivered"):
        assert parents["fact_table", name].reference.digest == seen[name].digest()
        assert parents["fact_table", name].version == str(seen[name].table_version)


def test_building_again_is_the_same_entry_also_after_later_facts(floor):
    workspace, definitions = floor
    late = definitions.training_set("late")
    first, reference = workspace.training.build(late, known_at=END)
    append(workspace, definitions.facts["delivered"], [{"event": END + 1, "order": "z", "quarter": "q0", "delay": 1.0}])
    workspace.settle()
    again, same = workspace.training.build(late, known_at=END)
    assert (again.digest, same) == (first.digest, reference)
    assert len(workspace.catalog.entries("training_set", "late")) == 1


def test_a_candidate_that_fails_leaves_the_report_of_the_last_training(floor):
    workspace, definitions = floor
    before = train(workspace, definitions, BY_PIECES).models

    def fail(inputs, y, signature):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(workspace, definitions, replace(mean_by("broken", "pieces"), fit=fail))
    assert workspace.training.report("late") == before
    assert "late.broken" not in workspace.catalog.names("model")
