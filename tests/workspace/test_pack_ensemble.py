"""Ensembles in a workspace: references that mean versions, pins that outlive them."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

import pressroom as pr
from pressroom.catalog import UnknownEntry
from pressroom.models import find_adapter
from pressroom.values import InvalidInput

NAMES = ("a", "b")
CHANCE = pr.FieldSchema(name="p", type="float", unit="probability")
BLEND = pr.Ensemble(
    name="blend",
    nodes=(
        pr.nodes.model("one", "one@^1"),
        pr.nodes.model("two", "two"),
        pr.nodes.weighted_mean("score", ["one", "two"]),
    ),
    output="score",
)


@pytest.fixture(autouse=True)
def adapters(monkeypatch):
    """All adapters that the checkout declares, whatever the environment was installed from."""
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    kinds = declared["project"]["entry-points"]["pressroom.adapters"]
    points = [EntryPoint(name=kind, value=value, group=find_adapter.GROUP) for kind, value in kinds.items()]
    monkeypatch.setattr(find_adapter, "entry_points", lambda group: points)


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "pressroom.toml").touch()
    with pr.open_workspace(tmp_path) as opened:
        for name, seed in (("one", 1), ("two", 2)):
            pack(opened, name, seed)
        yield opened


def rows(seed=0):
    return np.random.default_rng(seed).normal(size=(200, 2))


def sample():
    return pa.table({name: rows()[:, place] for place, name in enumerate(NAMES)})


def pack(workspace, name, seed):
    draw = np.random.default_rng(seed)
    fitted = LogisticRegression().fit(rows(), (rows()[:, seed % 2] + draw.normal(size=200) > 0).astype(int))
    return pr.pack(fitted, name=name, sample=sample(), output=CHANCE, workspace=workspace, owner="ann")


def inputs():
    return {name: rows(9)[:, place].copy() for place, name in enumerate(NAMES)}


def test_a_packed_ensemble_is_a_model_with_parents_and_pins(workspace):
    made = pr.pack_ensemble(BLEND, sample=sample(), workspace=workspace, owner="ann")
    entry = made.published.entry
    assert (entry.version, entry.pins) == ("1.0.0", ("one@^1", "two"))
    assert {parent.name for parent in entry.parents} == {"one", "two"}
    loaded = workspace.models.load("blend@^1")
    apart = [workspace.models.load(name).runnable.predict(inputs()) for name in ("one", "two")]
    np.testing.assert_allclose(loaded.runnable.predict(inputs()), np.mean(apart, axis=0), rtol=1e-6)


def test_a_new_version_of_a_model_does_not_change_what_the_ensemble_answers(workspace):
    pr.pack_ensemble(BLEND, sample=sample(), workspace=workspace, owner="ann")
    before = workspace.models.load("blend").runnable.predict(inputs())
    pack(workspace, "one", 4)
    assert workspace.models.load("blend").runnable.predict(inputs()).tolist() == before.tolist()
    again = pr.pack_ensemble(BLEND, sample=sample(), workspace=workspace, owner="ann")
    assert again.published.entry.version == "1.1.0"
    assert workspace.models.load("blend").runnable.predict(inputs()).tolist() != before.tolist()


def test_a_reference_that_means_nothing_is_refused_with_what_there_is(workspace):
    strange = pr.Ensemble(name="odd", nodes=(pr.nodes.model("one", "one@^7"),), output="one")
    with pytest.raises(UnknownEntry, match=r"one@\^7"):
        workspace.models.assemble(strange)


def test_a_model_of_the_catalog_is_taken_apart_by_entity(workspace):
    cache = pr.PartialCache()
    parts = workspace.models.in_parts("one@^1", {"a": "user", "not an input of it": "user"}, cache)
    assert parts.plan.way == "sums"
    plain = workspace.models.load("one").runnable.predict(inputs())
    np.testing.assert_allclose(parts.predict(inputs()), plain, rtol=1e-9)


def test_entities_of_inputs_that_the_model_does_not_have_are_refused(workspace):
    with pytest.raises(InvalidInput, match="one has none of the inputs agee") as refused:
        workspace.models.in_parts("one", {"agee": "user"}, pr.PartialCache())
    assert refused.value.next_step.startswith("Name entities for inputs of it: a, b")


def test_a_linear_model_with_a_default_is_assembled_without_a_warning(workspace):
    lone = pr.Ensemble(name="lone", nodes=(pr.nodes.model("one", "one@^1", default=0.5),), output="one")
    answer = workspace.models.assemble(lone).answer({"b": inputs()["b"]})
    assert set(answer.values.tolist()) == {0.5}


def test_an_ensemble_is_taken_apart_where_its_one_graph_can_be(workspace):
    pr.pack_ensemble(BLEND, sample=sample(), workspace=workspace, owner="ann")
    parts = workspace.models.in_parts("blend", {"a": "user"}, pr.PartialCache())
    plain = workspace.models.load("blend").runnable.predict(inputs())
    np.testing.assert_allclose(parts.predict(inputs()), plain, rtol=1e-6)
    assert str(parts.plan)
