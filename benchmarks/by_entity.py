"""One request, many candidates: what depends on one side is computed once, against doing the whole work by hand."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from onnxmltools.convert import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from benchmarks.case import Case, again, medians
from benchmarks.four_models import open_bare
from pressroom.models import Origin, PartialCache, PartialModel, Signature, load, pack, partial_of
from pressroom.ports import Blobs
from pressroom.values import FieldSchema
from pressroom.workspace.assembly import embedded

_USER, _ITEM, _CROSS, _WIDE = 50, 50, 10, 64
_ITEMS, _CANDIDATES, _TIMES = 100_000, 1_000, 40
_ONNX, _BY_HAND, _PRODUCT, _TREES = 1 / 20, 1.5, 1.3, 1.0

Matrix = np.ndarray[Any, np.dtype[np.float64]]


def cases(runs: int, folder: Path) -> tuple[Case, ...]:
    """A linear model, two towers, and trees."""
    ports = embedded(folder / "by_entity")
    found = (*_linear(runs, ports.blobs), _towers(runs, ports.blobs), *_trees(runs, ports.blobs))
    ports.close()
    return found


def _linear(runs: int, blobs: Blobs) -> tuple[Case, ...]:
    """50 features of the user, 50 of each item, kept, and 10 of each pair, given as a matrix; all float64."""
    draw = np.random.default_rng(0)
    names = _names(_USER, _ITEM, _CROSS)
    user, items, pairs = (
        draw.normal(size=(1, _USER)),
        draw.normal(size=(_ITEMS, _ITEM)),
        draw.normal(size=(_ITEMS, _CROSS)),
    )
    seen = draw.normal(size=(2_000, len(names)))
    fitted = LogisticRegression().fit(seen, (seen[:, 0] + seen[:, 60] + draw.normal(size=2_000) > 0).astype(int))
    model = _in_parts(fitted, names, seen, blobs)
    kept = model.keep("item", {name: items[:, place] for place, name in enumerate(names[_USER : _USER + _ITEM])})
    weights, bias = fitted.coef_[0], float(fitted.intercept_[0])
    of_user, of_item, of_pair = np.split(weights, [_USER, _USER + _ITEM])
    item_sums = items @ of_item

    def by_hand() -> Matrix:
        scores = pairs @ of_pair
        scores += item_sums
        scores += float(user[0] @ of_user) + bias
        np.negative(scores, out=scores)
        np.exp(scores, out=scores)
        scores += 1.0
        return np.reciprocal(scores, out=scores)

    session = open_bare(to_onnx(fitted, seen[:1].astype(np.float32), options={"zipmap": False}).SerializeToString())

    def assembled() -> Matrix:
        rows = np.empty((_ITEMS, len(names)), dtype=np.float32)
        rows[:, :_USER], rows[:, _USER : _USER + _ITEM], rows[:, _USER + _ITEM :] = user, items, pairs
        return session.run(["probabilities"], {"X": rows})[0][:, 1]

    def ours() -> Matrix:
        return model.score({"user": user, "item": kept, "request": pairs})

    np.testing.assert_allclose(ours(), by_hand(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours(), assembled(), atol=1e-5)
    mine, hand = (seconds / _TIMES for seconds in medians(2 * runs, again(_TIMES, ours), again(_TIMES, by_hand)))
    _, whole = medians(runs, ours, assembled)
    name, mine_us = f"LR, 1 user x {_ITEMS:,} items", mine * 1e6
    return (
        Case(name=f"{name}, over assembling and onnxruntime", unit="us", ours=mine_us, limit=whole * 1e6, target=_ONNX),
        Case(name=f"{name}, over partial sums by hand", unit="us", ours=mine_us, limit=hand * 1e6, target=_BY_HAND),
    )


def _towers(runs: int, blobs: Blobs) -> Case:
    """A dot product of two towers, the items' kept."""
    torch.manual_seed(0)
    draw, names = np.random.default_rng(0), _names(_USER, _ITEM, 0)
    model = _in_parts(_Towers(), names, draw.normal(size=(100, len(names))), blobs)
    items, user = draw.normal(size=(_ITEMS, _ITEM)), draw.normal(size=(1, _USER))
    kept = model.keep("item", {name: items[:, place] for place, name in enumerate(names[_USER:])})
    (vectors,), (vector,) = (model.part(side, rows) for side, rows in (("item", kept), ("user", user)))

    def product() -> Any:
        return vectors @ vector[0]

    def ours() -> Matrix:
        return model.score({"user": user, "item": kept})

    np.testing.assert_allclose(ours(), product(), rtol=1e-5, atol=1e-6)
    mine, bare = (seconds / _TIMES for seconds in medians(2 * runs, again(_TIMES, ours), again(_TIMES, product)))
    name = f"two towers of {_WIDE}, 1 user x {_ITEMS:,} items, over the bare product"
    return Case(name=name, unit="us", ours=mine * 1e6, limit=bare * 1e6, target=_PRODUCT)


