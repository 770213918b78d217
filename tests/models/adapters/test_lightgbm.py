import lightgbm
import numpy as np
import pytest

from pressroom.models import Signature, UnsupportedModel
from pressroom.models.adapters.lightgbm import LightgbmAdapter
from pressroom.values import FieldSchema, InvalidInput

ADAPTER = LightgbmAdapter()
SIGNATURE = Signature(
    inputs=tuple(FieldSchema(name=f"view.x{i}", type="float", optional=True) for i in range(3)),
    output=FieldSchema(name="late", type="float"),
)
PLAIN = {"objective": "binary", "verbosity": -1, "deterministic": True, "force_row_wise": True, "seed": 1}


@pytest.fixture(scope="module")
def rows():
    drawn = np.random.default_rng(2).normal(size=(400, 3))
    drawn[::7, 1] = np.nan
    return drawn


def train(rows, *, names=None, threads=1, **parameters):
    y = (np.nan_to_num(rows).sum(axis=1) > 0).astype(float)
    wanted = PLAIN | {"num_threads": threads} | parameters
    feature_name = list(names or SIGNATURE.names())
    return lightgbm.train(wanted, lightgbm.Dataset(rows, label=y, feature_name=feature_name), 20)


def inputs_of(rows):
    return {name: rows[:, place].copy() for place, name in enumerate(SIGNATURE.names())}


def test_the_text_form_answers_exactly_alike(rows):
    model = train(rows)
    served = ADAPTER.load(ADAPTER.dump(model, SIGNATURE), SIGNATURE)
    np.testing.assert_array_equal(served.predict(inputs_of(rows)), model.predict(rows))
    np.testing.assert_array_equal(served.predict(inputs_of(rows[:1])), model.predict(rows[:1]))
    assert served.predict(inputs_of(rows[:0])).shape == (0,)


def test_training_again_gives_the_same_bytes_whatever_the_number_of_threads(rows):
    assert ADAPTER.dump(train(rows), SIGNATURE) == ADAPTER.dump(train(rows, threads=2), SIGNATURE)


def test_the_scikit_learn_classes_are_taken(rows):
    y = rows[:, 0] > 0
    model = lightgbm.LGBMClassifier(n_estimators=5, verbosity=-1, n_jobs=1).fit(rows, y)
    served = ADAPTER.load(ADAPTER.dump(model, SIGNATURE), SIGNATURE).predict(inputs_of(rows))
    np.testing.assert_array_equal(served, model.booster_.predict(rows))


def test_a_classifier_that_is_not_fitted_is_refused():
    with pytest.raises(UnsupportedModel, match="holds no trees"):
        ADAPTER.dump(lightgbm.LGBMClassifier(), SIGNATURE)


def test_several_outputs_are_refused(rows):
    y = np.arange(400) % 3
    model = lightgbm.train(PLAIN | {"objective": "multiclass", "num_class": 3}, lightgbm.Dataset(rows, label=y), 2)
    with pytest.raises(UnsupportedModel, match="3 numbers"):
        ADAPTER.dump(model, SIGNATURE)


def test_another_number_or_order_of_inputs_is_refused(rows):
    with pytest.raises(UnsupportedModel, match="takes 3 inputs"):
        ADAPTER.dump(train(rows), Signature(inputs=SIGNATURE.inputs[:2], output=SIGNATURE.output))
    with pytest.raises(UnsupportedModel, match="order"):
        ADAPTER.dump(train(rows, names=SIGNATURE.names()[::-1]), SIGNATURE)


@pytest.mark.parametrize("files", [{}, {"model.txt": b"\xff"}, {"model.txt": b"no trees here"}])
def test_files_that_are_no_booster_are_refused(files):
    with pytest.raises(InvalidInput):
        ADAPTER.load(files, SIGNATURE)
