from contextlib import nullcontext as nothing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

from pressroom.models import Signature
from pressroom.models.adapters.sklearn import SklearnAdapter
from pressroom.models.adapters.sklearn_linear import linear_of
from pressroom.models.errors import NotLowered, UnsupportedModel
from pressroom.models.linear import RunnableLinear
from pressroom.models.onnx_from_trees import graph_of_trees
from pressroom.models.parity import compare, edge_rows
from pressroom.models.runnable_onnx import RunnableOnnx
from pressroom.models.structure import Graph, Linear, Trees
from pressroom.values import FieldSchema

ADAPTER = SklearnAdapter()
NAMES = ("a", "b", "c")


def signature(*, optional=True, names=NAMES, kind="float"):
    inputs = tuple(FieldSchema(name=name, type=kind, optional=optional) for name in names)
    return Signature(inputs=inputs, output=FieldSchema(name="late", type="float"))


def inputs_of(rows):
    return {name: rows[:, place].copy() for place, name in enumerate(NAMES)}


def folded(model, signature):
    linear = ADAPTER.lower(model, signature)
    assert isinstance(linear, Linear)
    return RunnableLinear(linear, signature)


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
    served = folded(model, signature()).predict(inputs_of(asked))
    np.testing.assert_allclose(served, model.predict_proba(asked)[:, 1], atol=1e-9, rtol=0)


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("keep", [True, False])
def test_an_input_that_was_always_null_has_no_say(keep):
    rows = np.column_stack([np.arange(12.0), np.full(12, np.nan), np.arange(12.0) % 5])
    imputer = SimpleImputer(strategy="median", keep_empty_features=keep)
    model = make_pipeline(imputer, StandardScaler(), LogisticRegression()).fit(rows, np.arange(12) > 6)
    asked = np.array([[1.0, 99.0, 2.0], [8.0, np.nan, np.nan]])
    served = folded(model, signature()).predict(inputs_of(asked))
    np.testing.assert_allclose(served, model.predict_proba(asked)[:, 1], atol=1e-9, rtol=0)


def test_a_bare_regression_and_passthrough_steps_are_taken():
    rows = np.random.default_rng(1).normal(size=(40, 3))
    y = rows[:, 0] > 0
    strict = signature(optional=False)
    pipeline = Pipeline([("none", "passthrough"), ("lr", LogisticRegression())])
    for model in (LogisticRegression().fit(rows, y), pipeline.fit(rows, y)):
        served = folded(model, strict).predict(inputs_of(rows))
        np.testing.assert_allclose(served, ADAPTER.original(model, strict, inputs_of(rows)), atol=1e-12, rtol=0)


def rows_and_labels(*, nulls=True):
    draw = np.random.default_rng(7)
    rows = draw.normal(size=(200, 3)) * [1.0, 50.0, 1e-3]
    score = rows[:, 0] + rows[:, 1] / 50 + draw.normal(size=200)
    if nulls:
        rows[draw.random(rows.shape) < 0.1] = np.nan
    return rows, score


@pytest.mark.parametrize("model", [Ridge(), PoissonRegressor()], ids=str)
@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler(), RobustScaler()], ids=str)
def test_regressions_are_folded_too_with_their_link(model, scaler):
    rows, score = rows_and_labels()
    fitted = make_pipeline(SimpleImputer(), scaler, model).fit(rows, np.exp(score / 3))
    served = folded(fitted, signature()).predict(inputs_of(rows))
    np.testing.assert_allclose(served, fitted.predict(rows), rtol=1e-9)


def test_one_hot_encoding_is_folded_also_for_nulls_and_strangers():
    pd = pytest.importorskip("pandas")
    draw = np.random.default_rng(3)
    carrier = draw.choice(["AA", "UA", None], 90).astype(object)
    frame = pd.DataFrame({"a": draw.normal(size=90), "c": pd.Series(carrier, dtype=object)})
    encode = make_pipeline(
        SimpleImputer(strategy="most_frequent", missing_values=None), OneHotEncoder(handle_unknown="ignore")
    )
    columns = ColumnTransformer([("n", StandardScaler(), ["a"]), ("t", encode, ["c"])])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, draw.random(90) < 0.5)
    named = Signature(
        inputs=(FieldSchema(name="a", type="float"), FieldSchema(name="c", type="string", optional=True)),
        output=FieldSchema(name="late", type="float"),
    )
    asked = {"a": np.array([0.1, 0.2, 0.3]), "c": np.array(["UA", None, "ZZ"], dtype=object)}
    served = folded(model, named).predict(asked)
    np.testing.assert_allclose(served, ADAPTER.original(model, named, asked), atol=1e-12)


