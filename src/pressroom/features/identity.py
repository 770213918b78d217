"""Identities: a whole number of 64 bits for each value, equal where values are, for counting different ones."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pressroom.values import hash_text

Ints = npt.NDArray[np.int64]


def identities(column: pa.ChunkedArray) -> Ints:
    """The identity of each value of a fact's field; 0 for null. Of text it is a hash, of numbers their bits."""
    if pa.types.is_string(column.type):
        return text_identities(column)
    if pa.types.is_floating(column.type):
        return word_identities(column.fill_null(0.0).to_numpy())
    return column.cast(pa.int64()).fill_null(0).to_numpy()


def text_identities(texts: pa.ChunkedArray) -> Ints:
    """The identities of texts; each different one is hashed once."""
    encoded: Any = texts.combine_chunks().dictionary_encode()
    hashes = np.array([hash_text(text) for text in encoded.dictionary.to_pylist()] or [0], dtype=np.int64)
    # A null has the first one's, which nobody looks at.
    return np.where(encoded.indices.is_valid(), hashes[encoded.indices.fill_null(0).to_numpy()], 0)


def word_identities(words: npt.NDArray[Any]) -> Ints:
    """The identities of a field's words in packed records. The two zeros are one number, and so are all NaN."""
    if words.dtype.kind != "f":
        return words.astype(np.int64)
    return np.where(np.isnan(words), np.nan, words + 0.0).view(np.int64)
