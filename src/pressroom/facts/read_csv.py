"""CSV: every value as the bytes that stand in the file, every line that is no row set aside with its number."""

import codecs
import csv
import io
import re

import pyarrow as pa
import pyarrow.csv as pacsv

from pressroom.facts.errors import BadBatch
from pressroom.facts.set_aside import SetAside, shown


def read_csv(content: bytes) -> tuple[pa.Table, tuple[SetAside, ...]]:
    """The rows, and the lines with too few or too many values. Refuses a file that ends inside quotes.

    Raises ArrowInvalid for what is no CSV at all.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    header = _header(content)
    _check_quotes(content)
    # Arrow hands broken lines over as text. Bytes that are none are read in an encoding that has a sign for each.
    encoding = "utf8" if _is_text(content) else "latin-1"
    broken: list[SetAside] = []

    def set_line_aside(row: pacsv.InvalidRow) -> str:
        reason = f"expected {row.expected_columns} values in the line, found {row.actual_columns}"
        text = (row.text or "").encode(encoding).decode(errors="backslashreplace")
        broken.append(
            SetAside(row=max((row.number or 0) - 1, 0), field="", value=shown(text), reason=reason, line=text)
        )
        return "skip"

    table = pacsv.read_csv(
        io.BytesIO(content),
        read_options=pacsv.ReadOptions(use_threads=False, encoding=encoding),
        parse_options=pacsv.ParseOptions(invalid_row_handler=set_line_aside, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.binary()),
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    return (table if encoding == "utf8" else _as_in_file(table, encoding)), tuple(broken)


def _header(content: bytes) -> list[str]:
    first, *rows = re.split(rb"[\r\n]+", content.strip(), maxsplit=1)
    try:
        names = next(csv.reader([first.decode()]))
    except UnicodeDecodeError as error:
        raise BadBatch("The header is no UTF-8 text.", next_step="Save the file as UTF-8.") from error
    except csv.Error as error:
        raise BadBatch(
            f"The header can't be read: {error}.", next_step="Write the names of the columns in one line."
        ) from error
    if not rows:
        raise BadBatch("The file has a header and no rows.", next_step="Give it at least one row.")
    return names


def _check_quotes(content: bytes) -> None:
    """Refuse a file that ends inside quotes: the rest of it would be taken as one value."""
    if content.count(b'"') % 2 == 0:
        return
    lines = csv.reader(io.StringIO(content.decode(errors="replace"), newline=""), strict=True)
    whole = -1
    try:
        for whole, _ in enumerate(lines):  # noqa: B007
            pass
    except csv.Error as error:
        raise BadBatch(
            f"A quote in row {whole + 1} is never closed.",
            next_step="Close it, or write the file again: it may be cut off.",
        ) from error


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_in_file(table: pa.Table, encoding: str) -> pa.Table:
    """The bytes as they were before Arrow took them for text of `encoding`."""
    columns = [
        pa.array([None if value is None else value.decode().encode(encoding) for value in column.to_pylist()])
        if pa.types.is_binary(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)
