import sys

import pyarrow.compute as pc
import pytest

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import FrameworkMissing, Origin, load, pack, verify_golden
from pressroom.training.candidate import baseline, gradient_boosting, logistic
from pressroom.training.evaluate import evaluate_model
from pressroom.training.fit import fit
from pressroom.training.rows import mature_rows
from pressroom.values import InvalidInput


def test_a_fit_states_what_it_takes_gives_and_used(inputs, label, table):
    fitted = fit(baseline(("carrier",)), table, inputs=inputs, label=label)
    assert fitted.name == "baseline"
    assert fitted.signature.names() == ("carrier",)
    output = fitted.signature.output
    assert (output.name, output.type, output.unit, output.labels) == ("late", "float", "probability", ("partner",))
    assert fitted.rows == 540
    assert fitted.usage.wall_s > 0


def test_only_mature_training_rows_are_seen(inputs, label, table):
    fitted = fit(baseline(()), table, inputs=inputs, label=label)
    train = table.filter(pc.and_(pc.equal(table["split"], "train"), pc.is_valid(table["label"])))
    assert fitted.model.overall == pytest.approx(pc.mean(train["label"]).as_py())


def test_every_candidate_is_packed_loaded_and_beats_the_baseline(inputs, label, table):
    blobs, validate = MemoryBlobs(), mature_rows(table, "validate")
    found = []
    for candidate in (baseline(("carrier",)), logistic(), gradient_boosting(trees=30, leaves=7)):
        fitted = fit(candidate, table, inputs=inputs, label=label)
        signature = fitted.signature
        packed = pack(fitted.model, name="late", signature=signature, golden=validate, origin=Origin(), blobs=blobs)
        loaded = load(packed.digest, blobs)
        assert verify_golden(loaded, blobs) <= 1e-12
        found.append(evaluate_model(loaded.runnable, signature, validate))
    assert found[0].auc > 0.55
    assert all(evaluation.auc > found[0].auc + 0.05 for evaluation in found[1:])
    assert all(evaluation.n == 270 for evaluation in found)


def test_a_missing_framework_is_told_before_anything_is_fitted(inputs, label, table, monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(FrameworkMissing):
        fit(gradient_boosting(), table, inputs=inputs, label=label)


def test_no_training_row_is_refused(inputs, label, table):
    with pytest.raises(InvalidInput, match="'train'"):
        fit(logistic(), table.slice(600), inputs=inputs, label=label)
