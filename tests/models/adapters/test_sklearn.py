import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from pressroom.models import Signature, UnsupportedModel
from pressroom.models.adapters.sklearn import SklearnAdapter
from pressroom.values import FieldSchema

ADAPTER = SklearnAdapter()
NAMES = ("a", "b", "c")


def signature(*, optional=True, names=NAMES, kind="float"):
    inputs = tuple(FieldSchema(name=name, type=kind, optional=optional) for name in names)
    return Signature(inputs=inputs, output=FieldSchema(name="late", type="float"))


def inputs_of(rows):
    return {name: rows[:, place].copy() for place, name in enumerate(NAMES)}


@st.composite
def fitted_pipelines(draw):
    strategy = draw(st.sampled_from(["mean", "median", "most_frequent"]))
    steps = [SimpleImputer(strategy=strategy, keep_empty_features=draw(st.booleans()))]
    if draw(st.booleans()):
        steps.append(StandardScaler(with_mean=draw(st.booleans()), with_std=draw(st.booleans())))
    numbers = st.floats(-1e3, 1e3, width=32) | st.just(float("nan"))
    rows = draw(arrays(np.float64, (12, 3), elements=numbers))
    rows[0] = [1.0, 2.0, 3.0]  # an input that is null throughout has a test of its own
    y = np.array([0.0, 1.0] * 6)
    model = make_pipeline(*steps, LogisticRegression(max_iter=2000, C=draw(st.sampled_from([0.01, 1.0])), tol=1e-2))
    return model.fit(rows, y), draw(arrays(np.float64, (5, 3), elements=numbers))


@settings(max_examples=60, deadline=None)
@given(fitted_pipelines())
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_linear_form_answers_like_predict_proba_also_for_nulls(drawn):
    model, asked = drawn
    served = ADAPTER.load(ADAPTER.dump(model, signature()), signature()).predict(inputs_of(asked))
    np.testing.assert_allclose(served, model.predict_proba(asked)[:, 1], atol=1e-9, rtol=0)


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("keep", [True, False])
def test_an_input_that_was_always_null_has_no_say(keep):
    rows = np.column_stack([np.arange(12.0), np.full(12, np.nan), np.arange(12.0) % 5])
    imputer = SimpleImputer(strategy="median", keep_empty_features=keep)
    model = make_pipeline(imputer, StandardScaler(), LogisticRegression()).fit(rows, np.arange(12) > 6)
    asked = np.array([[1.0, 99.0, 2.0], [8.0, np.nan, np.nan]])
    served = ADAPTER.load(ADAPTER.dump(model, signature()), signature()).predict(inputs_of(asked))
    np.testing.assert_allclose(served, model.predict_proba(asked)[:, 1], atol=1e-9, rtol=0)


def test_a_bare_regression_and_passthrough_steps_are_taken():
    rows = np.random.default_rng(1).normal(size=(40, 3))
    y = rows[:, 0] > 0
    strict = signature(optional=False)
    pipeline = Pipeline([("none", "passthrough"), ("lr", LogisticRegression())])
    for model in (LogisticRegression().fit(rows, y), pipeline.fit(rows, y)):
        served = ADAPTER.load(ADAPTER.dump(model, strict), strict).predict(inputs_of(rows))
        np.testing.assert_allclose(served, ADAPTER.original(model, strict, inputs_of(rows)), atol=1e-12, rtol=0)


def three_rows():
    return np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 0.0], [0.0, 4.0, 1.0]])


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (RandomForestClassifier(n_estimators=2), "RandomForestClassifier"),
        (make_pipeline(MinMaxScaler(), LogisticRegression()), "MinMaxScaler"),
        (make_pipeline(StandardScaler(), SimpleImputer(), LogisticRegression()), "SimpleImputer"),
        (make_pipeline(SimpleImputer(add_indicator=True), LogisticRegression()), "indicators"),
        (make_pipeline(SimpleImputer(), StandardScaler()), "can't be lowered"),
    ],
)
def test_everything_else_is_refused_with_what_is_supported(model, reason):
    model.fit(three_rows(), [0, 1, 1])
    with pytest.raises(UnsupportedModel, match=reason) as refused:
        ADAPTER.dump(model, signature())
    assert "LogisticRegression" in refused.value.next_step


def test_more_than_two_classes_are_refused():
    with pytest.raises(UnsupportedModel, match="3 classes"):
        ADAPTER.dump(LogisticRegression().fit(three_rows(), [0, 1, 2]), signature(optional=False))


def test_a_model_that_is_not_fitted_is_refused():
    with pytest.raises(UnsupportedModel, match="not fitted"):
        ADAPTER.dump(LogisticRegression(), signature())


def test_nullable_inputs_need_an_imputer():
    with pytest.raises(UnsupportedModel, match="may be null: a, b, c"):
        ADAPTER.dump(LogisticRegression().fit(three_rows(), [0, 1, 1]), signature())


def test_strings_and_another_number_of_inputs_are_refused():
    model = LogisticRegression().fit(three_rows(), [0, 1, 1])
    with pytest.raises(UnsupportedModel, match="strings"):
        ADAPTER.dump(model, signature(optional=False, kind="string"))
    with pytest.raises(UnsupportedModel, match="3 inputs"):
        ADAPTER.dump(model, signature(optional=False, names=("a", "b")))


def test_names_that_scikit_learn_remembers_must_be_the_signatures():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(three_rows(), columns=["a", "c", "b"])
    model = LogisticRegression().fit(frame, [0, 1, 1])
    with pytest.raises(UnsupportedModel, match="a, c, b"):
        ADAPTER.dump(model, signature(optional=False))
    swapped = signature(optional=False, names=("a", "c", "b"))
    inputs = {name: frame[name].to_numpy() for name in frame}
    served = ADAPTER.load(ADAPTER.dump(model, swapped), swapped).predict(inputs)
    np.testing.assert_allclose(served, ADAPTER.original(model, swapped, inputs), atol=1e-12, rtol=0)
