"""Facts about one entity on their way into an online store, as if time went by again."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import INSTANT, UNTIL
from pressroom.features.arrivals import packed_rows
from pressroom.features.kernel.timeline import integers
from pressroom.features.rebuild import rebuilt
from pressroom.features.stream import Stream
from pressroom.ports import Keys
from pressroom.values import Instant


class Arriving:
    """One entity's facts of one stream, in the order of `seq`, of which more and more are known.

    Facts that became known in the order in which they were appended arrive one after the other, as they did. Where they
    did not, or where some turned out wrong, the row is made anew from what was known.
    """

    def __init__(self, stream: Stream, entity: str, facts: pa.Table) -> None:
        """Nothing has arrived yet."""
        self._stream, self._facts = stream, facts
        self._key = stream.prefix + entity.encode()
        self._known = integers(facts.column("known"))
        self._taken = 0
        wrong = UNTIL in facts.column_names and facts.column(UNTIL).null_count < facts.num_rows
        self._as_appended = not wrong and bool((np.diff(self._known) >= 0).all())

    def arrive(self, by: Instant, scratch: Keys) -> None:
        """Put the entity's row into `scratch` as it is when all that is known by an instant has arrived, and no more;
        from one call to the next the instant does not go back.
        """
        if not self._as_appended:
            scratch.delete_many([self._key])
            scratch.put_many(rebuilt(self._stream, self._known_by(by), by))
            return
        end = int(np.searchsorted(self._known, by, side="right"))
        if end > self._taken:
            new = self._facts.slice(self._taken, end - self._taken)
            scratch.put_many(packed_rows(self._stream, new, scratch, by))
            self._taken = end

    def _known_by(self, by: Instant) -> pa.Table:
        """The history as it was then: nobody knew yet what would turn out wrong later."""
        instant = pa.scalar(by, pa.int64()).cast(INSTANT)
        facts = self._facts.filter(pa.array(self._known <= by))
        if UNTIL not in facts.column_names:
            return facts
        until = facts.column(UNTIL)
        place = facts.column_names.index(UNTIL)
        return facts.set_column(
            place, UNTIL, pc.if_else(pc.less_equal(until, instant), until, pa.scalar(None, INSTANT))
        )
