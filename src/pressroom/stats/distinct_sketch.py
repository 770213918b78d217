"""How many different values there are, about: HyperLogLog, by the library `datasketches`.

Flajolet, Fusy, Gandouet, Meunier: HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm, AofA
2007. Values come as 64-bit whole numbers that identify them. With 2 ** 11 registers the relative standard error is
1.04 / sqrt(2048) = 2.3 %; up to 192 different values, all of which are kept, it is next to nothing.

An answer depends on the set of values alone: not on their order, how often they came, or how they were split among
sketches. The library's own estimate of one sketch does depend on the order; that of a union does not, because what it
goes by is then the registers alone. So every answer is that of a union.
"""

from collections.abc import Iterable, Sequence

from datasketches import hll_sketch, hll_union, tgt_hll_type

LG_REGISTERS = 11
_STORED, _READ = tgt_hll_type.HLL_4, tgt_hll_type.HLL_8


def sketch_distinct(identities: Iterable[int], onto: bytes | None = None) -> bytes:
    """A sketch of these values and of those in the sketch `onto`: at most about 1,100 bytes."""
    sketch = hll_sketch(LG_REGISTERS, _STORED) if onto is None else hll_sketch.deserialize(onto)
    for identity in identities:
        sketch.update(identity)
    return sketch.serialize_compact()


def count_sketched(identities: Iterable[int], sketches: Sequence[bytes] = ()) -> int:
    """About how many different values there are among these and those in some sketches."""
    own = hll_sketch(LG_REGISTERS, _READ)
    for identity in identities:
        own.update(identity)
    union = hll_union(LG_REGISTERS)
    union.update(own)
    for sketch in sketches:
        union.update(hll_sketch.deserialize(sketch))
    # Once more onto itself: that adds no value, and marks the registers as those of a union.
    union.update(union.get_result(_READ))
    return round(union.get_result(_READ).get_estimate())
