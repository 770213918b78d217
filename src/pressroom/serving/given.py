"""What a request gives: rows as JSON has them, or columns as tensors and Arrow have them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec
import numpy as np

from pressroom.features import Answered, Value
from pressroom.models import Floats, Inputs, Signature, Values, inputs_from_columns, inputs_from_rows
from pressroom.serving.asked_by_entity import AskedByEntity


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a request; each has all fields of the endpoint's rows."""

    rows: Sequence[Mapping[str, Value]]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.rows)

    def as_rows(self) -> Sequence[Mapping[str, Value]]:
        """Itself."""
        return self.rows

    def column(self, name: str) -> Values:
        """A field of all rows."""
        return [row[name] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Block:
    """Number columns that lie side by side: `numbers` has a row for each of `names`, and every one is finite."""

    names: tuple[str, ...]
    numbers: Floats

    def columns(self) -> dict[str, Values]:
        """The columns by name; nothing is copied."""
        return dict(zip(self.names, self.numbers, strict=True))


class Columns(msgspec.Struct, frozen=True):
    """Columns of equal length, one for each field of the endpoint's rows; those of `block` are its rows."""

    columns: Mapping[str, Values]
    count: int
    block: Block | None = None

    def __len__(self) -> int:
        """How many rows."""
        return self.count

    def as_rows(self) -> list[Mapping[str, Value]]:
        """The same by row."""
        lists = [_listed(values) for values in self.columns.values()]
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*lists, strict=True)]

    def column(self, name: str) -> Values:
        """A field of all rows."""
        return self.columns[name]


class OneRow(msgspec.Struct, frozen=True):
    """The usual request: one row, whose numbers are all there and finite; `numbers` has one for each of `names`, and
    `others` are columns of one value. Arrays are made of it once it is known who goes with it.
    """

    names: tuple[str, ...]
    numbers: Sequence[float]
    others: Mapping[str, Values]

    def __len__(self) -> int:
        """One."""
        return 1

    @property
    def columns(self) -> dict[str, Values]:
        """Columns of one value by name."""
        return {**{name: [number] for name, number in zip(self.names, self.numbers, strict=True)}, **self.others}

    @property
    def block(self) -> Block:
        """Its numbers as a block."""
        return _block_of([self])

    def as_rows(self) -> list[Mapping[str, Value]]:
        """The same as a row."""
        others: dict[str, Any] = {name: values[0] for name, values in self.others.items()}
        return [{**dict(zip(self.names, self.numbers, strict=True)), **others}]

    def column(self, name: str) -> Values:
        """A field of the row."""
        return self.others[name] if name in self.others else [self.numbers[self.names.index(name)]]


Given = Rows | Columns | OneRow


class AskedRows:
    """The features of rows, and how old they are: what models answer from where a question asks views."""

    def __init__(self, rows: Sequence[Mapping[str, Value]], answered: Sequence[Answered]) -> None:
        """Rows with their answered questions."""
        self._rows, self._answered = rows, answered

    def inputs(self, signature: Signature, places: Sequence[int] | None) -> Inputs:
        """What a model takes, of the rows at `places` (None: all). Raises SignatureMismatch."""
        answered = self._answered
        chosen = answered if places is None else [answered[place] for place in places]
        return inputs_from_rows(signature, [each.values for each in chosen])

    def column(self, name: str) -> Values:
        """A feature or a field of the rows."""
        return [
            answered.values[name] if name in answered.values else row[name]
            for row, answered in zip(self._rows, self._answered, strict=True)
        ]

    def row(self, place: int) -> Mapping[str, Value]:
        """What was given."""
        return self._rows[place]

    def answered(self, place: int) -> Answered:
        """The features of a row."""
        return self._answered[place]

    def ages_s(self, place: int) -> Mapping[str, float | None]:
        """How old the newest fact behind each feature of a row is."""
        return self._answered[place].ages_s

    def encoded_ages(self, places: Sequence[int], encode: Callable[[object], bytes]) -> list[bytes]:
        """The ages of some rows as JSON objects."""
        return [encode(self._answered[place].ages_s) for place in places]

    def stale(self, limit_s: float) -> Iterator[tuple[int, str]]:
        """The rows that have a feature whose newest fact is older than `limit_s`, with the first such feature."""
        for place, answered in enumerate(self._answered):
            for name, age_s in answered.ages_s.items():
                if age_s is not None and age_s > limit_s:
                    yield place, name
                    break


