"""Ensembles keep every adapter's promises: with one graph, and as native ensembles with defaults."""

import numpy as np
import pyarrow as pa
from lightgbm import LGBMClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import Ensemble, Origin, Signature, assemble, member_of, nodes, pack
from pressroom.models.adapters.ensemble import EnsembleAdapter
from pressroom.testing.contracts.adapter import AdapterContract, Example
from pressroom.values import FieldSchema

NAMES = ("delay", "distance", "wind")


def members():
    """A linear model and trees, both of which take nulls."""
    draw = np.random.default_rng(3)
    numbers = draw.normal(size=(120, 3)) * [20.0, 1500.0, 1.0]
    late = (numbers[:, 0] / 20 + numbers[:, 1] / 1500 + draw.normal(size=120) / 3 > 0).astype(int)
    numbers[draw.random(numbers.shape) < 0.1] = np.nan
    table = pa.table({name: pa.array(c, from_pandas=True) for name, c in zip(NAMES, numbers.T, strict=True)})
    signature = Signature(
        inputs=tuple(FieldSchema(name=name, type="float", optional=True) for name in NAMES),
        output=FieldSchema(name="late", type="float", unit="probability"),
    )
    blobs = MemoryBlobs()
    fitted = {
        "linear": make_pipeline(SimpleImputer(), LogisticRegression(max_iter=5_000)).fit(numbers, late),
        "trees": LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(numbers, late),
    }
    found = {}
    for name, model in fitted.items():
        packed = pack(model, name=name, signature=signature, golden=table, origin=Origin(), blobs=blobs)
        found[name] = member_of(packed.digest, blobs)
    return found, table


def example(default, last):
    found, table = members()
    ensemble = Ensemble(
        name="both",
        nodes=(nodes.model("linear", "linear"), nodes.model("trees", "trees", default=default), last),
        output="score",
    )
    runnable = assemble(ensemble, found)
    return Example(model=runnable, signature=runnable.signature, rows=table)


class TestFusedEnsemble(AdapterContract):
    def adapter(self):
        return EnsembleAdapter()

    def example(self):
        return example(None, nodes.weighted_mean("score", ["linear", "trees"]))


class TestCascade(AdapterContract):
    def adapter(self):
        return EnsembleAdapter()

    def example(self):
        return example(0.5, nodes.cascade("score", "linear", "trees", unsure=(0.3, 0.7)))
