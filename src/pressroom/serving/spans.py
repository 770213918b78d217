"""Columns that are known by fewer values than they have rows: each is worked out where somebody looks at it."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain, repeat
from typing import Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt

Each = TypeVar("Each")


class Spans(Sequence[Each], Generic[Each]):
    """A column whose values stay the same over spans of rows: `values[k]` for the next `counts[k]` rows."""

    __slots__ = ("counts", "values")

    def __init__(self, values: Sequence[Each], counts: Sequence[int]) -> None:
        """As many counts as values."""
        self.values, self.counts = values, counts

    def __len__(self) -> int:
        """How many rows."""
        return sum(self.counts)

    @overload
    def __getitem__(self, place: int) -> Each: ...

    @overload
    def __getitem__(self, place: slice) -> list[Each]: ...

    def __getitem__(self, place: int | slice) -> Each | list[Each]:
        """The value of a row, or of some."""
        if isinstance(place, slice):
            return self.listed()[place]
        return self.values[bisect_right([*accumulate(self.counts)], range(len(self))[place])]

    def listed(self) -> list[Each]:
        """The value of every row."""
        return [*chain.from_iterable(map(repeat, self.values, self.counts))]


class Ids(Sequence[str]):
    """The names of some answers: 16 hexadecimal digits that they have in common, and 16 that count them."""

    __slots__ = ("_count", "first", "prefix")

    def __init__(self, prefix: str, first: int, count: int) -> None:
        """`count` names from number `first` on."""
        self.prefix, self.first, self._count = prefix, first, count

    def __len__(self) -> int:
        """How many."""
        return self._count

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        """One name, or some."""
        if isinstance(place, slice):
            prefix = self.prefix
            return [f"{prefix}{number:016x}" for number in range(self.first, self.first + self._count)[place]]
        return f"{self.prefix}{range(self.first, self.first + self._count)[place]:016x}"


_DIGITS = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def spelled(ids: Sequence[Ids]) -> npt.NDArray[np.uint8]:
    """The names of several answers as ASCII, (names, 32)."""
    counts = [len(each) for each in ids]
    total = sum(counts)
    letters = np.empty((total, 32), dtype=np.uint8)
    prefixes = np.frombuffer("".join(each.prefix for each in ids).encode("ascii"), dtype=np.uint8).reshape(len(ids), 16)
    letters[:, :16] = np.repeat(prefixes, counts, axis=0)
    starts = np.cumsum(counts) - counts
    firsts = np.array([each.first for each in ids], dtype=np.int64) - starts
    numbers = np.arange(total, dtype=np.int64) + np.repeat(firsts, counts)
    halves = numbers.astype(">i8").view(np.uint8).reshape(total, 8)
    letters[:, 16::2] = _DIGITS[halves >> 4]
    letters[:, 17::2] = _DIGITS[halves & 15]
    return letters
