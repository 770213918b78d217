"""The same rows in the same environment give the same digest, where the framework allows it."""

import catboost
import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pressroom.models import Origin, inputs_from_table, matrix, pack


def linear():
    return make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())


def forest():
    return RandomForestClassifier(n_estimators=4, random_state=1, n_jobs=2)


def binned():
    return HistGradientBoostingClassifier(max_iter=4, random_state=1)


def light():
    return lightgbm.LGBMClassifier(n_estimators=4, verbosity=-1, deterministic=True, force_row_wise=True, n_jobs=2)


def extreme():
    return xgboost.XGBClassifier(n_estimators=4, n_jobs=2, subsample=0.8, random_state=3)


def cat():
    return catboost.CatBoostClassifier(iterations=4, verbose=0, allow_writing_files=False, random_seed=3)


@pytest.mark.parametrize("recipe", [linear, forest, binned, light, extreme, cat])
def test_training_again_gives_the_same_digest(recipe, signature, table, blobs):
    rows = matrix(signature, inputs_from_table(signature, table))
    late = table["late"].to_numpy()
    digests = {
        pack(
            recipe().fit(rows, late), name="late", signature=signature, golden=table, origin=Origin(), blobs=blobs
        ).digest
        for _ in range(2)
    }
    assert len(digests) == 1


def test_other_rows_give_another_digest(signature, table, blobs):
    rows = matrix(signature, inputs_from_table(signature, table))
    late = table["late"].to_numpy()
    digests = {
        pack(
            light().fit(rows, labels), name="late", signature=signature, golden=table, origin=Origin(), blobs=blobs
        ).digest
        for labels in (late, np.roll(late, 1))
    }
    assert len(digests) == 2
