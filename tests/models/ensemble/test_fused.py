"""Ensembles of four frameworks in one session, equal to the models asked one by one."""

from dataclasses import replace

import numpy as np
import onnx
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pressroom.models import SignatureMismatch, load, pack
from pressroom.models.ensemble.declaration import Ensemble
from pressroom.models.ensemble.nodes import (
    argmax,
    cascade,
    concat,
    cosine,
    dot,
    fallback,
    logit,
    model,
    pick,
    sigmoid,
    total,
    weighted_mean,
)
from pressroom.models.ensemble.plan import plan_of
from pressroom.models.ensemble.probe import probe_rows
from pressroom.models.ensemble.runnable import RunnableEnsemble, assemble
from pressroom.models.ensemble.separately import answer_separately

FOUR = tuple(model(name, f"{name}@^1") for name in ("lr", "xg", "lg", "net"))
CHANCES = ("lr", "xg", "lg", "net")


def ensemble(*nodes, name="blend", output=""):
    return Ensemble(name=name, nodes=nodes, output=output or nodes[-1].name)


def made(shelf, *nodes, **more):
    declared = ensemble(*nodes, **more)
    return assemble(declared, shelf.members(declared))


def drawn(count, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, 4))
    return {name: rows[:, place].copy() for place, name in enumerate("abcd")}


def same(runnable, inputs):
    got, wanted = runnable.predict(inputs), answer_separately(runnable.checked, inputs)
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)
    return got


def test_four_frameworks_are_one_session_and_answer_like_the_models_alone(shelf):
    blend = made(shelf, *FOUR, weighted_mean("score", {"lr": 1, "xg": 2, "lg": 2, "net": 1}))
    assert not blend.placed.region.alone
    assert len(onnx.load_model_from_string(blend.structure.onnx).graph.output) == 1
    inputs = drawn(100)
    got = same(blend, inputs)
    apart = [shelf.members(blend.ensemble)[name].runnable.predict(inputs) for name in CHANCES]
    np.testing.assert_allclose(got, np.average(apart, axis=0, weights=[1, 2, 2, 1]), rtol=1e-6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.data(), seed=st.integers(0, 99))
def test_any_expression_of_any_models_answers_like_the_models_alone(shelf, data, seed):
    nodes = [*FOUR, model("raw", "raw@^1"), sigmoid("chance", "raw"), logit("odds", "xg")]
    chances, odds = [*CHANCES, "chance"], ["raw", "odds"]
    for place in range(data.draw(st.integers(1, 4))):
        name, of = f"n{place}", chances if data.draw(st.booleans()) else odds
        one, two = data.draw(st.sampled_from(of)), data.draw(st.sampled_from(of))
        kind = data.draw(st.sampled_from(["sum", "mean", "cascade", "fallback", "argmax"]))
        if kind == "sum":
            nodes.append(total(name, {one: 0.3, two: -1.5} if one != two else {one: 2.0}, bias=0.1))
        elif kind == "mean":
            nodes.append(weighted_mean(name, list({one, two})))
        elif kind == "cascade":
            nodes.append(cascade(name, one, two, unsure=(0.3, 0.6)))
        elif kind == "fallback":
            nodes.append(fallback(name, one, two))
        else:
            nodes.append(argmax(name, one, two))
        if kind != "argmax":
            of.append(name)
    blend = made(shelf, *nodes)
    same(blend, drawn(40, seed))
    same(blend, drawn(1, seed))
    same(blend, probe_rows(blend.checked))


def test_vectors_of_one_space_are_compared_joined_and_picked_from(shelf):
    vectors = (model("u", "u@^1"), model("v", "v@^1"))
    inputs = drawn(30)
    for nodes in (
        (dot("s", "u", "v"),),
        (cosine("s", "u", "v"),),
        (pick("s", "u", 2),),
        (concat("both", "u", "v"), argmax("s", "both")),
        (concat("s", "u", "v"),),
        (total("s", {"u": 0.5, "v": 0.5}),),
    ):
        same(made(shelf, *vectors, *nodes), inputs)
    joined = made(shelf, *vectors, concat("s", "u", "v"))
    assert joined.predict(inputs).shape == (30, 6)
    assert (joined.signature.output.type, joined.signature.output.length) == ("vector", 6)


def test_a_model_may_be_fed_by_another(shelf):
    nodes = (model("xg", "xg@^1"), model("lr", "lr@^1", feeds={"a": "xg", "b": "d"}))
    fed = made(shelf, *nodes)
    assert fed.signature.names() == ("a", "b", "c", "d")
    assert not fed.placed.region.alone
    same(fed, drawn(50))


