# ruff: noqa: PLC0415  (a framework is imported by the tests of its own adapter only)
import warnings
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
import pytest

from pressroom.models import Coding, MeanBy, Signature, TableCard, TableModel, encoded, inputs_from_table, matrix
from pressroom.models.adapters.baseline import BaselineAdapter
from pressroom.models.adapters.catboost import CatboostAdapter
from pressroom.models.adapters.jax import JaxAdapter
from pressroom.models.adapters.keras import KerasAdapter
from pressroom.models.adapters.lightgbm import LightgbmAdapter
from pressroom.models.adapters.onnx import OnnxAdapter
from pressroom.models.adapters.python import PythonAdapter
from pressroom.models.adapters.sklearn import SklearnAdapter
from pressroom.models.adapters.table import TableAdapter
from pressroom.models.adapters.tensorflow import TensorflowAdapter
from pressroom.models.adapters.torch import TorchAdapter
from pressroom.models.adapters.xgboost import XgboostAdapter
from pressroom.stats import Calibration
from pressroom.testing.contracts.adapter import AdapterContract, Example
from pressroom.values import FieldSchema

NAMES = ("delay", "distance", "wind")


def signature(*, optional=True, classes=0):
    output = (
        FieldSchema(name="late", type="vector", length=classes) if classes else FieldSchema(name="late", type="float")
    )
    return Signature(
        inputs=tuple(FieldSchema(name=name, type="float", unit="min", optional=optional) for name in NAMES),
        output=output,
    )


def rows(*, nulls=True):
    draw = np.random.default_rng(11)
    numbers = draw.normal(size=(120, 3)) * [20.0, 1500.0, 1.0]
    if nulls:
        numbers[draw.random(numbers.shape) < 0.1] = np.nan
    return pa.table({name: pa.array(column, from_pandas=True) for name, column in zip(NAMES, numbers.T, strict=True)})


def data(*, nulls=True):
    """Rows as a matrix, and labels: late or not."""
    table = rows(nulls=nulls)
    numbers = matrix(signature(), inputs_from_table(signature(), table))
    score = np.nan_to_num(numbers[:, 0]) / 20 + np.nan_to_num(numbers[:, 1]) / 1500
    noise = np.random.default_rng(12).normal(size=len(score)) / 3
    return table, numbers, score + noise


class TestBaseline(AdapterContract):
    def adapter(self):
        return BaselineAdapter()

    def example(self):
        table = rows()
        inputs = inputs_from_table(signature(), table)
        model = MeanBy(keys=("wind",)).fit(inputs, np.arange(120.0))
        return Example(model=model, signature=signature(), rows=table)


class TestLinear(AdapterContract):
    frameworks = ("sklearn", "skops", "skl2onnx", "onnx", "onnxruntime")

    def adapter(self):
        return SklearnAdapter()

    def example(self):
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        table, numbers, score = data()
        model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(numbers, score > 0)
        return Example(model=model, signature=signature(), rows=table)


class TestForest(AdapterContract):
    frameworks = ("sklearn", "skops", "skl2onnx")

    def adapter(self):
        return SklearnAdapter()

    def example(self):
        from sklearn.ensemble import RandomForestClassifier

        table, numbers, score = data()
        model = RandomForestClassifier(n_estimators=5, random_state=1).fit(numbers, np.digitize(score, [-0.5, 0.5]))
        return Example(model=model, signature=signature(classes=3), rows=table)


class TestWhatSkopsKeeps(AdapterContract):
    """An estimator that nothing lowers: it serves by scikit-learn, its types reviewed."""

    frameworks = ("sklearn", "skops", "skl2onnx")

    def adapter(self):
        return SklearnAdapter()

    def example(self):
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import SplineTransformer

        table, numbers, score = data(nulls=False)
        model = make_pipeline(SplineTransformer(n_knots=3), LogisticRegression(max_iter=500)).fit(numbers, score > 0)
        return Example(model=model, signature=signature(optional=False), rows=table)


class TestLightgbm(AdapterContract):
    frameworks = ("lightgbm", "sklearn")

    def adapter(self):
        return LightgbmAdapter()

    def example(self):
        import lightgbm

        table, numbers, score = data()
        model = lightgbm.LGBMClassifier(n_estimators=8, num_leaves=8, verbosity=-1, n_jobs=1).fit(numbers, score > 0)
        return Example(model=model, signature=signature(), rows=table)


class TestXgboost(AdapterContract):
    frameworks = ("xgboost",)

    def adapter(self):
        return XgboostAdapter()

    def example(self):
        import xgboost

        table, numbers, score = data()
        model = xgboost.XGBRegressor(n_estimators=8, max_depth=3, n_jobs=1).fit(numbers, score)
        return Example(model=model, signature=signature(), rows=table)


class TestCatboost(AdapterContract):
    frameworks = ("catboost",)

    def adapter(self):
        return CatboostAdapter()

    def example(self):
        import catboost

        table, numbers, score = data()
        model = catboost.CatBoostClassifier(
            iterations=8, depth=3, verbose=0, allow_writing_files=False, thread_count=1, random_seed=1
        )
        return Example(model=model.fit(numbers, score > 0), signature=signature(), rows=table)


