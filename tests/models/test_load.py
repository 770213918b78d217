import dataclasses

import numpy as np
import pytest

from pressroom.models import (
    MeanBy,
    Origin,
    UnknownKind,
    golden_rows,
    inputs_from_table,
    load,
    pack,
    read_package,
    verify_golden,
)
from pressroom.ports import Damaged
from pressroom.values import InvalidInput, NotFound, to_document


@pytest.fixture
def packed(signature, table, blobs):
    model = MeanBy(keys=("hour",)).fit(inputs_from_table(signature, table), table["late"].to_numpy())
    return pack(model, name="late", signature=signature, golden=table, origin=Origin(), blobs=blobs)


def flip(blobs, digest):
    kept = bytearray(blobs._kept[digest])
    kept[len(kept) // 2] ^= 1
    blobs._kept[digest] = bytes(kept)


def test_a_loaded_model_is_the_packed_one(packed, signature, table, blobs):
    loaded = load(packed.digest, blobs)
    assert (loaded.digest, loaded.package) == (packed.digest, packed.package)
    assert read_package(packed.digest, blobs) == packed.package
    assert verify_golden(loaded, blobs) == 0.0


def test_golden_rows_come_with_the_answers(packed, blobs):
    inputs, expected = golden_rows(packed.package, blobs)
    np.testing.assert_array_equal(load(packed.digest, blobs).runnable.predict(inputs), expected)


def test_a_flipped_bit_is_refused_wherever_it_is(packed, blobs):
    package = packed.package
    for digest in (packed.digest, *package.files.values()):
        flip(blobs, digest)
        with pytest.raises(Damaged):
            load(packed.digest, blobs)
        flip(blobs, digest)
    flip(blobs, package.golden)
    with pytest.raises(Damaged):
        verify_golden(load(packed.digest, blobs), blobs)


def test_a_model_that_moved_is_seen_on_its_golden_rows(packed, blobs):
    class Moved:
        def predict(self, inputs):
            return load(packed.digest, blobs).runnable.predict(inputs) + 0.25

    loaded = dataclasses.replace(load(packed.digest, blobs), runnable=Moved())
    assert verify_golden(loaded, blobs) == pytest.approx(0.25)


def test_unknown_digests_kinds_and_documents_are_refused(packed, blobs):
    with pytest.raises(NotFound):
        load("0" * 64, blobs)
    with pytest.raises(InvalidInput, match="Package"):
        load(blobs.put(b"{}"), blobs)
    strange = dataclasses.replace(packed.package, kind="prophet")
    with pytest.raises(UnknownKind):
        load(blobs.put(to_document(strange)), blobs)
