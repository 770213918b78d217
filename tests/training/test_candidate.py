import numpy as np
import pytest

from pressroom.models import Signature, adapter_for, inputs_from_table
from pressroom.training.candidate import baseline, gradient_boosting, logistic
from pressroom.training.rows import labels, mature_rows
from pressroom.values import InvalidInput


def test_the_baseline_takes_its_keys_in_their_order(inputs):
    chosen = baseline(("distance", "carrier")).choose(inputs)
    assert [field.name for field in chosen] == ["distance", "carrier"]


def test_a_key_that_is_no_input_is_named(inputs):
    with pytest.raises(InvalidInput, match="hour"):
        baseline(("carrier", "hour")).choose(inputs)


@pytest.mark.parametrize("candidate", [logistic(), gradient_boosting()])
def test_the_others_take_numbers_only(candidate, inputs):
    assert [field.name for field in candidate.choose(inputs)] == ["plane.delay_24h", "distance"]
    with pytest.raises(InvalidInput, match="number"):
        candidate.choose(inputs[2:])


@pytest.mark.parametrize("candidate", [baseline(("carrier",)), logistic(), gradient_boosting(trees=10)])
def test_fitting_again_gives_the_same_files(candidate, inputs, label, table):
    rows = mature_rows(table, "train")
    signature = Signature(inputs=candidate.choose(inputs), output=label)
    columns = inputs_from_table(signature, rows)
    models = [candidate.fit(columns, labels(rows), signature) for _ in range(2)]
    adapter = adapter_for(models[0])
    first, second = (adapter.dump(model, signature) for model in models)
    assert first == second


def test_an_input_that_is_always_null_keeps_its_place(inputs, label):
    signature = Signature(inputs=logistic().choose(inputs), output=label)
    columns = {"plane.delay_24h": np.full(20, np.nan), "distance": np.arange(20.0)}
    model = logistic().fit(columns, (np.arange(20.0) > 9).astype(float), signature)
    adapter = adapter_for(model)
    served = adapter.load(adapter.dump(model, signature), signature).predict(columns)
    np.testing.assert_allclose(served, adapter.original(model, signature, columns), atol=1e-12, rtol=0)
    assert served[0] < 0.1 < 0.9 < served[-1]
