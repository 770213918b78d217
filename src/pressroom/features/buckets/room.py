"""Room: how much memory an answer takes, and into how many buckets it is dealt so that it takes less."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from pressroom.facts import ARROW
from pressroom.features.buckets.layout import Dealt, Group
from pressroom.values import FactSchema

_FACT_BYTES, _ROW_BYTES, _ANSWER_BYTES = 150, 200, 20
"""What the kernel takes for a fact (sorting, searching, running sums), a row that asks, a feature of it: measured."""
_TEXT_BYTES, _NUMBER_BYTES = 60, 8
_MOST_FILES = 512
"""Open at the same time: systems allow 1,024."""
_MOST_BLOCK_ROWS, _BLOCK_CELLS = 1 << 18, 1 << 23


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What may be used in all, and by the library itself before anything is read."""

    limit_bytes: int = 4_000_000_000
    own_bytes: int = 300_000_000

    def fits(self, groups: Iterable[Group], facts: Mapping[str, int], rows: int) -> bool:
        """Whether an answer fits as a whole. `facts` are counts by name; answers and facts are held for all groups."""
        together = list(groups)
        dealt = {one.name(): one for group in together for one in group.facts}
        held = sum(facts[one.fact.name] * _columns_bytes(one) for one in dealt.values())
        width = sum(group.width() for group in together)
        largest = max((bytes_of(group, facts, rows) for group in together), default=0)
        return self.own_bytes + held + largest + 2 * rows * width * _ANSWER_BYTES <= self.limit_bytes

    def buckets(self, groups: Iterable[Group], facts: Mapping[str, int], rows: int, *, slots: int) -> int:
        """The least power of two with which every bucket takes a quarter of its worker's share; at most as many as
        files of all keys may be open.
        """
        together = list(groups)
        share = max((self.limit_bytes - self.own_bytes) // (4 * slots), 1)
        largest = max((bytes_of(group, facts, rows) for group in together), default=0)
        most = _MOST_FILES // max(len(together), 1)
        return min(1 << (-(-largest // share) - 1).bit_length(), 1 << (most.bit_length() - 1))


def bytes_of(group: Group, facts: Mapping[str, int], rows: int) -> int:
    """What answering a group at once takes."""
    of_facts = sum(facts[one.fact.name] * (_FACT_BYTES + _columns_bytes(one)) for one in group.facts)
    return of_facts + rows * (_ROW_BYTES + _TEXT_BYTES + _ANSWER_BYTES * group.width())


def block_rows(columns: int) -> int:
    """Rows of a block of the answer: fewer where there are many columns. It depends on nothing else, so that an answer
    is the same bytes however it was made.
    """
    return max(min(_MOST_BLOCK_ROWS, _BLOCK_CELLS // max(columns, 1)), 1_024)


def _columns_bytes(dealt: Dealt) -> int:
    kinds = (_type(dealt.fact, name) for name in dealt.columns)
    return sum(_NUMBER_BYTES if pa.types.is_primitive(kind) else _TEXT_BYTES for kind in kinds)


def _type(fact: FactSchema, name: str) -> pa.DataType:
    field = fact.field(name)
    return pa.int64() if field is None else ARROW[field.type]