class TestCatboostWithTexts(AdapterContract):
    frameworks = ("catboost",)

    def adapter(self):
        return CatboostAdapter()

    def example(self):
        import catboost

        table, numbers, score = data(nulls=False)
        carrier = np.where(numbers[:, 2] > 0, "AA", "UA").astype(object)
        carrier[:5] = None
        given = [[a, b, "\x00null" if c is None else c] for (a, b, _), c in zip(numbers, carrier, strict=True)]
        model = catboost.CatBoostClassifier(
            iterations=8, depth=3, verbose=0, allow_writing_files=False, thread_count=1, random_seed=1, cat_features=[2]
        )
        named = Signature(
            inputs=(*signature(optional=False).inputs[:2], FieldSchema(name="carrier", type="string", optional=True)),
            output=FieldSchema(name="late", type="float"),
        )
        table = table.append_column("carrier", pa.array(carrier.tolist(), pa.string()))
        return Example(model=model.fit(given, score > 0), signature=named, rows=table)


class TestTorch(AdapterContract):
    frameworks = ("torch", "safetensors")

    def adapter(self):
        return TorchAdapter()

    def example(self):
        import torch

        torch.manual_seed(3)
        model = torch.nn.Sequential(
            torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Dropout(0.5),
            torch.nn.Linear(8, 1), torch.nn.Sigmoid(),
        )  # fmt: skip
        table, _, _ = data(nulls=False)
        return Example(model=model, signature=signature(optional=False), rows=table)


class TestTable(AdapterContract):
    def adapter(self):
        return TableAdapter()

    def example(self):
        from sklearn.linear_model import LogisticRegression

        table, _, score = data()
        codings = tuple(Coding(input=name, way="number", fill=0.5, offset=1.0, scale=0.25) for name in NAMES)
        codings += (Coding(input="wind", way="missing"),)
        fitted = LogisticRegression().fit(encoded(codings, inputs_from_table(signature(), table)), score > 0)
        calibration = Calibration(kind="steps", x=(0.0, 0.4, 1.0), y=(0.0, 0.3, 1.0))
        card = TableCard(codings=codings, calibration=calibration, inner="sklearn")
        return Example(model=TableModel(card=card, fitted=fitted), signature=signature(), rows=table)


class TestKeras(AdapterContract):
    frameworks = ("keras", "torch", "jax", "h5py")

    def adapter(self):
        return KerasAdapter()

    def example(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pressroom.models.adapters.keras import _keras

            keras = _keras()
        keras.utils.set_random_seed(3)
        layers = [keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1, "sigmoid")]
        model = keras.Sequential(layers)
        table, _, _ = data(nulls=False)
        return Example(model=model, signature=signature(optional=False), rows=table)


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is too large for the tests' environment")
class TestTensorflow(AdapterContract):
    frameworks = ("tensorflow", "tf2onnx", "onnxruntime")

    def adapter(self):
        return TensorflowAdapter()

    def example(self):
        import tensorflow

        weights = np.random.default_rng(3).normal(size=(3, 1)).astype(np.float32) / 100

        class Chance(tensorflow.Module):
            def __init__(self):
                super().__init__()
                self.weights = tensorflow.Variable(weights)

            @tensorflow.function
            def __call__(self, rows):
                return tensorflow.sigmoid(rows @ self.weights)

        table, _, _ = data(nulls=False)
        return Example(model=Chance(), signature=signature(optional=False), rows=table)


class TestJax(AdapterContract):
    frameworks = ("jax", "jaxlib")

    def adapter(self):
        return JaxAdapter()

    def example(self):
        import jax

        weights = np.random.default_rng(3).normal(size=(3, 1)).astype(np.float32) / 100

        def chance(given):
            return jax.nn.sigmoid(given @ weights)[:, 0]

        table, _, _ = data(nulls=False)
        return Example(model=jax.jit(chance), signature=signature(optional=False), rows=table)


class TestOnnx(AdapterContract):
    frameworks = ("onnx", "onnxruntime")

    def adapter(self):
        return OnnxAdapter()

    def example(self):
        from onnx import TensorProto, helper

        weights = helper.make_tensor("w", TensorProto.FLOAT, (3, 2), [0.1, 0.0, 0.001, 0.0, -1.0, 0.0])
        nodes = [
            helper.make_node("MatMul", ["X", "w"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["late"]),
            helper.make_node("ArgMax", ["scores"], ["label"], axis=1),
        ]
        graph = helper.make_graph(
            nodes,
            "late",
            [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["n", 3])],
            [
                helper.make_tensor_value_info("label", TensorProto.INT64, ["n", 1]),
                helper.make_tensor_value_info("late", TensorProto.FLOAT, ["n", 2]),
            ],
            [weights],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        table, _, _ = data(nulls=False)
        return Example(model=model, signature=signature(optional=False), rows=table)


class Rules:
    """A thing with fit and transform, as people write them."""

    def fit(self, delays):
        self.most = float(np.nanmax(delays))
        return self

    def transform(self, columns):
        return np.where(np.isnan(columns["delay"]), 0.0, columns["delay"]) / self.most


class TestPlainPython(AdapterContract):
    def adapter(self):
        return PythonAdapter()

    def example(self):
        table, numbers, _ = data()
        return Example(model=Rules().fit(numbers[:, 0]), signature=signature(), rows=table)
