"""What files of networks may hold, and an adapter that somebody else wrote."""

import io
import json
import subprocess
import sys
import warnings
import zipfile

import jax
import numpy as np
import pyarrow as pa
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from pressroom.models import NotTrusted, Origin, Permits, Signature, UnsafeModel, UnsupportedModel, load, pack
from pressroom.models.adapters.jax import JaxAdapter
from pressroom.models.adapters.keras import KerasAdapter, _keras
from pressroom.models.adapters.torch import TorchAdapter
from pressroom.models.errors import NotLowered
from pressroom.values import FieldSchema, InvalidInput

NUMBERS = Signature(
    inputs=tuple(FieldSchema(name=name, type="float") for name in "abc"), output=FieldSchema(name="y", type="float")
)
ROWS = {name: np.random.default_rng(place).normal(size=7) for place, name in enumerate("abc")}


class Residual(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(3, 4)
        self.norm = torch.nn.LayerNorm(4)
        self.last = torch.nn.Linear(7, 1)
        self.scale = torch.nn.Parameter(torch.tensor([0.5]))

    def forward(self, rows):
        hidden = torch.nn.functional.gelu(self.norm(self.first(rows))) * self.scale
        joined = torch.cat([hidden, rows.clamp(min=-1.0)], dim=1)
        return torch.sigmoid(self.last(joined) + rows[:, :1].pow(2).sum(dim=1, keepdim=True)).squeeze(-1)


class Sorting(torch.nn.Module):
    def forward(self, rows):
        return torch.sort(rows, dim=1).values[:, 0]


def test_a_module_of_known_operations_is_kept_as_steps_and_weights():
    adapter, module = TorchAdapter(), Residual()
    files = adapter.dump(module, NUMBERS)
    assert set(files) == {"steps.json", "weights.safetensors"}
    answers = adapter.load(files, NUMBERS).predict(ROWS)
    np.testing.assert_allclose(answers, adapter.original(module, NUMBERS, ROWS), atol=1e-7)


def test_a_module_that_does_something_else_is_refused_with_what_it_is():
    with pytest.raises(UnsupportedModel, match="sort is not on the list"):
        TorchAdapter().dump(Sorting(), NUMBERS)


@pytest.mark.parametrize("operation", ["load", "_C", "compile", "save", "system", "__import__"])
def test_steps_out_of_a_file_name_only_operations_of_the_list(operation):
    files = TorchAdapter().dump(Residual(), NUMBERS)
    steps = json.loads(files["steps.json"])
    steps["steps"][0]["operation"] = operation
    loaded = TorchAdapter().load({**files, "steps.json": json.dumps(steps).encode()}, NUMBERS)
    with pytest.raises(InvalidInput, match="asks for the operation"):
        loaded.predict(ROWS)


def test_gradients_add_up_and_agree_with_the_slope_of_a_linear_network():
    adapter, module = TorchAdapter(), torch.nn.Linear(3, 1)
    loaded = adapter.load(adapter.dump(module, NUMBERS), NUMBERS)
    found = adapter.explain(loaded, ROWS, ROWS, within_s=5.0)
    weights = module.weight.detach().numpy()[0]
    rows = np.column_stack(list(ROWS.values()))
    np.testing.assert_allclose(found.values, weights * (rows - rows.mean(axis=0)), atol=1e-5)
    np.testing.assert_allclose(found.scores(), loaded.predict(ROWS), atol=1e-6)


def test_a_keras_file_with_code_in_it_is_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = _keras()
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    files = KerasAdapter().dump(model, NUMBERS)
    assert KerasAdapter().needs(files) == ()
    for name, module, said in (("Lambda", "keras.layers", "Lambda"), ("Popen", "subprocess", "")):
        changed = rewritten(files["model.keras"], name, module)
        if said:
            with pytest.raises(UnsafeModel, match=said):
                KerasAdapter().needs({"model.keras": changed})
        else:
            assert KerasAdapter().needs({"model.keras": changed}) == ("subprocess.Popen",)


def rewritten(content, name, module):
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(sink, "w") as made:
        for part in given.namelist():
            text = given.read(part)
            if part == "config.json":
                config = json.loads(text)
                config["config"]["layers"][1].update(class_name=name, module=module, registered_name=None)
                text = json.dumps(config).encode()
            made.writestr(part, text)
    return sink.getvalue()


def test_a_jax_program_that_calls_back_into_the_machine_is_refused():
    def ask(rows):
        return jax.numpy.linalg.cholesky(rows.T @ rows + jax.numpy.eye(3))[0, 0] + rows[:, 0]

    with pytest.raises((UnsafeModel, UnsupportedModel), match=r"calls code of the machine|does not take"):
        JaxAdapter().dump(jax.jit(ask), NUMBERS)


def test_a_jax_program_says_why_it_is_not_lowered():
    with pytest.raises(NotLowered, match="ONNX"):
        JaxAdapter().lower(jax.jit(lambda rows: rows[:, 0]), NUMBERS)


class MyOwn:
    """A type of somebody's own."""


def test_types_that_nobody_allowed_are_not_made(blobs):
    rows = np.column_stack(list(ROWS.values()))
    model = make_pipeline(FunctionTransformer(np.cbrt), LogisticRegression()).fit(rows, rows[:, 0] > 0)
    model.steps[0][1].extra = MyOwn()
    made = pack(model, name="odd", signature=NUMBERS, golden=pa.table(ROWS), origin=Origin(), blobs=blobs)
    assert made.package.form == "native"
    with pytest.raises(NotTrusted, match="MyOwn") as refused:
        load(made.digest, blobs)
    assert "allowed_types" in refused.value.next_step
    allowed = Permits(types=tuple(refused.value.message.partition("allowed: ")[2].rstrip(".").split(", ")))
    assert load(made.digest, blobs, allowed).digest == made.digest


STRANGER = """
class Constant:
    def __init__(self, value): self.value = value

class Answers:
    def __init__(self, value): self.value = value
    def predict(self, inputs):
        import numpy as np
        return np.full(len(next(iter(inputs.values()))), self.value)

class ConstantAdapter:
    kind, distributions, tier = "constant", (), "safe"
    def owns(self, model): return isinstance(model, Constant)
    def original(self, model, signature, inputs): return Answers(model.value).predict(inputs)
    def dump(self, model, signature): return {"value.txt": repr(model.value).encode()}
    def load(self, files, signature): return Answers(float(files["value.txt"]))
    def lower(self, model, signature):
        from pressroom.models import NotLowered
        raise NotLowered("A constant needs no runtime.")
    def explain(self, runnable, inputs, background, *, within_s):
        from pressroom.models import NotExplained
        raise NotExplained("A constant has no parts.")
"""
USING = """
import numpy as np, pyarrow as pa
from stranger import Constant
from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import Origin, Signature, load, pack
from pressroom.values import FieldSchema
signature = Signature(inputs=(FieldSchema(name="a", type="float"),), output=FieldSchema(name="y", type="float"))
blobs = MemoryBlobs()
made = pack(Constant(2.5), name="c", signature=signature, golden=pa.table({"a": [1.0]}), origin=Origin(), blobs=blobs)
print(made.package.kind, made.package.why, load(made.digest, blobs).runnable.predict({"a": np.zeros(2)}).tolist())
"""


def test_an_adapter_of_a_stranger_is_found_by_its_entry_point(tmp_path, monkeypatch):
    (tmp_path / "stranger.py").write_text(STRANGER)
    metadata = tmp_path / "stranger-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[pressroom.adapters]\nconstant = stranger:ConstantAdapter\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    path = ":".join([str(tmp_path), *filter(None, sys.path)])
    ran = subprocess.run(
        [sys.executable, "-c", USING], capture_output=True, text=True, check=False, env={"PYTHONPATH": path}
    )
    assert ran.stdout.strip() == "constant A constant needs no runtime. [2.5, 2.5]", ran.stderr
