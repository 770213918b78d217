"""What is missing or late is replaced by the declared default, in its rows only, and the answer says so."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pressroom.models import SignatureMismatch
from pressroom.models.ensemble.declaration import Ensemble
from pressroom.models.ensemble.nodes import cascade, fallback, model, weighted_mean
from pressroom.models.ensemble.runnable import Replaced, assemble
from pressroom.models.ensemble.separately import answer_separately


def drawn(count, seed=0):
    rows = np.random.default_rng(seed).normal(size=(count, 4))
    return {name: rows[:, place].copy() for place, name in enumerate("abcd")}


def declared(*nodes):
    return Ensemble(name="careful", nodes=nodes, output=nodes[-1].name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    seed=st.integers(0, 99),
    share=st.sampled_from([0.0, 0.1, 1.0]),
    kind=st.sampled_from(["mean", "cascade", "fallback"]),
    where=st.sampled_from("abcd"),
    also=st.booleans(),
)
def test_rows_that_lack_an_input_get_the_default_and_the_others_do_not(shelf, seed, share, kind, where, also):
    last = {
        "mean": weighted_mean("s", ["lr", "xg", "lg"]),
        "cascade": cascade("s", "xg", "lg", unsure=(0.3, 0.7)),
        "fallback": fallback("s", "xg", "lg"),
    }[kind]
    models = [model(name, f"{name}@^1", default=0.25) for name in ("lr", "xg", "lg")]
    if also:
        models.append(model("mean", "mean@^1", default=0.9))
        last = replace(last, of=(*last.of, "mean"), weights=(0.5,) * 4) if kind == "mean" else last
    ensemble = declared(*models, last)
    runnable = assemble(ensemble, shelf.members(ensemble))
    inputs = drawn(30, seed)
    inputs[where][np.random.default_rng(seed).random(30) < share] = np.nan
    answer = runnable.answer(inputs)
    wanted = answer_separately(runnable.checked, inputs)
    np.testing.assert_allclose(answer.values, wanted, rtol=1e-9, atol=1e-12)
    lacking = tuple(np.flatnonzero(np.isnan(inputs[where])).tolist())
    for replaced in answer.replaced:
        assert replaced.why == "missing"
        assert set(replaced.rows) <= set(lacking)
    told = {replaced.node: replaced.rows for replaced in answer.replaced}
    if lacking and kind != "cascade":
        assert told.get("xg") == lacking
        assert ("lr" in told) == (where != "d" and kind == "mean")


def test_an_input_that_is_not_there_at_all_is_missing_in_all_rows(shelf):
    ensemble = declared(model("lr", "lr@^1"), model("mean", "mean@^1", default=0.5), weighted_mean("s", ["lr", "mean"]))
    members = shelf.members(ensemble)
    runnable = assemble(ensemble, members)
    with pytest.raises(SignatureMismatch, match="'a' is missing"):
        runnable.predict({name: column for name, column in drawn(3).items() if name != "a"})
    inputs = {name: column for name, column in drawn(3).items() if name != "d"}
    np.testing.assert_allclose(runnable.predict(inputs), answer_separately(runnable.checked, inputs), rtol=1e-9)
    every = declared(model("xg", "xg@^1", default=0.5), weighted_mean("s", ["xg"]))
    answer = assemble(every, shelf.members(every)).answer({"a": np.zeros(3)})
    assert answer.values.tolist() == [0.5] * 3
    assert answer.replaced == (Replaced(node="xg", why="missing", default=0.5, rows=(0, 1, 2)),)


def test_a_model_without_a_default_that_lacks_an_input_is_an_error_that_names_row_and_model(shelf):
    ensemble = declared(model("xg", "xg@^1"), model("lg", "lg@^1", default=0.1), weighted_mean("s", ["xg", "lg"]))
    inputs = drawn(4)
    inputs["b"][2] = np.nan
    with pytest.raises(SignatureMismatch, match="Row 2 lacks an input of xg"):
        assemble(ensemble, shelf.members(ensemble)).predict(inputs)


def test_a_late_answer_is_replaced_and_said_to_be_late(shelf):
    ensemble = declared(
        model("lr", "lr@^1"), model("slow", "xg@^1", default=0.5, within_ms=20), weighted_mean("s", ["lr", "slow"])
    )
    members = shelf.members(ensemble)
    release = Event()

    class Slow:
        def predict(self, inputs):
            release.wait(30)
            return members["slow"].runnable.predict(inputs)

    runnable = assemble(ensemble, {**members, "slow": replace(members["slow"], runnable=Slow(), structure=None)})
    inputs = drawn(3)
    answer = runnable.answer(inputs)
    release.set()
    assert answer.replaced == (Replaced(node="slow", why="late", default=0.5, rows=(0, 1, 2)),)
    np.testing.assert_allclose(answer.values, (members["lr"].runnable.predict(inputs) + 0.5) / 2, rtol=1e-9)


def test_an_answer_in_time_is_taken(shelf):
    ensemble = declared(
        model("lr", "lr@^1"), model("slow", "xg@^1", default=0.5, within_ms=60_000), weighted_mean("s", ["lr", "slow"])
    )
    runnable = assemble(ensemble, shelf.members(ensemble))
    inputs = drawn(50)
    inputs["d"][7] = np.nan
    answer = runnable.answer(inputs)
    assert [(replaced.why, replaced.rows) for replaced in answer.replaced] == [("missing", (7,))]
    np.testing.assert_allclose(answer.values, answer_separately(runnable.checked, inputs), rtol=1e-9)
    assert "deadline of its own" in runnable.placed.region.alone["slow"]