def test_an_ensemble_is_part_of_another(shelf):
    inner = made(shelf, *FOUR[:2], weighted_mean("score", ["lr", "xg"]), name="inner")
    packed = shelf.put("inner", inner, inner.signature)
    assert packed.package.form == "onnx"
    outer = made(shelf, model("inner", "inner@^1"), FOUR[2], weighted_mean("score", ["inner", "lg"]))
    assert not outer.placed.region.alone
    same(outer, drawn(50))


def test_what_has_no_graph_runs_alone_and_the_plan_says_why(shelf):
    blend = made(shelf, *FOUR, model("mean", "mean@^1"), weighted_mean("score", [*CHANCES, "mean"]))
    same(blend, drawn(40))
    plan = {node.node: node for node in plan_of(blend).nodes}
    assert [plan[name].where for name in (*CHANCES, "mean", "score")] == ["session"] * 4 + ["alone", "numpy"]
    assert "its framework's own runtime serves it" in plan["mean"].why
    assert "what mean gives" in plan["score"].why


def test_a_graph_that_answers_differently_once_fused_runs_alone(shelf, monkeypatch):
    declared = ensemble(*FOUR, weighted_mean("score", CHANCES))
    members = shelf.members(declared)

    class Shifted:
        def predict(self, inputs):
            return members["lg"].runnable.predict(inputs) + 1e-3

    blend = assemble(declared, {**members, "lg": replace(members["lg"], runnable=Shifted())})
    assert "answers differently by up to 0.001" in blend.placed.region.alone["lg"]
    assert [node.name for node in blend.placed.region.fused] == ["lr", "xg", "net"]
    same(blend, drawn(20))


def test_the_plan_shows_casts_and_costs(shelf):
    plan = plan_of(made(shelf, *FOUR, weighted_mean("score", CHANCES)))
    assert [cast for cast in plan.casts if "net" in cast] == [
        "all inputs -> net: float64 to float32, which its framework looks at"
    ]
    assert plan.us_per_row_alone > 0 < plan.us_separately
    assert "score" in str(plan)


def test_a_cascade_asks_its_second_only_where_the_first_is_unsure(shelf):
    asked = []
    declared = ensemble(FOUR[0], FOUR[1], cascade("score", "lr", "xg", unsure=(0.4, 0.6)))
    members = shelf.members(declared)

    class Counted:
        def predict(self, inputs):
            asked.append(len(inputs["a"]))
            return members["xg"].runnable.predict(inputs)

    counted = replace(members["xg"], runnable=Counted(), structure=None)
    blend = assemble(declared, {**members, "xg": counted})
    inputs = drawn(200)
    first = members["lr"].runnable.predict(inputs)
    doubt = (first > 0.4) & (first < 0.6)
    wanted = np.where(doubt, members["xg"].runnable.predict(inputs), first)
    np.testing.assert_allclose(blend.predict(inputs), wanted, rtol=1e-9)
    assert asked == [doubt.sum()]
    sure = {name: column[~doubt] for name, column in inputs.items()}
    blend.predict(sure)
    assert asked == [doubt.sum()]


def test_it_packs_with_its_models_and_loads_as_it_was(shelf):
    blend = made(shelf, *FOUR, weighted_mean("score", CHANCES))
    packed = shelf.put("blend", blend, blend.signature)
    assert (packed.package.kind, packed.package.form) == ("ensemble", "onnx")
    again = load(packed.digest, shelf.blobs)
    inputs = drawn(60)
    np.testing.assert_allclose(again.runnable.predict(inputs), blend.predict(inputs), rtol=1e-12)


def test_with_defaults_it_packs_and_loads_as_an_ensemble(shelf):
    blend = made(
        shelf,
        FOUR[0],
        model("xg", "xg@^1", default=0.5),
        cascade("score", "lr", "xg", unsure=(0.1, 0.9)),
        name="careful",
    )
    origin = blend.origin()
    golden = pa.table(drawn(100))
    packed = pack(blend, name="careful", signature=blend.signature, golden=golden, origin=origin, blobs=shelf.blobs)
    assert set(packed.package.origin.parents) == {shelf.digests["lr"], shelf.digests["xg"]}
    again = load(packed.digest, shelf.blobs).runnable
    assert isinstance(again, RunnableEnsemble)
    inputs = drawn(60) | {"a": np.full(60, np.nan)}
    with pytest.raises(SignatureMismatch, match="lacks an input of lr"):
        again.predict(inputs)
    inputs = drawn(60)
    assert again.predict(inputs).tolist() == blend.predict(inputs).tolist()
    again_packed = pack(
        blend, name="careful", signature=blend.signature, golden=golden, origin=origin, blobs=shelf.blobs
    )
    assert again_packed.digest == packed.digest
