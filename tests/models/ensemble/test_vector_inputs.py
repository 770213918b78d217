"""Ensembles whose inputs are vectors: fused like the separate models, and refused where spaces differ."""

import numpy as np
import pyarrow as pa
import pytest
import torch
from lightgbm import LGBMClassifier
from sklearn.linear_model import LogisticRegression

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import (
    BadEnsemble,
    Ensemble,
    MeanBy,
    Origin,
    Signature,
    assemble,
    load,
    matrix,
    nodes,
    pack,
    plan_of,
)
from pressroom.models.ensemble.member import member_of
from pressroom.models.ensemble.separately import answer_separately
from pressroom.values import FieldSchema

CHANCE = FieldSchema(name="p", type="float", unit="probability")
PRICE = FieldSchema(name="price", type="float")


def vector(name, length=3, unit="items@1", *, optional=False):
    return FieldSchema(name=name, type="vector", length=length, unit=unit, optional=optional)


TAKES = Signature(inputs=(vector("item"), PRICE), output=CHANCE)


def rows_of(count, seed=0):
    draw = np.random.default_rng(seed)
    return {name: draw.normal(size=(count, 3)) for name in ("item", "user")} | {"price": draw.uniform(1, 9, count)}


def as_table(rows):
    return pa.table({name: pa.array(column.tolist()) for name, column in rows.items()})


class Shelf:
    def __init__(self):
        self.blobs, self.digests = MemoryBlobs(), {}

    def put(self, name, model, signature, **more):
        golden = as_table(rows_of(80, seed=2))
        packed = pack(model, name=name, signature=signature, golden=golden, origin=Origin(), blobs=self.blobs, **more)
        self.digests[name] = packed.digest

    def assemble(self, *steps, output, inputs=()):
        made = Ensemble(name="e", nodes=steps, output=output, inputs=inputs)
        return assemble(made, {n.name: member_of(self.digests[n.model], self.blobs) for n in made.models()})


@pytest.fixture(scope="module")
def shelf():
    made, rows = Shelf(), rows_of(300, seed=1)
    known = matrix(TAKES, rows)
    sold = (rows["item"] @ [1.0, -1.0, 0.5] - rows["price"] / 9 > 0).astype(int)
    made.put("lr", LogisticRegression().fit(known, sold), TAKES)
    made.put("lg", LGBMClassifier(n_estimators=9, verbose=-1, n_jobs=1).fit(known, sold), TAKES)
    torch.manual_seed(0)
    tower = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3))
    given = FieldSchema(name="made", type="vector", length=3)
    made.put("encoder", tower, Signature(inputs=(vector("user", unit=""),), output=given), space="items@1")
    made.put("other", tower, Signature(inputs=(vector("user", unit=""),), output=given), space="items@2")
    made.put("nowhere", tower, Signature(inputs=(vector("user", unit=""),), output=given))
    code = MeanBy(keys=("price",)).fit({"price": rows["price"]}, sold.astype(float))
    made.put("mean", code, Signature(inputs=(PRICE,), output=CHANCE))
    return made


def test_models_of_one_vector_are_one_session_equal_to_each_alone(shelf):
    made = shelf.assemble(
        nodes.model("lr", "lr"),
        nodes.model("lg", "lg"),
        nodes.model("made", "encoder"),
        nodes.model("again", "lr", feeds={"item": "made"}),
        nodes.dot("near", "item", "made"),
        nodes.sigmoid("close", "near"),
        nodes.weighted_mean("all", ["lr", "lg", "again", "close"]),
        output="all",
        inputs=(vector("item"),),
    )
    rows = rows_of(64)
    assert not made.placed.region.alone
    np.testing.assert_allclose(made.predict(rows), answer_separately(made.checked, rows), atol=1e-6)
    one = {name: column[:1] for name, column in rows.items()}
    np.testing.assert_allclose(made.predict(one), made.predict(rows)[:1], atol=1e-6)
    assert "vector of 3 (items@1)" in str(plan_of(made))


def test_it_is_packed_and_loaded_whole_and_its_members_may_run_alone(shelf):
    made = shelf.assemble(
        nodes.model("lg", "lg", default=0.25),
        nodes.model("mean", "mean", default=0.5),
        nodes.weighted_mean("all", ["lg", "mean"]),
        output="all",
    )
    rows = rows_of(40)
    packed = pack(
        made, name="e", signature=made.signature, golden=as_table(rows), origin=made.origin(), blobs=shelf.blobs
    )
    loaded = load(packed.digest, shelf.blobs)
    np.testing.assert_allclose(loaded.runnable.predict(rows), answer_separately(made.checked, rows), atol=1e-6)
    gone = {**rows, "item": rows["item"].copy()}
    gone["item"][::3] = np.nan
    answer = made.answer(gone)
    np.testing.assert_allclose(answer.values, answer_separately(made.checked, gone), atol=1e-6)
    assert [(one.node, one.why, one.rows) for one in answer.replaced] == [("lg", "missing", tuple(range(0, 40, 3)))]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("other", r"vector of 3 \(items@1\), and made is a vector of 3 \(items@2\)"),
        ("nowhere", r"vector of 3 \(items@1\), and made is a vector of 3\."),
        ("lr", r"and made is a number \(probability\)"),
    ],
)
def test_a_vector_of_another_space_is_not_fed_to_a_model(shelf, source, said):
    with pytest.raises(BadEnsemble, match=said):
        shelf.assemble(nodes.model("made", source), nodes.model("lr", "lr", feeds={"item": "made"}), output="lr")


def test_inputs_of_different_spaces_are_not_compared(shelf):
    for wrong, said in (
        (vector("user", unit="items@2"), "lies in items@1, user in items@2"),
        (vector("user", unit=""), "no vector of a known embedding space"),
        (vector("user", length=4), "compares a vector of 3"),
    ):
        with pytest.raises(BadEnsemble, match=said):
            shelf.assemble(
                nodes.model("mean", "mean"),
                nodes.dot("near", "item", "user"),
                nodes.total("all", ["mean", "near"]),
                output="all",
                inputs=(vector("item"), wrong),
            )


def test_two_models_that_want_one_input_in_two_spaces_are_refused(shelf):
    rows = rows_of(300, seed=1)
    other = Signature(inputs=(vector("item", unit="items@2"), PRICE), output=CHANCE)
    shelf.put("newer", LogisticRegression().fit(matrix(other, rows), rows["price"] > 4), other)
    with pytest.raises(BadEnsemble, match=r"items@2.*items@1"):
        shelf.assemble(
            nodes.model("lr", "lr"),
            nodes.model("newer", "newer"),
            nodes.weighted_mean("all", ["lr", "newer"]),
            output="all",
        )
