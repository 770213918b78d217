"""TensorFlow without Keras becomes ONNX when it is packed, or is refused by name. Skipped where it is not installed."""

import os

import numpy as np
import pyarrow as pa
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is too large for the tests' environment")

from pressroom.backends.memory.blobs import MemoryBlobs  # noqa: E402
from pressroom.models import Origin, Signature, UnsupportedModel, adapter_for, load, pack  # noqa: E402
from pressroom.values import FieldSchema  # noqa: E402

SIGNATURE = Signature(
    inputs=(FieldSchema(name="a", type="float"), FieldSchema(name="b", type="float")),
    output=FieldSchema(name="y", type="float"),
)
GOLDEN = pa.table({"a": np.arange(9.0), "b": np.arange(9.0) - 4})
MATRIX = tensorflow.TensorSpec([None, 2], tensorflow.float32)


class Net(tensorflow.Module):
    def __init__(self):
        super().__init__()
        draw = np.random.default_rng(1)
        self.first = tensorflow.Variable(draw.normal(size=(2, 8)).astype(np.float32))
        self.second = tensorflow.Variable(draw.normal(size=(8, 1)).astype(np.float32))

    @tensorflow.function(input_signature=[MATRIX])
    def __call__(self, rows):
        return tensorflow.sigmoid(tensorflow.nn.relu(rows @ self.first) @ self.second)


def packed(model, blobs=None):
    return pack(model, name="net", signature=SIGNATURE, golden=GOLDEN, origin=Origin(), blobs=blobs or MemoryBlobs())


def test_a_module_a_function_and_a_saved_model_become_the_same_graph(tmp_path):
    net = Net()
    tensorflow.saved_model.save(net, tmp_path / "called")
    signed = tensorflow.Module()
    signed.net = net
    tensorflow.saved_model.save(signed, tmp_path / "signed", signatures=net.__call__)
    again = [tensorflow.saved_model.load(tmp_path / name) for name in ("called", "signed")]
    assert not callable(again[1])
    rows = {"a": np.array([0.5, -3.0]), "b": np.array([2.0, 7.0])}
    wanted = net(np.column_stack(list(rows.values())).astype(np.float32)).numpy().ravel()
    files = set()
    for model in (net, net.__call__, *again):
        blobs = MemoryBlobs()
        made = packed(model, blobs)
        assert (made.package.kind, made.package.form, made.package.tier) == ("tensorflow", "onnx", "safe")
        np.testing.assert_allclose(load(made.digest, blobs).runnable.predict(rows), wanted, rtol=1e-6)
        files.add(tuple(made.package.files.values()))
    assert len(files) == 1


def test_what_reads_files_or_calls_python_is_refused_by_name(tmp_path):
    @tensorflow.function(input_signature=[MATRIX])
    def reads(rows):
        text = tensorflow.io.read_file(str(tmp_path / "secret"))
        return rows[:, 0] + tensorflow.cast(tensorflow.strings.length(text), tensorflow.float32)

    @tensorflow.function(input_signature=[MATRIX])
    def calls(rows):
        return tensorflow.numpy_function(lambda given: given[:, 0] * 2, [rows], tensorflow.float32)

    (tmp_path / "secret").write_text("four")
    for model, named in ((reads, "ReadFile"), (calls, "PyFunc")):
        with pytest.raises(UnsupportedModel, match=named) as refused:
            packed(model)
        assert "Keras" in refused.value.next_step


def test_a_saved_model_of_two_tensors_is_refused_with_what_to_do(tmp_path):
    @tensorflow.function(input_signature=[MATRIX, MATRIX])
    def two(left, right):
        return left + right

    tensorflow.saved_model.save(tensorflow.Module(), tmp_path / "two", signatures=two)
    with pytest.raises(UnsupportedModel, match="one tensor in and one out") as refused:
        packed(tensorflow.saved_model.load(tmp_path / "two"))
    assert "tf.function" in refused.value.next_step


def test_a_model_of_keras_is_left_to_keras():
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    keras = pytest.importorskip("keras")
    net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert adapter_for(net).kind == "keras"
    assert packed(net).package.form == "onnx"
