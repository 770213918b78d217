"""Traces: in which files some bytes still occur, also inside compressed columns."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

LEAST_BYTES = 6
"""Fewer bytes than this occur anywhere by chance."""

_CHUNK_BYTES = 1 << 22


def traces(folder: Path, text: str) -> tuple[str, ...]:
    """The files below `folder` that hold `text`, sorted; none where the text is too short to be looked for."""
    needle = text.encode()
    if len(needle) < LEAST_BYTES or not folder.is_dir():
        return ()
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return tuple(str(path.relative_to(folder)) for path in files if _holds(path, needle, text))


def _holds(path: Path, needle: bytes, text: str) -> bool:
    try:
        if any(needle in chunk for chunk in _chunks(path, len(needle))):
            return True
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        return is_parquet and _parquet_holds(path.read_bytes(), text)
    except FileNotFoundError:
        return False


def _chunks(path: Path, overlap: int) -> Iterator[bytes]:
    end = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield end + chunk
            end = chunk[-overlap:]


def _parquet_holds(content: bytes, text: str) -> bool:
    file = pq.ParquetFile(io.BytesIO(content))
    names = [
        field.name for field in file.schema_arrow if pa.types.is_string(field.type) or pa.types.is_binary(field.type)
    ]
    batches = file.iter_batches(columns=names) if names else ()
    return any(pc.any(pc.match_substring(column, text)).as_py() for batch in batches for column in batch.columns)