TREES = [
    (RandomForestClassifier(n_estimators=8), True),
    (RandomForestRegressor(n_estimators=8), True),
    (ExtraTreesClassifier(n_estimators=8), True),
    (DecisionTreeRegressor(), True),
    (HistGradientBoostingClassifier(max_iter=8), True),
    (HistGradientBoostingRegressor(max_iter=8, loss="poisson"), True),
    (GradientBoostingClassifier(n_estimators=8), False),
    (GradientBoostingRegressor(n_estimators=8), False),
]


@pytest.mark.parametrize(("model", "nulls"), TREES, ids=lambda each: type(each).__name__)
def test_trees_decide_like_scikit_learn_also_on_the_edges_of_splits(model, nulls):
    rows, score = rows_and_labels(nulls=nulls)
    labels = score > 0 if hasattr(model, "predict_proba") else np.exp(score)
    fitted, asked = model.fit(rows, labels), signature(optional=nulls)
    trees = ADAPTER.lower(fitted, asked)
    assert isinstance(trees, Trees)
    served = RunnableOnnx(graph_of_trees(trees), asked)
    for inputs in (inputs_of(rows), edge_rows(inputs_of(rows), asked, trees)):
        assert not compare(ADAPTER.original(fitted, asked, inputs), served.predict(inputs)).broken


def test_other_pipelines_become_graphs():
    rows, score = rows_and_labels()
    for last in (MLPClassifier((4,), max_iter=3), GaussianNB(), RandomForestClassifier(n_estimators=3)):
        model = make_pipeline(SimpleImputer(), StandardScaler(), last)
        with pytest.warns() if isinstance(last, MLPClassifier) else nothing():
            model.fit(rows, score > 0)
        graph = ADAPTER.lower(model, signature())
        assert isinstance(graph, Graph)
        answers = RunnableOnnx(graph, signature()).predict(inputs_of(rows))
        np.testing.assert_allclose(answers, model.predict_proba(rows)[:, 1], atol=1e-5)


def test_more_than_two_classes_give_a_vector():
    rows, score = rows_and_labels()
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(rows, np.digitize(score, [-0.5, 0.5]))
    with pytest.raises(UnsupportedModel, match="3 numbers a row"):
        ADAPTER.lower(model, signature())
    three = Signature(inputs=signature().inputs, output=FieldSchema(name="late", type="vector", length=3))
    answers = RunnableOnnx(ADAPTER.lower(model, three), three).predict(inputs_of(rows))
    np.testing.assert_allclose(answers, model.predict_proba(rows), atol=1e-6)


def three_rows():
    return np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 0.0], [0.0, 4.0, 1.0]])


def test_an_imputer_that_adds_indicators_is_not_folded():
    model = make_pipeline(SimpleImputer(add_indicator=True), LogisticRegression()).fit(three_rows(), [0, 1, 1])
    with pytest.raises(NotLowered, match="indicators"):
        linear_of(model, signature())
    assert not isinstance(ADAPTER.lower(model, signature()), Linear)


def test_what_is_not_fitted_or_predicts_no_chances_is_refused():
    with pytest.raises(UnsupportedModel, match="not fitted"):
        ADAPTER.dump(LogisticRegression(), signature())
    with pytest.raises(UnsupportedModel, match="without chances"):
        ADAPTER.dump(LinearSVC().fit(three_rows(), [0, 1, 1]), signature())
    with pytest.raises(UnsupportedModel, match="predicts nothing"):
        ADAPTER.dump(StandardScaler().fit(three_rows()), signature())


def test_a_linear_model_without_an_imputer_takes_no_nulls():
    with pytest.raises(NotLowered, match="a may be null"):
        linear_of(LogisticRegression().fit(three_rows(), [0, 1, 1]), signature())


def test_another_number_of_inputs_is_refused():
    model = LogisticRegression().fit(three_rows(), [0, 1, 1])
    with pytest.raises(UnsupportedModel, match="3 inputs"):
        ADAPTER.lower(model, signature(optional=False, names=("a", "b")))


def test_names_that_scikit_learn_remembers_must_be_the_signatures():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(three_rows(), columns=["a", "c", "b"])
    model = LogisticRegression().fit(frame, [0, 1, 1])
    with pytest.raises(UnsupportedModel, match="a, c, b"):
        ADAPTER.lower(model, signature(optional=False))
    swapped = signature(optional=False, names=("a", "c", "b"))
    inputs = {name: frame[name].to_numpy() for name in frame}
    served = folded(model, swapped).predict(inputs)
    np.testing.assert_allclose(served, ADAPTER.original(model, swapped, inputs), atol=1e-12, rtol=0)


def test_the_file_of_an_estimator_is_the_same_each_time():
    rows, score = rows_and_labels()
    model = RandomForestClassifier(n_estimators=2, random_state=1).fit(rows, score > 0)
    again = RandomForestClassifier(n_estimators=2, random_state=1).fit(rows, score > 0)
    assert ADAPTER.dump(model, signature()) == ADAPTER.dump(again, signature())
