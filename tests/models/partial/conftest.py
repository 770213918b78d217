"""Small fitted models of several frameworks, each with its own answers, and with what it is made of."""

import numpy as np
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier, XGBRegressor

from pressroom.models import Signature
from pressroom.models.adapters.lightgbm import LightgbmAdapter
from pressroom.models.adapters.sklearn import SklearnAdapter
from pressroom.models.adapters.xgboost import XgboostAdapter
from pressroom.values import FieldSchema

NAMES = ("a", "b", "c", "d", "e")
SIGNATURE = Signature(
    inputs=tuple(FieldSchema(name=name, type="float", optional=True) for name in NAMES),
    output=FieldSchema(name="p", type="float", unit="probability"),
)


class Fitted:
    """What answers on its own, its structure, and the values at which it changes its mind."""

    def __init__(self, name, whole, structure, *, nulls):
        self.name, self.whole, self.structure, self.nulls = name, whole, structure, nulls
        self.signature = SIGNATURE
        is_trees = hasattr(structure, "threshold")
        edges = structure.threshold[structure.feature >= 0] if is_trees else np.zeros(1)
        self.edges = edges[np.isfinite(edges)]

    def __repr__(self):
        return self.name


class _Original:
    def __init__(self, adapter, model):
        self._adapter, self._model = adapter, model

    def predict(self, inputs):
        return self._adapter.original(self._model, SIGNATURE, inputs)


def fitted(name, adapter, model, *, nulls=True):
    return Fitted(name, _Original(adapter, model), adapter.lower(model, SIGNATURE), nulls=nulls)


@pytest.fixture(scope="session")
def zoo():
    """A model of each kind, fitted on 400 rows with nulls."""
    draw = np.random.default_rng(11)
    rows = draw.normal(size=(400, len(NAMES))).round(2)
    late = (rows[:, 0] + rows[:, 1] * rows[:, 2] + draw.normal(size=400) > 0).astype(int)
    rows[draw.random(rows.shape) < 0.08] = np.nan
    whole = np.nan_to_num(rows)
    linear = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(rows, late)
    forest = RandomForestClassifier(n_estimators=7, max_leaf_nodes=90, random_state=0).fit(rows, late)
    boosted = GradientBoostingRegressor(n_estimators=8, random_state=0).fit(whole, whole[:, 0] * 30)
    return [
        fitted("sklearn pipeline", SklearnAdapter(), linear),
        fitted("sklearn forest", SklearnAdapter(), forest),
        fitted("sklearn boosting", SklearnAdapter(), boosted, nulls=False),
        fitted("xgboost", XgboostAdapter(), XGBClassifier(n_estimators=9, max_depth=7, n_jobs=1).fit(rows, late)),
        fitted(
            "xgboost regression", XgboostAdapter(), XGBRegressor(n_estimators=20, n_jobs=1).fit(rows, whole[:, 0] * 30)
        ),
        fitted("lightgbm", LightgbmAdapter(), LGBMClassifier(n_estimators=9, verbose=-1, n_jobs=1).fit(rows, late)),
        fitted(
            "lightgbm regression",
            LightgbmAdapter(),
            LGBMRegressor(n_estimators=9, verbose=-1, n_jobs=1).fit(rows, late * 50.0),
        ),
    ]
