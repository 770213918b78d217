"""Files as raw batches: CSV, JSON lines, Parquet and Arrow. What can't be read is said with its place."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from pressroom.facts.errors import BadBatch
from pressroom.facts.set_aside import SetAside

FORMATS = {
    ".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet", ".arrow": "arrow", ".feather": "arrow",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBatch:
    """Rows as they stood in a file (CSV values as bytes, untouched), and the lines that are no rows at all."""

    table: pa.Table
    broken: tuple[SetAside, ...] = ()


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
    if not content.strip():
        raise BadBatch(f"{path.name} is empty.", next_step="A file needs at least a header and one row.")
    readers = {"csv": _read_csv, "json": _read_json_lines, "parquet": _read_parquet, "arrow": _read_arrow}
    try:
        return readers[form](content)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise BadBatch(
            f"{path.name} is no whole {form} file: {str(error).splitlines()[0]}", next_step="Write the file again."
        ) from error


def _read_csv(content: bytes) -> RawBatch:
    header = _csv_header(content)
    broken: list[SetAside] = []

    def set_line_aside(row: pacsv.InvalidRow) -> str:
        reason = f"expected {row.expected_columns} values in the line, found {row.actual_columns}"
        number = (row.number or 0) - 1
        broken.append(SetAside(row=max(number, 0), field="", value=_shown(row.text), reason=reason))
        return "skip"

    table = pacsv.read_csv(
        io.BytesIO(content),
        read_options=pacsv.ReadOptions(use_threads=False),
        parse_options=pacsv.ParseOptions(invalid_row_handler=set_line_aside, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.binary()),
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    if table.num_rows + len(broken) == 0:
        raise BadBatch("The file has a header and no rows.", next_step="Give it at least one row.")
    return RawBatch(table=table, broken=tuple(broken))


def _csv_header(content: bytes) -> list[str]:
    try:
        first = content.split(b"\n", 1)[0].decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError as error:
        raise BadBatch("The header is no UTF-8 text.", next_step="Save the file as UTF-8.") from error
    return next(csv.reader([first]))


def _read_json_lines(content: bytes) -> RawBatch:
    rows: list[dict[str, object]] = []
    broken: list[SetAside] = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            rows.append(msgspec.json.decode(line, type=dict[str, object]))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            shown = _shown(line.decode("utf-8", errors="backslashreplace"))
            broken.append(SetAside(row=number, field="", value=shown, reason=f"expected a JSON mapping: {error}"))
    return RawBatch(table=table_of_rows(rows), broken=tuple(broken))


def table_of_rows(rows: list[dict[str, object]]) -> pa.Table:
    """Rows of mixed values as columns: typed where a column agrees with itself, as text where it does not."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[object]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _read_parquet(content: bytes) -> RawBatch:
    return RawBatch(table=pq.read_table(io.BytesIO(content)))


def _read_arrow(content: bytes) -> RawBatch:
    source = pa.BufferReader(content)
    try:
        return RawBatch(table=pa.ipc.open_file(source).read_all())
    except pa.ArrowInvalid:
        source.seek(0)
        return RawBatch(table=pa.ipc.open_stream(source).read_all())


def _shown(text: str | None) -> str:
    line = text or ""
    return line if len(line) <= 80 else f"{line[:77]}..."
