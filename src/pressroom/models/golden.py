"""Golden rows: a few inputs kept with every model, and what the model must answer on them, as Arrow IPC bytes.

They decide whether a serving form is right (parity), whether a load went well, and how far a new version moved.
"""

import numpy as np
import pyarrow as pa

from pressroom.models.inputs_from_table import inputs_from_table
from pressroom.models.signature import Column, Floats, Inputs, Signature, count_rows, take_rows
from pressroom.models.vector_column import arrow_vectors
from pressroom.values import InvalidInput

LIMIT = 256
"""Rows kept at most: enough to see a model move, little enough to be checked at every load."""

# No input can be called this: names of inputs start with a letter.
_EXPECTED = "__expected__"


def choose_golden(inputs: Inputs) -> Inputs:
    """Up to LIMIT rows, evenly spread; all of them where there are fewer. Refuses no rows."""
    count = count_rows(inputs)
    if count == 0:
        raise InvalidInput(
            "A model can't be packed without golden rows.", next_step="Give some of the validation rows as golden."
        )
    places = np.linspace(0, count - 1, min(count, LIMIT)).round().astype(np.int64)
    return take_rows(inputs, places)


def write_golden(signature: Signature, inputs: Inputs, expected: Floats) -> bytes:
    """Inputs and expected answers; equal rows give equal bytes on every machine."""
    columns = [_array(inputs[name]) for name in signature.names()]
    table = pa.table([*columns, _answers(expected)], names=[*signature.names(), _EXPECTED])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def read_golden(signature: Signature, content: bytes) -> tuple[Inputs, Floats]:
    """What `write_golden` wrote; refuses bytes that are something else."""
    try:
        with pa.ipc.open_stream(content) as stream:
            table = stream.read_all()
        expected = _numbers(table.column(_EXPECTED).combine_chunks())
    except (pa.ArrowInvalid, KeyError) as error:
        raise InvalidInput(f"These are no golden rows: {error}.", next_step="Pack the model again.") from error
    return inputs_from_table(signature, table), expected


def _array(column: Column) -> "pa.Array[pa.Scalar]":
    if column.ndim == 2:
        return arrow_vectors(column.astype(np.float64))
    if column.dtype != np.float64:
        return pa.array(column.tolist(), type=pa.string())
    null = np.isnan(column.astype(np.float64))
    # The bytes under a null are part of the file, so they are made the same everywhere.
    return pa.array(np.where(null, 0.0, column.astype(np.float64)), type=pa.float64(), mask=null)


def _answers(expected: Floats) -> "pa.Array[pa.Scalar]":
    if expected.ndim == 1:
        return _array(expected)
    return pa.FixedSizeListArray.from_arrays(pa.array(expected.ravel()), expected.shape[1])


def _numbers(expected: "pa.Array[pa.Scalar]") -> Floats:
    if isinstance(expected, pa.FixedSizeListArray):
        flat = expected.flatten().to_numpy().astype(np.float64)
        return flat.reshape(len(expected), expected.type.list_size)
    return expected.to_numpy(zero_copy_only=False).astype(np.float64)
