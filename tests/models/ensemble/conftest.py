"""Models of several frameworks, packed in memory, as members of ensembles."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from lightgbm import LGBMClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from xgboost import XGBClassifier

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import MeanBy, Origin, Signature, find_adapter, pack
from pressroom.models.ensemble.member import member_of
from pressroom.values import FieldSchema

NAMES = ("a", "b", "c", "d")
PROBABILITY = FieldSchema(name="p", type="float", unit="probability")


@pytest.fixture(scope="session", autouse=True)
def adapters():
    """All adapters that the checkout declares, whatever the environment was installed from."""
    declared = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
    kinds = declared["project"]["entry-points"]["pressroom.adapters"]
    points = [EntryPoint(name=kind, value=value, group=find_adapter.GROUP) for kind, value in kinds.items()]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(find_adapter, "entry_points", lambda group: points)
        yield


def signature(*, optional=(), output=PROBABILITY, names=NAMES):
    inputs = tuple(FieldSchema(name=name, type="float", optional=name in optional) for name in names)
    return Signature(inputs=inputs, output=output)


def drawn(count, seed=0):
    """Rows by column."""
    rows = np.random.default_rng(seed).normal(size=(count, len(NAMES)))
    return {name: rows[:, place].copy() for place, name in enumerate(NAMES)}


class Shelf:
    """Packed models and their blobs."""

    def __init__(self):
        self.blobs = MemoryBlobs()
        self.digests = {}

    def put(self, name, model, wanted, **more):
        golden = pa.table(drawn(200, seed=3))
        packed = pack(model, name=name, signature=wanted, golden=golden, origin=Origin(), blobs=self.blobs, **more)
        self.digests[name] = packed.digest
        return packed

    def members(self, ensemble):
        """Each node's member; a reference is a name on the shelf and a range that is not looked at."""
        return {
            node.name: member_of(self.digests[node.model.partition("@")[0]], self.blobs, reference=node.model)
            for node in ensemble.models()
        }

    def __repr__(self):
        return "shelf"


def tower(seed):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(len(NAMES), 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))


@pytest.fixture(scope="session")
def shelf():
    """lr, xg, lg, net: chances of four frameworks; raw: log-odds; mean: a baseline without a graph; u to x: vectors."""
    columns = drawn(400)
    rows = np.stack(list(columns.values()), axis=1)
    late = (rows[:, 0] + rows[:, 1] * rows[:, 2] + np.random.default_rng(1).normal(size=400) > 0).astype(int)
    made = Shelf()
    pipeline = make_pipeline(SimpleImputer(), LogisticRegression())
    made.put("lr", pipeline.fit(rows, late), signature(optional=("d",)))
    made.put("xg", XGBClassifier(n_estimators=12, max_depth=4, n_jobs=1).fit(rows, late), signature())
    made.put("lg", LGBMClassifier(n_estimators=12, verbose=-1, n_jobs=1).fit(rows, late), signature())
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    made.put("net", torch.nn.Sequential(net, torch.nn.Sigmoid()), signature())
    made.put("raw", net, signature(output=FieldSchema(name="z", type="float", unit="log-odds")))
    made.put("mean", MeanBy(keys=("a",)).fit(columns, late.astype(np.float64)), signature(names=("a",)))
    vector = FieldSchema(name="v", type="vector", length=3)
    for name, space in (("u", "things@1"), ("v", "things@1"), ("w", "things@2"), ("x", "")):
        made.put(name, tower(ord(name)), signature(output=vector), space=space)
    return made
