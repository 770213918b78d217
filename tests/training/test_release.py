import pytest
from tests.projects import (
    BY_PIECES,
    DEFINITIONS,
    MINUTE,
    append,
    declared,
    delivered_rows,
    fill,
    in_memory,
    mean_by,
    placed_rows,
    train,
)

from pressroom.catalog import Reference
from pressroom.models import load

LABELLED = DEFINITIONS.replace("pieces: pr.Int", 'pieces: pr.Int = pr.field(labels=("pii",))')


@pytest.fixture
def floor(tmp_path):
    definitions = declared(tmp_path)
    workspace = in_memory()
    fill(workspace, definitions)
    return workspace, definitions


def released(floor, candidate):
    return train(*floor, candidate).released[1]


def test_the_first_model_is_1_0_0(floor):
    found = released(floor, BY_PIECES)
    assert (str(found.version), found.reason) == ("1.0.0", "It is the first version.")


def test_the_same_training_again_keeps_version_and_identity(floor):
    first = released(floor, BY_PIECES)
    again = released(floor, BY_PIECES)
    assert again.packed.digest == first.packed.digest
    assert (str(again.version), again.reason) == ("1.0.0", "The same model as before.")
    assert len(floor[0].catalog.entries("model", "late.by_pieces")) == 1


def test_another_behaviour_is_a_minor_version_with_its_reason(floor):
    released(floor, BY_PIECES)
    found = released(floor, mean_by("by_pieces", "pieces", prior_weight=200.0))
    assert str(found.version) == "1.1.0"
    assert "moved by up to" in found.reason


def test_a_behaviour_within_tolerance_is_a_patch(floor):
    released(floor, BY_PIECES)
    found = released(floor, mean_by("by_pieces", "pieces", prior_weight=5.001))
    assert str(found.version) == "1.0.1"
    assert "at most" in found.reason


def test_other_inputs_are_a_major_version_that_names_them(floor):
    released(floor, BY_PIECES)
    found = released(floor, mean_by("by_pieces", "channel"))
    assert str(found.version) == "2.0.0"
    assert found.reason == "The input channel is new and required; the input pieces is gone."


def test_a_model_that_returns_keeps_its_version_and_the_next_one_takes_none_that_was_given(floor):
    versions = [
        str(released(floor, mean_by("by_pieces", "pieces", prior_weight=weight)).version)
        for weight in (5.0, 500.0, 5.0, 50.0)
    ]
    assert versions == ["1.0.0", "1.1.0", "1.0.0", "1.2.0"]


def test_what_is_published_is_what_was_packed_and_evaluated(floor):
    workspace, _ = floor
    found = released(floor, BY_PIECES)
    entry = workspace.catalog.current("model", "late.by_pieces")
    assert (entry.digest, entry.version, entry.owner) == (found.packed.digest, "1.0.0", "shop")
    assert entry.purposes == ("operations",)
    summary = dict(entry.summary)
    assert summary.pop("serves").startswith("native")
    assert summary == {"kind": "baseline", "auc": f"{found.evaluation.auc:.4f}"}
    package = load(entry.digest, workspace.ports.blobs).package
    assert package.origin.parents == tuple(parent.digest for parent in entry.parents)
    assert [parent.kind for parent in entry.parents] == ["training_set"]


def test_a_label_travels_from_a_fact_s_field_into_the_models_that_see_it(tmp_path):
    definitions = declared(tmp_path, LABELLED)
    workspace = in_memory()
    fill(workspace, definitions)
    train(workspace, definitions, BY_PIECES, mean_by("by_channel", "channel"))
    labels = {name: workspace.catalog.current("model", f"late.{name}").labels for name in ("by_pieces", "by_channel")}
    assert labels == {"by_pieces": ("pii",), "by_channel": ()}


def test_a_label_on_the_outcome_travels_into_every_model_that_learns_it(tmp_path):
    definitions = declared(tmp_path, DEFINITIONS.replace('unit="min", doc', 'unit="min", labels=("health",), doc'))
    workspace = in_memory()
    fill(workspace, definitions)
    train(workspace, definitions, BY_PIECES)
    for name in ("late.baseline", "late.by_pieces"):
        entry = workspace.catalog.current("model", name)
        assert entry.labels == ("health",)
        assert load(entry.digest, workspace.ports.blobs).package.origin.labels == ("health",)


def test_a_label_on_a_fact_travels_through_a_feature(tmp_path):
    definitions = declared(tmp_path, DEFINITIONS.replace('unit="min", doc', 'unit="min", labels=("health",), doc'))
    workspace = in_memory()
    fill(workspace, definitions)
    train(workspace, definitions, mean_by("by_habit", "habit.last_delay"))
    assert workspace.catalog.current("model", "late.by_habit").labels == ("health",)
    (entry,) = workspace.catalog.entries("training_set", "late")
    assert entry.labels == ("health",)


def test_new_facts_make_a_new_model_of_the_same_name(floor):
    workspace, definitions = floor
    first = released(floor, BY_PIECES)
    more = [
        {**row, "order": f"m{row['order']}", "event": row["event"] + MINUTE, "known": row["event"] + MINUTE}
        for row in placed_rows(100)
    ]
    append(workspace, definitions.facts["placed"], more)
    append(workspace, definitions.facts["delivered"], delivered_rows(more))
    second = released(floor, BY_PIECES)
    assert second.packed.digest != first.packed.digest
    assert second.version > first.version
    reference = Reference(kind="model", name="late.by_pieces", digest=first.packed.digest)
    assert workspace.catalog.find(reference) is not None, "the old one can be gone back to"