class AskedColumns:
    """The same where a question asks no view: the request's own columns are all there is."""

    def __init__(self, given: Columns) -> None:
        """What requests gave, as one."""
        self._columns = given.columns
        self.block = given.block

    def inputs(self, signature: Signature, places: Sequence[int] | None) -> Inputs:
        """What a model takes, of the rows at `places` (None: all). Raises SignatureMismatch."""
        if places is None:
            finite = frozenset(() if self.block is None else self.block.names)
            return inputs_from_columns(signature, self._columns, finite=finite)
        wanted = {name: self._columns[name] for name in signature.names() if name in self._columns}
        return inputs_from_columns(
            signature, {name: [values[place] for place in places] for name, values in wanted.items()}
        )

    def column(self, name: str) -> Values:
        """A field of the rows."""
        return self._columns[name]

    def row(self, place: int) -> Mapping[str, Value]:
        """What was given."""
        return {name: _listed(values[place : place + 1])[0] for name, values in self._columns.items()}

    def answered(self, place: int) -> Answered:
        """The fields of a row; none has an age."""
        return Answered(values=dict(self.row(place)), ages_s={})

    def ages_s(self, place: int) -> Mapping[str, float | None]:
        """Nothing that a request brings along has an age."""
        return {}

    def encoded_ages(self, places: Sequence[int], encode: Callable[[object], bytes]) -> list[bytes]:
        """The ages of some rows as JSON objects."""
        return [encode({})] * len(places)

    def stale(self, limit_s: float) -> Iterator[tuple[int, str]]:
        """Nothing that a request brings along is old."""
        return iter(())


Asked = AskedRows | AskedColumns | AskedByEntity


def joined(names: Sequence[str], given: Sequence[Given]) -> Columns:
    """What several requests gave, one after the other."""
    if len(given) == 1 and isinstance(given[0], Columns):
        return given[0]
    single = [part for part in given if isinstance(part, OneRow)]
    if len(single) == len(given):
        block = _block_of(single)
    else:
        block = one_block([None if isinstance(part, Rows) else part.block for part in given])
    columns: dict[str, Values] = {} if block is None else block.columns()
    for name in names:
        if name not in columns:
            columns[name] = _one_column([part.column(name) for part in given])
    return Columns(columns, sum(map(len, given)), block)


def one_block(parts: Sequence[Block | None]) -> Block | None:
    """Blocks of the same columns, one after the other; None where some part has none, or another's."""
    blocks = [part for part in parts if part is not None]
    if not blocks or len(blocks) < len(parts) or any(block.names != blocks[0].names for block in blocks):
        return None
    return Block(blocks[0].names, np.concatenate([block.numbers for block in blocks], axis=1))


def _block_of(rows: Sequence[OneRow]) -> Block:
    """The numbers of requests to one endpoint: they are the same ones in each."""
    numbers = np.array([row.numbers for row in rows], dtype=np.float64)
    return Block(rows[0].names, np.ascontiguousarray(numbers.T))


def _one_column(parts: Sequence[Values]) -> Values:
    kinds = set(map(type, parts))
    if kinds == {list}:
        return [*chain.from_iterable(parts)]
    if kinds == {np.ndarray}:
        return np.concatenate([part for part in parts if isinstance(part, np.ndarray)])
    return [*chain.from_iterable(map(_listed, parts))]


def _listed(values: Values) -> Sequence[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else values
