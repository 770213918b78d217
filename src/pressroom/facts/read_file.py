"""Files as raw batches: CSV, JSON lines, Parquet and Arrow. What can't be read is said with its place."""

import codecs
import io
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from pressroom.facts.errors import BadBatch
from pressroom.facts.read_csv import read_csv
from pressroom.facts.set_aside import SetAside, raw_text, shown
from pressroom.facts.unpacked import refuse_large, too_large
from pressroom.facts.unpacked_arrow import refuse_large_stream, refuse_swelling

FORMATS = {
    ".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet", ".arrow": "arrow", ".feather": "arrow",
}  # fmt: skip


_ARROW_FILE, _ARROW_END = b"ARROW1\0\0", b"ARROW1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBatch:
    """Rows as they stood in a file (CSV values as bytes, untouched), and the lines that are no rows at all.

    `as_text`: bytes in the table are such text, and not values of their own.
    """

    table: pa.Table
    broken: tuple[SetAside, ...] = ()
    as_text: bool = False


def read_file(path: Path) -> RawBatch:
    """Read a file by its ending. Refuses an empty file, an unknown ending and a file that is not what it says."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise BadBatch(f"{path.name}: unknown ending.", next_step=f"Use one of {', '.join(sorted(FORMATS))}.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadBatch(
            f"{path} can't be read: {error.strerror}.", next_step="Check the path and its rights."
        ) from error
    return read_content(content, form, name=path.name)


def read_content(content: bytes, form: str, *, name: str, most_bytes: int | None = None) -> RawBatch:
    """Read what is in a file, or came as one: csv, json (a mapping a line), rows (a JSON list of mappings), parquet,
    arrow. `name` is what to call it; what unpacks to more than `most_bytes` is refused. Raises BadBatch.
    """
    if not content.strip():
        raise BadBatch(f"{name} is empty.", next_step="A file needs at least a header and one row.")
    readers = {
        "csv": _read_csv_file, "json": _read_json_lines, "rows": _read_json_rows, "parquet": _read_parquet,
        "arrow": _read_arrow,
    }  # fmt: skip
    try:
        if form == "parquet" and most_bytes is not None:
            refuse_large(content, name, most_bytes)
        if form == "arrow" and most_bytes is not None:
            refuse_large_stream(_as_stream(content), name, most_bytes)
        raw = readers[form](content)
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise BadBatch(
            f"{name} is no whole {form} file: {str(error).partition(chr(10))[0]}",
            next_step="Write the file again.",
        ) from error
    if most_bytes is not None:
        if raw.table.nbytes > most_bytes:
            raise too_large(name, most_bytes)
        refuse_swelling(raw.table, name, most_bytes)
    return raw


def _read_csv_file(content: bytes) -> RawBatch:
    table, broken = read_csv(content)
    return RawBatch(table=table, broken=broken, as_text=True)


def _read_json_lines(content: bytes) -> RawBatch:
    rows: list[dict[str, object]] = []
    broken: list[SetAside] = []
    lines = (line for line in content.removeprefix(codecs.BOM_UTF8).splitlines() if line.strip())
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(msgspec.json.decode(line, type=dict[str, object]))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            text, reason = line.decode(errors="backslashreplace"), f"expected a JSON mapping: {error}"
            broken.append(SetAside(row=number, field="", value=shown(text), reason=reason, line=text))
    if not rows:
        raise BadBatch(f"No line is right; row 1: {broken[0].reason}.", next_step="Write one JSON mapping a line.")
    return RawBatch(table=table_of_rows(rows), broken=tuple(broken))


def _read_json_rows(content: bytes) -> RawBatch:
    try:
        rows = msgspec.json.decode(content, type=list[dict[str, object]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBatch(f"This is no list of rows: {error}.", next_step='Send [{"field": value, ...}, ...].') from error
    if not rows:
        raise BadBatch("The list has no rows.", next_step="Give it at least one.")
    return RawBatch(table=table_of_rows(rows))


def table_of_rows(rows: list[dict[str, object]]) -> pa.Table:
    """Rows of mixed values as columns: typed where a column agrees with itself, as text where it does not.

    Refuses bytes and text in one column: nobody could say which of the texts were meant as bytes.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: _column(name, [row.get(name) for row in rows]) for name in names})


def _column(name: str, values: list[object]) -> pa.Array:
    if {bytes, str} <= set(map(type, values)):
        raise BadBatch(f"The column {name!r} has bytes and texts.", next_step="Give one or the other, such as base64.")
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: object) -> str:
    return value if isinstance(value, str) else raw_text(value) or ""


def _read_parquet(content: bytes) -> RawBatch:
    return RawBatch(table=_whole(pq.read_table(io.BytesIO(content), partitioning=None)))


def _read_arrow(content: bytes) -> RawBatch:
    return RawBatch(table=_whole(pa.ipc.open_stream(_as_stream(content)).read_all()))


def _as_stream(content: bytes) -> bytes:
    """An Arrow file as the stream that it is inside, so that what is read is what was looked at; a stream as it is."""
    if not content.startswith(_ARROW_FILE):
        return content
    if not content.endswith(_ARROW_END):
        raise pa.ArrowInvalid("its end is missing")
    return content[len(_ARROW_FILE) :]


def _whole(table: pa.Table) -> pa.Table:
    """The table, if its bytes hold together: Arrow trusts what it reads, and would crash on a damaged file later."""
    table.validate(full=True)
    return table.rename_columns(table.column_names)
