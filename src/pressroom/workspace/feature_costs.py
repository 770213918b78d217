"""What features cost: the bytes that are kept of them online, and the time in which facts become them; and who reads.

A view's bytes are shared among its features, and so is generation among views, in proportion to their bytes: what is
asked of a packed row can't be told apart by feature.
"""

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pressroom.costs import GIB, PriceBook, Usage
from pressroom.facts import Facts
from pressroom.features import Uses, View, stored_bytes, uses_of
from pressroom.ports import Clock, Keys, Records, VersionConflict
from pressroom.values import MICROSECONDS, from_document, to_document

_KIND = "generation"
_DAY_US = 86_400 * MICROSECONDS
_DAYS = 30
_NOBODY = Uses(owners=(), whats=(), last=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCost:
    """What a feature costs in thirty days, and its readers: the training sets and endpoints that use it, and whose."""

    feature: str
    owner: str
    stored_bytes: int
    storage_usd: float
    generation_usd: float
    readers: tuple[str, ...]
    used_by: tuple[str, ...]

    def usd(self) -> float:
        """Both together."""
        return self.storage_usd + self.generation_usd


class Generation:
    """Counts the CPU seconds in which facts become features, by day, for all processes of a workspace."""

    def __init__(self, *, records: Records, clock: Clock) -> None:
        """Keep what was counted in `records`, when it is flushed."""
        self._records = records
        self._clock = clock
        self._cpu_s = 0.0

    @contextmanager
    def counted(self) -> Generator[None]:
        """Count a block of this thread."""
        began = time.thread_time()
        try:
            yield
        finally:
            self._cpu_s += time.thread_time() - began

    def flush(self) -> None:
        """Write down what was counted, if it is worth it; where somebody else just has, it waits for the next time."""
        if self._cpu_s < 0.001:
            return
        day = str(self._clock.now() // _DAY_US)
        record = self._records.get(_KIND, day)
        before = from_document(record.document, float) if record else 0.0
        with suppress(VersionConflict):
            self._records.put(_KIND, day, to_document(before + self._cpu_s), seen=record.version if record else 0)
            self._cpu_s = 0.0

    def cpu_s(self) -> float:
        """What was written down of the last thirty days."""
        oldest = self._clock.now() // _DAY_US - _DAYS
        found = self._records.query(_KIND)
        return sum(from_document(record.document, float) for record in found if int(record.key) > oldest)


def feature_costs(
    views: Sequence[View], *, keys: Keys, facts: Facts, cpu_s: float, book: PriceBook
) -> list[FeatureCost]:
    """What each feature costs; those that nobody reads first, then the most expensive."""
    sizes = {view.name: stored_bytes(view, keys) for view in views}
    whole = sum(sizes.values())
    uses = uses_of(facts)
    generation_usd = book.price(Usage(cpu_s=cpu_s)).usd
    found: list[FeatureCost] = []
    for view in views:
        names = view.names()
        for name in names:
            use = uses.get((view.name, name), _NOBODY)
            size = sizes[view.name] // len(names)
            found.append(
                FeatureCost(
                    feature=f"{view.name}.{name}",
                    owner=view.owner,
                    stored_bytes=size,
                    storage_usd=size / GIB * book.usd_per_gib_month,
                    generation_usd=generation_usd * size / whole if whole else 0.0,
                    readers=use.whats,
                    used_by=use.owners,
                )
            )
    return sorted(found, key=lambda each: (bool(each.readers), -each.usd(), -each.stored_bytes, each.feature))
