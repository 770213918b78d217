"""One model of each of four frameworks, on the same 20 inputs, and what a caller without us would do with each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
import torch
from lightgbm import LGBMClassifier
from onnxmltools.convert import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from pressroom.models import Origin, Packed, Signature, pack
from pressroom.ports import Blobs
from pressroom.values import FieldSchema

INPUTS = 20
TREES = 100
NAMES = tuple(f"x{place}" for place in range(INPUTS))
SIGNATURE = Signature(
    inputs=tuple(FieldSchema(name=name, type="float") for name in NAMES),
    output=FieldSchema(name="p", type="float", unit="probability"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A model as its framework answers it, as bare onnxruntime does, and packed. All take float32 rows."""

    name: str
    native: Callable[[Any], Any]
    bare: Callable[[Any], Any]
    packed: Packed


def rows(count: int, seed: int = 0) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Rows whose numbers are float32's, so that everybody sees the same."""
    return np.random.default_rng(seed).normal(size=(count, INPUTS)).astype(np.float32)


def columns(matrix: "np.ndarray[Any, Any]") -> "dict[str, np.ndarray[Any, np.dtype[np.float64]]]":
    """The same as a request's inputs."""
    return {name: matrix[:, place].astype(np.float64) for place, name in enumerate(NAMES)}


def fitted(blobs: Blobs) -> tuple[Fitted, ...]:
    """Logistic regression behind a scaler, 100 trees of xgboost and of LightGBM, a small net."""
    seen = rows(5_000)
    noise = np.random.default_rng(1).normal(size=len(seen))
    late = (seen[:, 0] + seen[:, 1] * seen[:, 2] + noise > 0).astype(int)
    linear = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen.astype(np.float64), late)
    boosted = XGBClassifier(n_estimators=TREES, max_depth=6, n_jobs=1).fit(seen, late)
    grown = LGBMClassifier(n_estimators=TREES, verbose=-1, n_jobs=1).fit(seen.astype(np.float64), late)
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(INPUTS, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1), torch.nn.Sigmoid()
    ).eval()
    booster, forest = boosted.get_booster(), grown.booster_
    kinds = [("X", FloatTensorType([None, INPUTS]))]
    nets = _pack("net", net, blobs)
    return (
        _one(
            "sklearn",
            lambda x: linear.predict_proba(x)[:, 1],
            to_onnx(linear, seen[:1], options={"zipmap": False}),
            _pack("linear", linear, blobs),
        ),
        _one(
            "xgboost",
            booster.inplace_predict,
            convert_xgboost(boosted, initial_types=kinds),
            _pack("boosted", boosted, blobs),
        ),
        _one(
            "lightgbm",
            lambda x: forest.predict(x, num_threads=1),
            convert_lightgbm(grown, initial_types=kinds, zipmap=False),
            _pack("grown", grown, blobs),
        ),
        Fitted(
            name="torch",
            native=lambda x: _of_torch(net, x),
            bare=_bare(blobs.get(nets.package.files["served.onnx"]), 0),
            packed=nets,
        ),
    )


def open_bare(content: bytes) -> onnxruntime.InferenceSession:
    """A session with one thread that does not spin, as for serving."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _one(name: str, native: Callable[[Any], Any], converted: Any, packed: Packed) -> Fitted:
    return Fitted(name=name, native=native, bare=_bare(converted.SerializeToString(), 1), packed=packed)


def _bare(content: bytes, output: int) -> Callable[[Any], Any]:
    session = open_bare(content)
    (taken,), wanted = session.get_inputs(), [session.get_outputs()[output].name]
    name = taken.name
    return lambda x: session.run(wanted, {name: x})[0]


def _pack(name: str, model: object, blobs: Blobs) -> Packed:
    golden = pa.table(columns(rows(256, 2)))
    return pack(model, name=name, signature=SIGNATURE, golden=golden, origin=Origin(), blobs=blobs)


def _of_torch(net: Any, x: Any) -> Any:
    with torch.no_grad():
        return net(torch.from_numpy(x)).numpy()
