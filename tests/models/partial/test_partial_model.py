"""Models in parts answer like the frameworks, whatever the blocks, the values, and what the cache holds."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pressroom.models import Signature, SignatureMismatch
from pressroom.models.linear import RunnableLinear
from pressroom.models.partial import partial_model
from pressroom.models.partial.blocks import REQUEST, blocks_of
from pressroom.models.partial.cache import PartialCache
from pressroom.models.partial.partial_model import in_parts
from pressroom.models.partial.rows import Rows
from pressroom.models.structure import Levels, Linear, Trees
from pressroom.values import FieldSchema

OWNERS = st.lists(st.sampled_from(["user", "thing", REQUEST]), min_size=5, max_size=5)
WHICH = st.integers(0, 6)
MOST_BYTES = st.sampled_from([0, 3_000, 10**7])


class Refuses:
    def predict(self, inputs):
        raise AssertionError("the whole model was asked")


def taken(model, owners, cache, digest="v1"):
    entity_of = {n: o for n, o in zip(model.signature.names(), owners, strict=True) if o != REQUEST}
    return in_parts(Refuses(), model.structure, model.signature, entity_of, digest=digest, cache=cache)


def rows_of(model, seed, count, distinct):
    """Rows in which values repeat, some on the edges of splits, some null."""
    draw = np.random.default_rng(seed)
    pool = draw.normal(size=(distinct, 5))
    edges = draw.choice(model.edges, pool.shape)
    pool = np.where(draw.random(pool.shape) < 0.5, edges, pool)
    pool[draw.random(pool.shape) < 0.1] = np.nan if model.nulls else 0.0
    places = draw.integers(0, distinct, (count, 5))
    return {name: pool[places[:, place], place] for place, name in enumerate(model.signature.names())}


def close(got, wanted):
    return np.allclose(got, wanted, rtol=1e-6, atol=1e-6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(which=WHICH, owners=OWNERS, seed=st.integers(0, 2**32 - 1), distinct=st.integers(1, 6), most_bytes=MOST_BYTES)
def test_a_batch_is_answered_as_by_the_framework_and_alike_on_cold_and_warm_caches(
    zoo, which, owners, seed, distinct, most_bytes
):
    model = zoo[which]
    if len(set(owners)) == 1:
        owners = ["user", *owners[1:4], "thing"]
    inputs = rows_of(model, seed, 40, distinct)
    cache = PartialCache(most_bytes)
    parts = taken(model, owners, cache)
    cold, warm = parts.predict(inputs), parts.predict(inputs)
    off = taken(model, owners, PartialCache(0)).predict(inputs)
    assert cold.tolist() == warm.tolist() == off.tolist()
    wanted = model.whole.predict({name: column.copy() for name, column in inputs.items()})
    assert close(cold, wanted)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(which=WHICH, owners=OWNERS, seed=st.integers(0, 2**32 - 1), most_bytes=MOST_BYTES)
def test_blocks_by_themselves_are_answered_as_the_assembled_rows(zoo, which, owners, seed, most_bytes):
    model = zoo[which]
    owners = ["user", *owners[1:4], "thing"]
    inputs = rows_of(model, seed, 30, 25)
    entity_of = dict(zip(model.signature.names(), owners, strict=True))
    users = {name for name, owner in entity_of.items() if owner == "user"}
    inputs = {name: column[:1].repeat(30) if name in users else column for name, column in inputs.items()}
    parts = taken(model, owners, PartialCache(most_bytes))
    first = {name: column[:1] for name, column in inputs.items()}
    given_blocks = dict.fromkeys(set(owners), inputs) | {"user": first, "thing": parts.keep("thing", inputs)}
    scored = parts.score(given_blocks)
    assert scored.tolist() == parts.score(given_blocks).tolist()
    assert close(scored, model.whole.predict(inputs))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), pair=st.permutations(range(7)))
def test_a_new_model_or_a_changed_feature_never_gets_an_old_part(zoo, seed, pair):
    cache = PartialCache()
    owners = ["user", "user", "thing", "thing", "thing"]
    first, second = zoo[pair[0]], zoo[pair[1]]
    inputs = rows_of(first if second.nulls else second, seed, 20, 4)
    taken(first, owners, cache, "v1").predict(inputs)
    assert close(taken(second, owners, cache, "v2").predict(inputs), second.whole.predict(inputs))
    changed = dict(inputs)
    changed["c"] = inputs["c"].copy()
    changed["c"][3] = 0.123
    assert close(taken(first, owners, cache, "v1").predict(changed), first.whole.predict(changed))


def test_trees_come_to_the_very_numbers_of_xgboost(zoo):
    (model,) = (known for known in zoo if known.name == "xgboost regression")
    inputs = rows_of(model, 1, 200, 60)
    parts = taken(model, ["user", "user", "thing", "thing", REQUEST], PartialCache())
    assert parts.predict(inputs).astype(np.float32).tolist() == model.whole.predict(inputs).astype(np.float32).tolist()


def test_what_was_seen_is_found_again(zoo):
    model = zoo[3]
    cache = PartialCache()
    parts = taken(model, ["user", "user", "thing", "thing", "thing"], cache)
    inputs = rows_of(model, 2, 100, 100)
    inputs |= {name: inputs[name][:1].repeat(100) for name in ("a", "b")}
    parts.predict(inputs)
    before = cache.counts()
    parts.predict(inputs)
    assert (cache.counts().hits - before.hits, cache.counts().misses - before.misses) == (101, 0)


def test_few_rows_are_answered_by_the_whole_model(zoo):
    model = zoo[0]
    parts = in_parts(model.whole, model.structure, model.signature, {"a": "user"}, digest="d", cache=PartialCache())
    inputs = {name: column[: partial_model.FEW - 1] for name, column in rows_of(model, 1, 40, 9).items()}
    assert parts.predict(inputs).tolist() == model.whole.predict(inputs).tolist()


def test_a_model_that_can_not_be_looked_into_answers_whole_and_the_plan_says_why(zoo):
    model = zoo[3]
    parts = in_parts(model.whole, None, model.signature, {"a": "user"}, digest="d", cache=PartialCache())
    assert parts.plan.way == "whole"
    assert "framework's own runtime" in str(parts.plan)
    inputs = rows_of(model, 1, 30, 9)
    assert parts.predict(inputs).tolist() == model.whole.predict(inputs).tolist()
    one = {name: column[:1] for name, column in inputs.items()}
    scored = parts.score({"user": one, REQUEST: inputs})
    assert scored.tolist() == model.whole.predict(inputs | {"a": inputs["a"][:1].repeat(30)}).tolist()


def test_trees_with_more_splits_than_there_is_room_for_answer_whole(zoo, monkeypatch):
    monkeypatch.setattr("pressroom.models.partial.tree_parts.MOST_TABLE_BYTES", 100)
    model = zoo[3]
    parts = in_parts(model.whole, model.structure, model.signature, {"a": "user"}, digest="d", cache=PartialCache())
    assert parts.plan.way == "whole"
    assert "splits" in parts.plan.reason


def test_inputs_of_one_entity_only_make_nothing_to_share(zoo):
    model = zoo[3]
    entity_of = dict.fromkeys(model.signature.names(), "user")
    parts = in_parts(model.whole, model.structure, model.signature, entity_of, digest="d", cache=PartialCache())
    assert parts.plan.reason == "all inputs are of one entity"


def test_the_plan_says_what_is_done_once_for_each_block(zoo):
    forest = next(known for known in zoo if isinstance(known.structure, Trees))
    plan = taken(forest, ["user", "user", "thing", "thing", REQUEST], PartialCache()).plan
    splits = forest.structure.feature
    assert [block.once for block in plan.blocks] == [
        f"{((splits == 0) | (splits == 1)).sum()} splits decided",
        f"{((splits == 2) | (splits == 3)).sum()} splits decided",
        f"{(splits == 4).sum()} splits decided",
    ]


def test_texts_are_grouped_like_numbers():
    signature = Signature(
        inputs=(FieldSchema(name="x", type="float"), FieldSchema(name="city", type="string", optional=True)),
        output=FieldSchema(name="y", type="float"),
    )
    levels = Levels(input="city", values=("Rome",), weights=(2.0,), null=1.0, other=-1.0)
    linear = Linear(inputs=("x", "city"), weights=(0.5, 0.0), fills=(None, None), intercept=0.0, levels=(levels,))
    whole = RunnableLinear(linear, signature)
    parts = in_parts(whole, linear, signature, {"city": "place"}, digest="d", cache=PartialCache())
    cities = np.array(["Rome", None, "Oslo", "Rome"] * 5, dtype=np.object_)
    inputs = {"x": np.arange(20.0), "city": cities}
    assert close(parts.predict(inputs), whole.predict(inputs))
    kept = parts.keep("place", {"city": cities})
    assert close(parts.score({REQUEST: {"x": np.arange(20.0)}, "place": kept}), whole.predict(inputs))
    same = {"x": np.arange(20.0), "city": np.array(["Rome"] * 20, dtype=np.object_)}
    assert close(parts.predict(same), whole.predict(same))


def test_rows_of_different_values_have_different_digests_and_copies_are_safe():
    column = np.array([1.0, 2.0])
    kept = Rows.keep({"a": column})
    column[0] = 5.0
    assert kept.numbers[0, 0] == 1.0
    assert kept.digest == Rows.keep({"a": np.array([1.0, 2.0])}).digest
    others = [
        Rows.keep({"a": np.array([1.0, 2.5])}),
        Rows.keep({"b": np.array([1.0, 2.0])}),
        Rows.keep({"a": np.array([1.0]), "b": np.array([2.0])}),
        Rows.keep({"a": np.array(["x", None], dtype=np.object_)}),
        Rows.keep({"a": np.array(["x", "n"], dtype=np.object_)}),
    ]
    assert len({kept.digest, *(rows.digest for rows in others)}) == 6
    with pytest.raises(ValueError, match="WRITEABLE"):
        kept.numbers.setflags(write=True)


def test_what_does_not_fit_is_refused_with_names(zoo):
    parts = taken(zoo[0], ["user", "user", "thing", "thing", "thing"], PartialCache())
    one, many = rows_of(zoo[0], 1, 1, 1), rows_of(zoo[0], 1, 3, 3)
    with pytest.raises(SignatureMismatch, match="'thing' is missing"):
        parts.score({"user": one})
    with pytest.raises(SignatureMismatch, match=r"2, 3 rows"):
        parts.score({"user": rows_of(zoo[0], 1, 2, 2), "thing": many})
    with pytest.raises(SignatureMismatch, match="not of the block 'thing'"):
        parts.score({"user": one, "thing": parts.keep("user", many)})
    with pytest.raises(SignatureMismatch, match="no block 'item'"):
        parts.keep("item", many)
    with pytest.raises(SignatureMismatch, match="does not hold 2 inputs"):
        parts.score({"user": np.zeros((1, 3)), "thing": many})
    with pytest.raises(SignatureMismatch, match="no input of the model is called so"):
        blocks_of(zoo[0].signature, {"wind": "airport"})
    with pytest.raises(SignatureMismatch, match="inputs d of the block"):
        parts.score({"user": one, "thing": {name: many[name] for name in ("c", "e")}})
