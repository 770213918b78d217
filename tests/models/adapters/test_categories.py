"""Splits by category, as thresholds: every number goes where the framework itself lets it go."""

import lightgbm
import numpy as np
import pyarrow as pa
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import NotLowered, Origin, Signature, adapter_for, leaves, load, pack, tree_margins
from pressroom.models.categories import Sets, members_of, without_sets
from pressroom.models.grow import Growth
from pressroom.values import FieldSchema

SIGNATURE = Signature(
    inputs=(
        FieldSchema(name="kind", type="float", optional=True),
        FieldSchema(name="size", type="float"),
        FieldSchema(name="place", type="float", optional=True),
    ),
    output=FieldSchema(name="y", type="float"),
)
EDGES = [
    *(-1e10, -2.0, -1.0, np.nextafter(-1, 0), -0.5, -0.0, 0.0, 1e-40, 0.5, np.nextafter(1, 0), 1.0, 1.5, 33.0, 33.999),
    *(np.nextafter(34, 0), 63.0, 64.0, 200.5, 16777215.0, 16777217.0, 1e10, np.nan),
]


def trained_on(seed, categories):
    draw = np.random.default_rng(seed)
    rows = np.stack([draw.integers(0, categories, 900), draw.normal(size=900), draw.integers(0, 40, 900)], axis=1)
    weights = draw.normal(size=categories)
    y = weights[rows[:, 0].astype(int)] * 3 + rows[:, 1] + (rows[:, 2] % 3) + draw.normal(0, 0.2, 900)
    rows = rows.astype(np.float64)
    rows[draw.random(900) < 0.05, 0] = np.nan
    return rows, y


def asked(categories):
    """Categories that were there, ones that were not, what lies between, and the edges."""
    draw = np.random.default_rng(8)
    near = np.arange(-2, categories + 3, dtype=np.float64)
    values = np.concatenate([near, near + 0.5, np.nextafter(near, -np.inf), np.nextafter(near, np.inf), EDGES])
    return np.stack([values, draw.normal(size=len(values)), draw.permutation(values)], axis=1)


def boosted(kind, rows, y, **more):
    if kind == "lightgbm":
        data = lightgbm.Dataset(rows, y, categorical_feature=[0, 2], feature_name=list(SIGNATURE.names()))
        settings_ = {"objective": "regression", "verbosity": -1, "num_leaves": 12, "min_data_per_group": 5, **more}
        return lightgbm.train(settings_, data, 10)
    if kind == "sklearn":
        model = HistGradientBoostingRegressor(
            max_iter=10, max_depth=4, categorical_features=[0, 2], early_stopping=False, **more
        )
        return model.fit(rows, y)
    data = xgboost.DMatrix(
        rows, y, feature_names=list(SIGNATURE.names()), feature_types=["c", "q", "c"], enable_categorical=True
    )
    return xgboost.train({"max_depth": 4, "max_cat_to_onehot": 4, "nthread": 1, **more}, data, 10)


@pytest.mark.parametrize("categories", [3, 40, 90])
@pytest.mark.parametrize("kind", ["lightgbm", "sklearn", "xgboost"])
def test_every_number_falls_where_the_framework_lets_it_fall(kind, categories):
    rows, y = trained_on(categories, categories)
    model = boosted(kind, rows, y)
    trees = adapter_for(model).lower(model, SIGNATURE)
    table = asked(categories)
    if kind == "xgboost":
        # Numbers that are no category are an error there before a tree is asked, up to what float32 tells apart.
        table = table[(table[:, [0, 2]] < 16777215).all(axis=1) & (table[:, [0, 2]] >= 0).all(axis=1)]
    inputs = dict(zip(SIGNATURE.names(), table.T.copy(), strict=True))
    wanted = adapter_for(model).original(model, SIGNATURE, inputs)
    np.testing.assert_allclose(tree_margins(trees, table)[:, 0], wanted, rtol=1e-6, atol=1e-6)
    if kind == "lightgbm":
        own = model.predict(table, pred_leaf=True)
        found = leaves(trees, table)
        for tree in range(own.shape[1]):
            pairs = set(zip(trees.value[found[:, tree]].tolist(), own[:, tree].tolist(), strict=True))
            assert len(pairs) == len({leaf for _, leaf in pairs})


