import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pressroom.models import MeanBy, Origin, ParityBroken, Signature, inputs_from_table, load, matrix, pack
from pressroom.models.adapters.sklearn import SklearnAdapter
from pressroom.values import FieldSchema, InvalidInput, digest_document, to_document

ORIGIN = Origin(parents=("a" * 64,), labels=("pii",), purposes=("operations",))


def fit(signature, table):
    rows = matrix(signature, inputs_from_table(signature, table))
    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression())
    return model.fit(rows, table["late"].to_numpy())


def packed(signature, table, blobs, **changes):
    wanted = {"name": "late", "signature": signature, "golden": table, "origin": ORIGIN, "blobs": blobs} | changes
    return pack(fit(signature, table), **wanted)


def test_packing_the_same_model_again_gives_the_same_digest(signature, table, blobs):
    first, second = packed(signature, table, blobs), packed(signature, table, blobs)
    assert first.digest == second.digest == digest_document(first.package)


def test_a_package_states_its_promises(signature, table, blobs):
    package = packed(signature, table, blobs).package
    assert (package.name, package.kind, package.signature) == ("late", "sklearn", signature)
    assert package.parity.rows == 256
    assert package.parity.max_abs_diff < 1e-12
    assert {"python", "platform", "scikit-learn", "numpy"} == set(package.environment)
    assert package.size_bytes == sum(len(blobs.get(file)) for file in package.files.values())
    assert package.origin == ORIGIN


def test_what_was_measured_is_beside_the_package_and_not_in_it(signature, table, blobs):
    made = packed(signature, table, blobs)
    assert made.measured.us_per_row_alone > 0
    assert made.measured.us_per_row_of_100 > 0
    assert b"us_per_row" not in to_document(made.package)


def test_nothing_that_is_kept_is_a_pickle(signature, table, blobs):
    packed(signature, table, blobs)
    assert all(not blobs.get(digest).startswith(b"\x80") for digest in blobs.list())


def test_labels_of_the_inputs_are_inherited(signature, table, blobs):
    tagged = Signature(
        inputs=(*signature.inputs, FieldSchema(name="carrier", type="string", labels=("partner",))),
        output=signature.output,
    )
    inputs = inputs_from_table(tagged, table)
    model = MeanBy(keys=("carrier",)).fit(inputs, table["late"].to_numpy())
    package = pack(model, name="late", signature=tagged, golden=table, origin=ORIGIN, blobs=blobs).package
    assert package.origin.labels == ("partner", "pii")


def test_a_serving_form_that_answers_otherwise_is_refused(signature, table, blobs, monkeypatch):
    honest = SklearnAdapter.original
    monkeypatch.setattr(SklearnAdapter, "original", lambda *args: honest(*args) + 2e-6)
    with pytest.raises(ParityBroken, match="differ by 2e-06"):
        packed(signature, table, blobs)
    assert list(blobs.list()) == []


@pytest.mark.parametrize("answer", [lambda n: np.full(n, np.nan), lambda n: np.zeros((n, 2))])
def test_a_model_that_gives_no_number_a_row_is_refused(signature, table, blobs, monkeypatch, answer):
    monkeypatch.setattr(SklearnAdapter, "original", lambda *args: answer(256))
    with pytest.raises(ParityBroken):
        packed(signature, table, blobs)


def test_no_golden_rows_and_bad_names_are_refused(signature, table, blobs):
    model = fit(signature, table)
    with pytest.raises(InvalidInput, match="golden"):
        pack(model, name="late", signature=signature, golden=table.slice(0, 0), origin=ORIGIN, blobs=blobs)
    with pytest.raises(InvalidInput, match="name"):
        packed(signature, table, blobs, name="Late Flights")


def test_a_signature_of_strings_serves_too(table, blobs):
    named = Signature(
        inputs=(FieldSchema(name="carrier", type="string"),), output=FieldSchema(name="late", type="float")
    )
    inputs = inputs_from_table(named, table)
    model = MeanBy(keys=("carrier",)).fit(inputs, table["late"].to_numpy())
    made = pack(model, name="late", signature=named, golden=table, origin=Origin(), blobs=blobs)
    np.testing.assert_array_equal(load(made.digest, blobs).runnable.predict(inputs), model.predict(inputs))
