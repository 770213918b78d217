"""The column of a key in a table, also of a composite one, for whole tables at once."""

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.values import parts_of


def with_key(table: pa.Table, key: str) -> pa.Table:
    """The table with a column called `key`: a composite key's is added, its values written as by `compose_key`.

    Null where any part is null.
    """
    return table if key in table.column_names else table.append_column(key, key_column(table, key))


def key_column(table: pa.Table, key: str) -> pa.ChunkedArray:
    """The values of a key, single or composite, row by row. A table that has the whole column gives that."""
    names = parts_of(key)
    if len(names) == 1 or key in table.column_names:
        return table.column(key)
    pieces: list[pa.ChunkedArray | pa.Scalar] = []
    for name in names:
        values = table.column(name)
        pieces += [pc.utf8_length(values).cast(pa.string()), pa.scalar(":"), values]
    return pc.binary_join_element_wise(*pieces, "", null_handling="emit_null")
