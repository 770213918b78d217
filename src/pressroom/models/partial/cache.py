"""Parts that were computed before, under the weights and the values that they were computed from.

A key holds the digest of the model, the block, and the inputs' own values (or their digest). Other weights or another
value are another key, so there is nothing that could be stale and nothing that has to be invalidated.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from pressroom.models.partial.slab import Part, Places, Slab, size_of
from pressroom.values import InvalidInput

Compute = Callable[[Places], Part]
"""Parts of the rows at these places."""

_SHARE_OF_A_SLAB = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheCounts:
    """Since the cache was made: rows (or kept blocks) found and not found, and what was dropped for room.

    `held_bytes` is what the parts take now, `most_bytes` what they may take.
    """

    hits: int
    misses: int
    dropped: int
    held_bytes: int
    most_bytes: int


class PartialCache:
    """What is least recently used goes first. Safe to use from several threads; parts are computed outside the lock."""

    def __init__(self, most_bytes: int = 256 * 2**20) -> None:
        """Room for `most_bytes` of parts; 0 remembers nothing, which changes no answer."""
        if most_bytes < 0:
            raise InvalidInput(f"A cache can't hold {most_bytes} bytes.", next_step="Give 0 or more.")
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._wholes: OrderedDict[Hashable, Part] = OrderedDict()
        self._slabs: OrderedDict[Hashable, Slab] = OrderedDict()
        self._hits = self._misses = self._dropped = self._held = 0

    def whole(self, key: Hashable, compute: Callable[[], Part]) -> Part:
        """The part kept under `key`, or computed and kept."""
        with self._lock:
            found = self._wholes.get(key)
            if found is not None:
                self._wholes.move_to_end(key)
                self._hits += 1
                return found
            self._misses += 1
        part = compute()
        for array in part:
            array.flags.writeable = False
        with self._lock:
            if size_of(part) <= self._most_bytes and key not in self._wholes:
                self._wholes[key] = part
                self._held += size_of(part)
                self._make_room(key)
        return part

    def rows(self, name: Hashable, keys: Sequence[Hashable], compute: Compute) -> Part:
        """The parts of rows with these keys, in order; `compute` is asked for those that are not here, each once, or
        for all where there is no room at all.
        """
        if not self._most_bytes:
            with self._lock:
                self._misses += len(keys)
            return compute(np.arange(len(keys)))
        distinct = list(dict.fromkeys(keys))
        if len(distinct) < len(keys):
            first = {key: place for place, key in reversed(list(enumerate(keys)))}
            origin = np.array([first[key] for key in distinct], dtype=np.int64)
            order = {key: place for place, key in enumerate(distinct)}
            spread = np.array([order[key] for key in keys], dtype=np.int64)
            part = self._distinct(name, distinct, lambda places: compute(origin[places]))
            return tuple(array[spread] for array in part)
        return self._distinct(name, keys, compute)

    def counts(self) -> CacheCounts:
        """What it did so far."""
        with self._lock:
            return CacheCounts(
                hits=self._hits,
                misses=self._misses,
                dropped=self._dropped,
                held_bytes=self._held,
                most_bytes=self._most_bytes,
            )

    def _distinct(self, name: Hashable, keys: Sequence[Hashable], compute: Compute) -> Part:
        with self._lock:
            slab = self._slabs.get(name)
            if slab is None:
                missing, found = np.arange(len(keys)), None
            else:
                self._slabs.move_to_end(name)
                missing, found = slab.find(keys)
            self._hits += len(keys) - len(missing)
            self._misses += len(missing)
        if found is not None and not len(missing):
            return found
        fresh = compute(missing)
        with self._lock:
            self._put(name, [keys[place] for place in missing.tolist()], fresh)
        if found is None:
            return fresh
        for array, new in zip(found, fresh, strict=True):
            array[missing] = new
        return found

    def _put(self, name: Hashable, keys: Sequence[Hashable], part: Part) -> None:
        slab = self._slabs.get(name)
        if slab is None:
            slab = Slab(keys[0], part, self._most_bytes // _SHARE_OF_A_SLAB)
            self._slabs[name] = slab
        before = slab.held_bytes
        self._dropped += slab.put(keys, part)
        self._held += slab.held_bytes - before
        self._make_room(name)

    def _make_room(self, newest: Hashable) -> None:
        """Drop kept blocks and then whole slabs, oldest first, but not what was just put."""
        while self._held > self._most_bytes and self._wholes and next(iter(self._wholes)) != newest:
            _, part = self._wholes.popitem(last=False)
            self._held -= size_of(part)
            self._dropped += 1
        while self._held > self._most_bytes and self._slabs:
            _, slab = self._slabs.popitem(last=False)
            self._held -= slab.held_bytes
            self._dropped += slab.count
