"""How large a Parquet file is once it is read, worked out before that: a small file may hold very much of the same."""

import io

import pyarrow.parquet as pq

from pressroom.facts.errors import BadBatch

_CELL_BYTES = 8


def refuse_large(content: bytes, name: str, most_bytes: int) -> None:
    """Raise BadBatch for a Parquet file that says of itself that it is too large."""
    told = pq.ParquetFile(io.BytesIO(content)).metadata
    pages = sum(told.row_group(place).total_byte_size for place in range(told.num_row_groups))
    if max(pages, told.num_rows * told.num_columns * _CELL_BYTES) > most_bytes:
        raise too_large(name, most_bytes)


def too_large(name: str, most_bytes: int) -> BadBatch:
    """The refusal."""
    return BadBatch(f"{name} unpacks to more than {most_bytes:,} bytes.", next_step="Send it in several parts.")
