"""State of each framework, taken out in the middle and put into new objects: training ends with the same bits."""

import functools
import os
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pressroom.training.run.checkpoint_file import Mark, read_checkpoint, write_checkpoint
from pressroom.training.run.errors import BadState
from pressroom.training.run.kept_state import put_back, take

X = np.random.default_rng(1).normal(size=(64, 3)).astype(np.float32)
Y = (X @ np.array([1.0, -1.0, 0.5], dtype=np.float32) > 0).astype(np.float32)

_KEYS = st.one_of(st.text(max_size=3), st.integers(-5, 5))
_PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.binary(max_size=5),
        arrays.arrays(st.sampled_from(["<f4", "<f8", "<i8", "?", "<U3"]), arrays.array_shapes(min_dims=0, min_side=0)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(_KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


def same(one, other):
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        return all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return one == other or (one != one and other != other)


@given(_PLAIN)
def test_plain_state_comes_back_from_a_file_as_it_was(tmp_path_factory, state):
    path = tmp_path_factory.mktemp("kept") / "1.checkpoint"
    write_checkpoint(path, Mark(step=1), take(state))
    assert same(put_back(None, read_checkpoint(path)[1]), state)


def test_generators_go_on_where_they_were():
    state = {"numpy": np.random.default_rng(3), "python": random.Random(3)}
    state["numpy"].normal(), state["python"].random()
    kept = take(state)
    wanted = state["numpy"].normal(), state["python"].random()
    again = put_back({"numpy": np.random.default_rng(9), "python": random.Random(9)}, kept)
    assert (again["numpy"].normal(), again["python"].random()) == wanted


def torch_parts():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 3, gamma=0.5)
    return {"model": model, "optimizer": optimizer, "schedule": schedule, "half": torch.ones(2, dtype=torch.bfloat16)}


def torch_steps(state, count):
    torch = pytest.importorskip("torch")
    for _ in range(count):
        state["optimizer"].zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            state["model"](torch.from_numpy(X))[:, 0], torch.from_numpy(Y)
        )
        loss.backward()
        state["optimizer"].step()
        state["schedule"].step()
    return np.concatenate([each.detach().numpy().ravel() for each in state["model"].parameters()])


def sklearn_parts():
    linear = pytest.importorskip("sklearn.linear_model")
    return {"model": linear.SGDClassifier(loss="log_loss", random_state=0)}


def sklearn_steps(state, count):
    for start in range(0, 8 * count, 8):
        part = slice(start % 64, start % 64 + 8)
        state["model"].partial_fit(X[part], Y[part], classes=[0.0, 1.0])
    return state["model"].coef_


def keras_parts():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
    return {"model": model}


def keras_steps(state, count):
    for _ in range(count):
        state["model"].train_on_batch(X, Y)
    return np.concatenate([each.value.detach().numpy().ravel() for each in state["model"].weights])


@functools.cache
def xgboost_rows():
    return pytest.importorskip("xgboost").DMatrix(X, Y)


def xgboost_parts():
    xgboost = pytest.importorskip("xgboost")
    options = {"max_depth": 2, "objective": "binary:logistic", "nthread": 1}
    return {"model": xgboost.Booster(options, [xgboost_rows()]), "rounds": 0}


def xgboost_steps(state, count):
    for _ in range(count):
        state["model"].update(xgboost_rows(), state["rounds"])
        state["rounds"] += 1
    return state["model"].predict(xgboost_rows())


def jax_parts():
    jax = pytest.importorskip("jax")
    return {"weights": jax.numpy.zeros(3)}


def jax_steps(state, count):
    jax = pytest.importorskip("jax")
    for _ in range(count):
        gradient = jax.grad(lambda weights: ((X @ weights - Y) ** 2).mean())(state["weights"])
        state["weights"] = state["weights"] - 0.1 * gradient
    return np.asarray(state["weights"])


FRAMEWORKS = {
    "torch": (torch_parts, torch_steps),
    "sklearn": (sklearn_parts, sklearn_steps),
    "keras": (keras_parts, keras_steps),
    "xgboost": (xgboost_parts, xgboost_steps),
    "jax": (jax_parts, jax_steps),
}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_training_goes_on_with_the_same_bits(tmp_path, name):
    make, train = FRAMEWORKS[name]
    whole = make()
    train(whole, 4)
    write_checkpoint(tmp_path / "4.checkpoint", Mark(step=4), take(whole))
    wanted = train(whole, 4)
    again = put_back(make(), read_checkpoint(tmp_path / "4.checkpoint")[1])
    assert train(again, 4).tobytes() == wanted.tobytes()


def test_a_booster_of_lightgbm_is_kept_with_all_its_trees(tmp_path):
    lightgbm = pytest.importorskip("lightgbm")
    options = {"objective": "binary", "num_leaves": 4, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 2}
    booster = lightgbm.train(options, lightgbm.Dataset(X, Y), 5)
    other = lightgbm.train(options, lightgbm.Dataset(X, 1 - Y), 1)
    put_back({"model": other}, take({"model": booster}))
    assert other.predict(X).tobytes() == booster.predict(X).tobytes()


def test_a_model_of_another_shape_than_its_checkpoint_is_refused():
    torch = pytest.importorskip("torch")
    kept = take({"model": torch.nn.Linear(3, 1)})
    with pytest.raises(BadState, match=r"state\['model'\] does not fit its checkpoint"):
        put_back({"model": torch.nn.Linear(4, 1)}, kept)
