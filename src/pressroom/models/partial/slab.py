"""Parts of single rows, side by side in a few arrays, so that a batch of them is gathered at once."""

from collections.abc import Hashable, Sequence
from sys import getsizeof

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
Part = tuple[npt.NDArray[np.generic], ...]
"""What a block's rows come to: arrays whose first axis is the rows."""

_FIRST_ROWS = 256
_KEY_BYTES = 150
"""What a row costs beyond its part and its key's own bytes: its place in the dictionary."""


class Slab:
    """A bounded number of rows of equal shape; the least recently used half goes when there is no room."""

    def __init__(self, key: Hashable, like: Part, most_bytes: int) -> None:
        """Room for rows like those of `like` under keys like `key`, as many as `most_bytes` allows."""
        self._row_bytes = _KEY_BYTES + getsizeof(key) + sum(array[:1].nbytes for array in like)
        self._most = most_bytes // self._row_bytes
        self._arrays: Part = tuple(np.empty((0, *array.shape[1:]), dtype=array.dtype) for array in like)
        self._places: dict[Hashable, int] = {}
        self._used: Places = np.empty(0, dtype=np.int64)
        self._tick = 0

    @property
    def count(self) -> int:
        """Rows held."""
        return len(self._places)

    @property
    def held_bytes(self) -> int:
        """What they take, and the room made for more."""
        return len(self._used) * self._row_bytes

    def find(self, keys: Sequence[Hashable]) -> tuple[Places, Part]:
        """Which of the keys are not here, and arrays of all rows in which those are still to be written."""
        self._tick += 1
        places = np.fromiter((self._places.get(key, -1) for key in keys), dtype=np.int64, count=len(keys))
        missing = np.flatnonzero(places < 0)
        if len(missing) == len(keys):
            return missing, tuple(np.empty((len(keys), *array.shape[1:]), dtype=array.dtype) for array in self._arrays)
        self._used[places[places >= 0]] = self._tick
        # A missing row reads some other row, which the caller overwrites.
        return missing, tuple(np.take(array, places, axis=0, mode="clip") for array in self._arrays)

    def put(self, keys: Sequence[Hashable], part: Part) -> int:
        """Keep these rows, as many as there is room for; how many others were dropped for them."""
        new = [place for place, key in enumerate(keys) if key not in self._places][: self._most]
        if not new:
            return 0
        dropped = self._drop_for(len(new))
        start = self.count
        self._grow(start + len(new))
        self._tick += 1
        self._used[start : start + len(new)] = self._tick
        for held, array in zip(self._arrays, part, strict=True):
            held[start : start + len(new)] = array[new]
        self._places.update((keys[place], start + offset) for offset, place in enumerate(new))
        return dropped

    def _drop_for(self, more: int) -> int:
        count = self.count
        if count + more <= self._most:
            return 0
        stay = min(self._most // 2, self._most - more)
        newest = (
            np.sort(np.argsort(self._used[:count], kind="stable")[count - stay :]) if stay else np.empty(0, np.int64)
        )
        for held in self._arrays:
            held[:stay] = held[newest]
        self._used[:stay] = self._used[newest]
        moved = {int(old): place for place, old in enumerate(newest.tolist())}
        self._places = {key: moved[place] for key, place in self._places.items() if place in moved}
        return count - stay

    def _grow(self, rows: int) -> None:
        if rows <= len(self._used):
            return
        room = min(max(2 * len(self._used), rows, _FIRST_ROWS), max(self._most, rows))
        count = self.count
        grown: list[npt.NDArray[np.generic]] = []
        for held in self._arrays:
            array = np.empty((room, *held.shape[1:]), dtype=held.dtype)
            array[:count] = held[:count]
            grown.append(array)
        self._arrays = tuple(grown)
        used = np.zeros(room, dtype=np.int64)
        used[:count] = self._used[:count]
        self._used = used


def size_of(part: Part) -> int:
    """Bytes of a part."""
    return _KEY_BYTES + sum(array.nbytes for array in part)
