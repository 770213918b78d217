"""Tables as training sees them: columns with a kind each, and the names that they have as fields of a request."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import did_you_mean
from pressroom.models import Column as Values
from pressroom.values import FieldSchema, FieldType, NotFound

Kind = Literal[
    "number", "whole number", "yes or no", "category", "instant", "instant without a zone", "date for people", "text",
    "identifier", "constant", "empty", "something else",
]  # fmt: skip
LEARNABLE: frozenset[Kind] = frozenset(("number", "whole number", "yes or no", "category", "instant"))

_SAID: dict[Kind, str] = {
    "number": "holds numbers",
    "whole number": "holds whole numbers",
    "category": "holds categories",
    "instant": "holds instants",
    "instant without a zone": "holds instants without a zone",
    "date for people": "holds dates that are written for people",
    "text": "is free text",
    "identifier": "names rows, another one in nearly each",
    "constant": "is the same in every row",
    "empty": "is empty in every row",
    "something else": "is of a type that nothing is learnt from",
}

_TAKEN = frozenset(
    ("event", "known", "as_of", "label", "split", "prediction_id", "unit", "prediction", "model", "version", "digest",
     "variant", "endpoint_version", "latency_us", "fallback", "trace_id")
)  # fmt: skip
_TYPES: dict[Kind, FieldType] = {"number": "float", "whole number": "int", "category": "string", "instant": "timestamp"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableColumn:
    """A column: as it was called, as it is called in requests, its kind, and its values in the kind's own type."""

    given: str
    name: str
    kind: Kind
    values: "pa.ChunkedArray[pa.Scalar]"
    missing: int
    distinct: int
    labels: tuple[str, ...] = ()

    def field(self) -> FieldSchema:
        """What a request brings for it: null is allowed where the table has nulls."""
        kind = _TYPES.get(self.kind, "string")
        if self.kind == "yes or no":
            kind = "bool" if pa.types.is_boolean(self.values.type) else "int"
        if kind == "string" and pa.types.is_integer(self.values.type):
            kind = "int"
        doc = "" if self.given == self.name else self.given
        return FieldSchema(name=self.name, type=kind, doc=doc, optional=self.missing > 0, labels=self.labels)

    def column(self) -> Values:
        """The values as models take them: float64 with NaN for null (instants: microseconds), or texts."""
        if pa.types.is_string(self.values.type):
            texts: npt.NDArray[np.object_] = self.values.to_numpy()
            return texts
        values = self.values
        if pa.types.is_timestamp(values.type):
            values = values.cast(pa.int64())
        if pa.types.is_boolean(values.type):
            values = values.cast(pa.int8())
        return values.cast(pa.float64(), safe=False).to_numpy()

    def is_what(self) -> str:
        """Its kind in a sentence that begins with its name."""
        return _SAID.get(self.kind, f"is a column of kind {self.kind!r}")

    def example(self) -> str:
        """A value of it, for people."""
        found = pc.drop_null(self.values)
        return "" if len(found) == 0 else str(found[0].as_py())[:40]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A table with a name for people (its file, or what it is called in the workspace)."""

    source: str
    rows: int
    columns: tuple[TableColumn, ...]

    def named(self, name: str) -> TableColumn:
        """The column that is called so, as it was given or as it is a field. Raises NotFound with the nearest name."""
        for column in self.columns:
            if name in (column.given, column.name):
                return column
        names = [column.given for column in self.columns]
        raise NotFound(f"{self.source} has no column {name!r}.", next_step=did_you_mean(name, names))

    def taken(self, keep: "npt.NDArray[np.bool_]") -> "Table":
        """Only the rows that are marked. Kinds stay what they were."""
        mask = pa.array(keep)
        columns = tuple(
            TableColumn(
                given=one.given, name=one.name, kind=one.kind, values=one.values.filter(mask), missing=one.missing,
                distinct=one.distinct, labels=one.labels,
            )
            for one in self.columns
        )  # fmt: skip
        return Table(source=self.source, rows=int(keep.sum()), columns=columns)


def field_names(given: Sequence[str]) -> list[str]:
    """A name for each column that may stand in requests, files and URLs; each another one."""
    found: list[str] = []
    for place, name in enumerate(given, start=1):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        plain = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] or f"column_{place}"
        plain = plain if plain[0].isalpha() else f"c_{plain}"
        plain = f"{plain}_" if plain in _TAKEN else plain
        again = 2
        while (fresh := plain if again == 2 and plain not in found else f"{plain}_{again}") in found:
            again += 1
        found.append(fresh)
    return found
