"""The head of a packed row: what stands before its records."""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pressroom.features.stream import NULLS
from pressroom.values import Instant

Records = npt.NDArray[Any]
HEAD = struct.Struct("<qqqQ")
"""The numbers of `Head`, in their order."""
RECORD = struct.Struct("<qqqQ")
"""How a record starts: event, known, seq, nulls."""
OVERFULL = 1 << 62
"""An `exact_from` that never comes: the row's heap grew too large, and it holds nothing any more."""
_ALWAYS = -(1 << 62)


@dataclass(slots=True, kw_only=True)
class Head:
    """What stands before the records. `visible_from`: when all of them are; `nulls`: the bits of all together."""

    applied_seq: int = -1
    exact_from: int = _ALWAYS
    visible_from: int = _ALWAYS
    nulls: int = 0

    @staticmethod
    def of(data: bytes | None) -> "Head":
        """The head of a packed row, or of one that is not there yet."""
        if data is None:
            return Head()
        applied_seq, exact_from, visible_from, nulls = HEAD.unpack_from(data)
        return Head(applied_seq=applied_seq, exact_from=exact_from, visible_from=visible_from, nulls=nulls)

    def before(self, body: bytes) -> bytes:
        """The packed row with this head and these records."""
        return HEAD.pack(self.applied_seq, self.exact_from, self.visible_from, self.nulls) + body

    def note(self, new: Records, added: bytes) -> Instant:
        """Write what it says of new records (`added` are their bytes), and say when they were all visible."""
        if len(new) == 1:
            event, known, seq, nulls = RECORD.unpack_from(added)
            latest = max(event, known)
        else:
            seq, nulls = int(new["seq"].max()), int(np.bitwise_or.reduce(new[NULLS]))
            latest = int(np.maximum(new["event"], new["known"]).max())
        self.applied_seq = max(self.applied_seq, seq)
        self.visible_from = max(self.visible_from, latest)
        self.nulls |= nulls
        return latest


def in_order(records: Records) -> Records:
    """By (event, known, seq)."""
    return records[np.lexsort((records["seq"], records["known"], records["event"]))]
