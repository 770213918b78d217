"""Rows of one block: values that can't change any more, under a digest that stands for them."""

from collections.abc import Sequence

import numpy as np

from pressroom.models.errors import SignatureMismatch
from pressroom.models.signature import Column, Floats, Inputs, count_rows
from pressroom.values import Digest, digest_parts


class Rows:
    """The inputs of one block for some rows: one of a request, all of a catalogue.

    Kept rows (`Rows.keep`) are a copy that nobody can write to, and have a digest: what was computed from them can be
    found again by it, and nothing else can. Rows that only pass by (`Rows.passing`) are not copied and have none.
    `numbers` is (rows, number inputs), `texts` holds the string inputs.
    """

    __slots__ = ("count", "digest", "names", "number_names", "numbers", "texts")

    def __init__(
        self, names: tuple[str, ...], numbers: Floats, texts: dict[str, Column], digest: Digest | None
    ) -> None:
        """Use `keep` or `passing`."""
        self.names = names
        self.number_names = tuple(name for name in names if name not in texts)
        self.numbers = numbers
        self.texts = texts
        self.digest = digest
        self.count = len(numbers)

    @classmethod
    def keep(cls, inputs: Inputs) -> "Rows":
        """A copy of these columns with its digest, which costs about a nanosecond a byte, once."""
        numbers, texts = _split(inputs)
        # Memory that belongs to a bytes value can't be made writable again. Columns are contiguous in it.
        raw = np.ascontiguousarray(numbers.T).tobytes()
        kept = np.frombuffer(raw, dtype=np.float64).reshape(numbers.shape[1], len(numbers)).T
        parts: list[str | bytes] = [f"{len(numbers)}", "\0".join(inputs), raw]
        for name, column in texts.items():
            parts.append(name)
            parts.extend("n" if value is None else f"t{value}" for value in column.tolist())
        frozen = {name: column.copy() for name, column in texts.items()}
        for column in frozen.values():
            column.flags.writeable = False
        return cls(tuple(inputs), kept, frozen, digest_parts(parts))

    @classmethod
    def passing(cls, inputs: Inputs) -> "Rows":
        """These columns, for one call."""
        numbers, texts = _split(inputs)
        return cls(tuple(inputs), numbers, texts, None)

    @classmethod
    def of_matrix(cls, names: Sequence[str], numbers: Floats) -> "Rows":
        """A matrix (rows, inputs), for one call; not copied. Refuses another number of columns than names."""
        if numbers.ndim != 2 or numbers.shape[1] != len(names):
            raise SignatureMismatch(
                f"A matrix of shape {numbers.shape} does not hold {len(names)} inputs.",
                next_step=f"Give a column for each of {', '.join(names)}.",
            )
        return cls(tuple(names), numbers, {}, None)

    def keys(self) -> list[object]:
        """A value for each row that is equal to another row's exactly where all its inputs are, bit for bit."""
        flat = np.ascontiguousarray(self.numbers)
        numbers = flat.view(f"V{max(flat.shape[1] * 8, 1)}").ravel().tolist() if flat.shape[1] else [b""] * self.count
        if not self.texts:
            return list(numbers)
        return list(zip(numbers, *(column.tolist() for column in self.texts.values()), strict=True))

    def take(self, places: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> "Rows":
        """The rows at `places`, for one call."""
        texts: dict[str, Column] = {name: column[places] for name, column in self.texts.items()}
        return Rows(self.names, self.numbers[places], texts, None)

    def constant(self) -> bool:
        """Whether all rows are the same, bit for bit; also true of one row. Cheap where they are not."""
        if self.count < 2:
            return True
        bits = self.numbers.view(np.int64)
        for place in range(bits.shape[1]):
            column = bits[:, place]
            if column[0] != column[-1] or (column != column[0]).any():
                return False
        return all(_same(column) for column in self.texts.values())

    def inputs(self) -> Inputs:
        """The columns by name."""
        numbers: dict[str, Column] = {name: self.numbers[:, place] for place, name in enumerate(self.number_names)}
        return {name: self.texts[name] if name in self.texts else numbers[name] for name in self.names}


def _split(inputs: Inputs) -> tuple[Floats, dict[str, Column]]:
    count = count_rows(inputs)
    texts: dict[str, Column] = {}
    numbers: list[Column] = []
    for name, column in inputs.items():
        if len(column) != count:
            raise SignatureMismatch(
                f"The input {name!r} has {len(column)} rows, and others have {count}.",
                next_step="Give columns of equal length.",
            )
        if column.dtype == np.object_:
            texts[name] = column
        else:
            numbers.append(column)
    # One column a line, so that each is contiguous; seen from outside it is (rows, inputs).
    block = np.empty((len(numbers), count), dtype=np.float64)
    for place, column in enumerate(numbers):
        block[place] = column
    return block.T, texts


def _same(column: Column) -> bool:
    values = column.tolist()
    return values.count(values[0]) == len(values)
