import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.models import MeanBy, Signature, UnsupportedModel
from pressroom.models.adapters.baseline import BaselineAdapter
from pressroom.values import FieldSchema, InvalidInput

SIGNATURE = Signature(
    inputs=(
        FieldSchema(name="carrier", type="string", optional=True),
        FieldSchema(name="hour", type="float", optional=True),
    ),
    output=FieldSchema(name="late", type="float"),
)
ROWS = st.lists(
    st.tuples(st.none() | st.text(max_size=3), st.floats(), st.sampled_from([0.0, 1.0])), min_size=1, max_size=20
)


def fitted(rows):
    carriers = np.empty(len(rows), dtype=object)
    carriers[:] = [row[0] for row in rows]
    inputs = {"carrier": carriers, "hour": np.array([row[1] for row in rows])}
    return MeanBy(keys=("carrier", "hour")).fit(inputs, np.array([row[2] for row in rows])), inputs


@given(ROWS)
def test_means_survive_their_file_exactly(rows):
    model, inputs = fitted(rows)
    adapter = BaselineAdapter()
    again = adapter.load(adapter.dump(model, SIGNATURE), SIGNATURE)
    assert again == model
    assert again.predict(inputs).tolist() == adapter.original(model, SIGNATURE, inputs).tolist()


@given(ROWS, st.randoms())
def test_the_order_of_rows_does_not_reach_the_file(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    adapter = BaselineAdapter()
    assert adapter.dump(fitted(rows)[0], SIGNATURE) == adapter.dump(fitted(shuffled)[0], SIGNATURE)


def test_keys_outside_the_signature_are_refused():
    model, _ = fitted([("AA", 1.0, 1.0)])
    with pytest.raises(UnsupportedModel, match="hour"):
        BaselineAdapter().dump(model, Signature(inputs=SIGNATURE.inputs[:1], output=SIGNATURE.output))


def test_strangers_and_broken_files_are_refused():
    adapter = BaselineAdapter()
    assert not adapter.owns("model")
    with pytest.raises(UnsupportedModel):
        adapter.dump("model", SIGNATURE)
    with pytest.raises(InvalidInput):
        adapter.load({}, SIGNATURE)
    with pytest.raises(InvalidInput):
        adapter.load({"group_means.json": b"{}"}, SIGNATURE)
