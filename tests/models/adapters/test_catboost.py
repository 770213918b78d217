"""CatBoost with texts: answered by CatBoost itself, and the package says why."""

import catboost
import numpy as np
import pyarrow as pa
import pytest

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.models import NotLowered, Origin, Signature, adapter_for, load, pack
from pressroom.values import FieldSchema

SIGNATURE = Signature(
    inputs=(FieldSchema(name="size", type="float"), FieldSchema(name="kind", type="string")),
    output=FieldSchema(name="y", type="float"),
)


def trained(kinds, **more):
    draw = np.random.default_rng(2)
    size, kind = draw.normal(size=400), draw.choice(kinds, 400)
    y = size + (kind == kinds[0]) * 3.0 + draw.normal(0, 0.1, 400)
    model = catboost.CatBoostRegressor(
        iterations=6, depth=2, verbose=0, allow_writing_files=False, thread_count=1, cat_features=[1], **more
    )
    model.fit([[a, b] for a, b in zip(size.tolist(), kind.tolist(), strict=True)], y)
    return model, pa.table({"size": size, "kind": kind.tolist()})


@pytest.mark.parametrize(
    ("kinds", "more", "why"),
    [
        (["a", "b"], {}, "Its splits compare texts, and trees as data compare numbers."),
        (list("abcdefgh"), {}, "It counts categories while it answers."),
        (list("abcdefgh"), {"one_hot_max_size": 20}, "Its splits compare texts, and trees as data compare numbers."),
        (["a"], {}, "One of its inputs is a text, though no split looks at it: train without it."),
    ],
)
def test_texts_are_left_to_catboost_with_the_reason(kinds, more, why):
    model, golden = trained(kinds, **more)
    with pytest.raises(NotLowered) as refused:
        adapter_for(model).lower(model, SIGNATURE)
    assert refused.value.message == why
    blobs = MemoryBlobs()
    packed = pack(model, name="m", signature=SIGNATURE, golden=golden, origin=Origin(), blobs=blobs)
    assert (packed.package.form, packed.package.why) == ("native", why)
    asked = {"size": np.array([0.5, 0.5]), "kind": np.array([kinds[0], "never seen"], dtype=object)}
    wanted = model.predict([[0.5, kinds[0]], [0.5, "never seen"]])
    np.testing.assert_allclose(load(packed.digest, blobs).runnable.predict(asked), wanted)