def _trees(runs: int, blobs: Blobs) -> tuple[Case, ...]:
    """100 trees of depth 6, half of the inputs of the request; the candidates seen before, and never seen."""
    draw, names = np.random.default_rng(0), _names(10, 10, 0)
    seen = draw.normal(size=(5_000, 20)).astype(np.float32).astype(np.float64)
    late = (seen[:, 0] + seen[:, 1] * seen[:, 12] + draw.normal(size=5_000) > 0).astype(int)
    fitted = XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1).fit(seen, late)
    model = _in_parts(fitted, names, seen, blobs)
    rows = seen[:_CANDIDATES].copy()
    rows[:, :10] = rows[0, :10]
    inputs = {name: rows[:, place].copy() for place, name in enumerate(names)}
    session = open_bare(convert_xgboost(fitted, initial_types=[("X", FloatTensorType([None, 20]))]).SerializeToString())
    matrix = rows.astype(np.float32)

    def ours() -> Matrix:
        return model.predict(inputs)

    def bare() -> Any:
        return session.run(["probabilities"], {"X": matrix})[0][:, 1]

    # float32's sigmoid differs in its last digits.
    np.testing.assert_allclose(ours(), bare(), rtol=1e-6, atol=1e-6)
    cold = _in_parts(fitted, names, seen, blobs, PartialCache(0))
    works = [again(_TIMES, work) for work in (ours, lambda: cold.predict(inputs), bare)]
    mine, new, whole = (seconds / _TIMES for seconds in medians(runs, *works))
    name = f"100 trees, 1 request x {_CANDIDATES:,} candidates, over onnxruntime"
    return (
        Case(name=name, unit="us", ours=mine * 1e6, limit=whole * 1e6, target=_TREES),
        Case(name=f"{name}, nothing remembered", unit="us", ours=new * 1e6, limit=whole * 1e6, target=_TREES),
    )


class _Towers(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.user, self.item = (
            torch.nn.Sequential(torch.nn.Linear(width, 128), torch.nn.ReLU(), torch.nn.Linear(128, _WIDE))
            for width in (_USER, _ITEM)
        )

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return (self.user(rows[:, :_USER]) * self.item(rows[:, _USER:])).sum(-1)


def _names(user: int, item: int, cross: int) -> tuple[str, ...]:
    sizes = {"u": user, "i": item, "c": cross}
    return tuple(f"{kind}{place}" for kind, size in sizes.items() for place in range(size))


def _in_parts(
    fitted: object, names: tuple[str, ...], seen: Matrix, blobs: Blobs, cache: PartialCache | None = None
) -> PartialModel:
    signature = Signature(
        inputs=tuple(FieldSchema(name=name, type="float") for name in names), output=FieldSchema(name="p", type="float")
    )
    golden = pa.table({name: seen[:64, place] for place, name in enumerate(names)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        packed = pack(fitted, name="model", signature=signature, golden=golden, origin=Origin(), blobs=blobs)
    entities = {name: "user" if name[0] == "u" else "item" for name in names if name[0] != "c"}
    return partial_of(load(packed.digest, blobs), blobs, entities, cache or PartialCache())