@pytest.mark.parametrize("kind", ["lightgbm", "sklearn", "xgboost"])
def test_they_are_served_by_onnx_and_in_parts(kind):
    rows, y = trained_on(1, 30)
    blobs = MemoryBlobs()
    golden = pa.table({name: pa.array(rows[:, n], from_pandas=True) for n, name in enumerate(SIGNATURE.names())})
    packed = pack(boosted(kind, rows, y), name="m", signature=SIGNATURE, golden=golden, origin=Origin(), blobs=blobs)
    assert packed.package.form == "onnx", packed.package.why
    assert "trees.arrow" in packed.package.files
    inputs = dict(zip(SIGNATURE.names(), rows.T.copy(), strict=True))
    model = boosted(kind, rows, y)
    wanted = adapter_for(model).original(model, SIGNATURE, inputs)
    np.testing.assert_allclose(load(packed.digest, blobs).runnable.predict(inputs), wanted, rtol=1e-6, atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(
    st.sets(st.integers(0, 70), min_size=1),
    st.lists(st.sampled_from(EDGES) | st.floats(-3, 75), min_size=1),
    st.booleans(),
    st.booleans(),
)
def test_stretches_are_a_look_up_in_the_set(members, numbers, members_left, null_left):
    sets = Sets(members_left=members_left, zero_from=-1.0, kind=np.float64)
    given_ = {"feature": [0, -1, -1], "threshold": [0.0] * 3, "left": [1, -1, -1], "right": [2, -1, -1],
              "null_left": [False] * 3, "value": [0.0, 1.0, 2.0]}  # fmt: skip
    growth = Growth()
    growth.add(**without_sets(given_, {0: sets.stretches([*members], null_left=null_left)}))
    trees = growth.trees(("kind",), base=np.zeros(1), link="identity", float32=False)
    found = tree_margins(trees, np.array(numbers, dtype=np.float64)[:, None])[:, 0]
    for number, value in zip(numbers, found.tolist(), strict=True):
        goes_left = null_left if number != number else (number > -1 and int(number) in members) == members_left
        assert value == (1.0 if goes_left else 2.0)


def test_categories_of_scikit_learn_that_are_no_whole_numbers_and_were_unknown():
    draw = np.random.default_rng(5)
    kinds = np.array([-7.5, -1.0, 0.25, 3.0, 4.0, 1e6])
    rows = np.stack([draw.normal(size=500), kinds[draw.integers(0, 6, 500)], draw.normal(size=500)], axis=1)
    rows[::11, 1] = np.nan
    y = (np.isin(rows[:, 1], kinds[[0, 3, 5]]) * 2.0 + rows[:, 0] + draw.normal(size=500) > 1).astype(int)
    model = HistGradientBoostingClassifier(max_iter=8, categorical_features=[1]).fit(rows, y)
    signature = Signature(
        inputs=(SIGNATURE.inputs[1], SIGNATURE.inputs[0], SIGNATURE.inputs[2]), output=SIGNATURE.output
    )
    trees = adapter_for(model).lower(model, signature)
    near = np.concatenate(
        [kinds, np.nextafter(kinds, -np.inf), np.nextafter(kinds, np.inf), kinds + 0.1, [np.nan, -1e9]]
    )
    table = np.stack([draw.normal(size=len(near)), near, draw.normal(size=len(near))], axis=1)
    wanted = model.decision_function(table)
    np.testing.assert_allclose(tree_margins(trees, table)[:, 0], wanted, rtol=1e-9, atol=1e-9)


def test_the_members_of_words_are_their_bits():
    assert members_of([0b101, 0, 1 << 31]) == [0, 2, 95]


def test_a_tree_that_would_grow_too_large_is_not_lowered():
    sets = Sets(members_left=True, zero_from=-1.0, kind=np.float64)
    depth, every_other = 12, range(0, 400, 2)
    nodes = {"feature": [*range(depth)] + [-1] * (depth + 1), "threshold": [0.0] * (2 * depth + 1),
             "left": [*range(depth, 2 * depth), *[-1] * (depth + 1)],
             "right": [*range(1, depth), 2 * depth, *[-1] * (depth + 1)],
             "null_left": [False] * (2 * depth + 1), "value": [1.0] * (2 * depth + 1)}  # fmt: skip
    with pytest.raises(NotLowered, match="more than 65,536 nodes"):
        without_sets(nodes, {n: sets.stretches([*every_other], null_left=False) for n in range(depth)})
