"""What the features of `visits.py` are by their definition, in plain Python that imports nothing of Pressroom."""

import math
import statistics
import struct
import sys
from bisect import bisect_left
from collections import Counter
from fractions import Fraction

import xxhash
from datasketches import hll_sketch, hll_union, tgt_hll_type

MINUTE = 60_000_000
HOUR = 60 * MINUTE
GROWTH = 1.01 / 0.99


class Believed:
    """The visits and moves about somebody that are believed at `t`, in the order of (event, known, number)."""

    def __init__(self, rows, t):
        seen = [row for row in rows if row["known"] <= t and (row["until"] is None or t < row["until"])]
        self.rows = sorted(seen, key=lambda row: (row["event"], row["known"], row["number"]))
        self.t = t

    def where(self, holds):
        return Believed([row for row in self.rows if holds(row)], self.t)

    def within(self, window, hop=1):
        start = (self.t - window) // hop * hop
        return [row for row in self.rows if start <= row["event"] < self.t]

    def values(self, name, window, hop=1):
        return [row[name] for row in self.within(window, hop) if row[name] is not None]

    def numbers(self, name, window, hop=1):
        return [float(value) for value in self.values(name, window, hop)]

    def newest(self, ttl=None):
        past = [row for row in self.rows if row["event"] <= self.t]
        return past[-1] if past and (ttl is None or self.t - past[-1]["event"] <= ttl) else None

    def last(self, name, ttl=None):
        row = self.newest(ttl)
        return row and row[name]

    def age(self, ttl=None):
        row = self.newest(ttl)
        return row and (self.t - row["event"]) / 1e6


def total(numbers):
    if not numbers:
        return None
    strange = {str(number): number for number in numbers if not math.isfinite(number)}
    if strange:
        return next(iter(strange.values())) if len(strange) == 1 else math.nan
    exact = sum(map(Fraction, numbers), Fraction(0))
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def mean(numbers):
    return total(numbers) / len(numbers) if numbers else None


def std(numbers):
    if len(numbers) < 2:
        return None
    if not all(map(math.isfinite, numbers)):
        return math.nan
    try:
        return statistics.stdev(numbers)
    except OverflowError:
        return math.inf


def ranked(numbers, q):
    """The value of rank ceil(q n); NaN if there is any."""
    if not numbers or any(map(math.isnan, numbers)):
        return math.nan if numbers else None
    return sorted(numbers)[max(math.ceil(q * len(numbers)), 1) - 1]


def fading(visits, half_life, window):
    rows = [row for row in visits.within(window) if row["spent"] is not None]
    weights = [2.0 ** -((visits.t - row["event"]) / half_life) for row in rows]
    return total([w * row["spent"] for w, row in zip(weights, rows, strict=True)]) / total(weights) if rows else None


def distinct(values):
    return len({"NaN" if value != value else value for value in values})


def most_frequent(values, k):
    often = Counter(values)
    return sorted(often, key=lambda value: (-often[value], value))[:k]


def approx_distinct(values):
    sketch = hll_sketch(11, tgt_hll_type.HLL_8)
    for value in values:
        if isinstance(value, str):
            word = xxhash.xxh3_64_digest(value.encode())
        else:
            word = struct.pack(">d", math.nan if math.isnan(value) else value + 0.0)
        sketch.update(value if isinstance(value, int) else int.from_bytes(word, "big", signed=True))
    union = hll_union(11)
    for _ in range(3):
        union.update(sketch)
        sketch = union.get_result(tgt_hll_type.HLL_8)
    return round(sketch.get_estimate())


def _bounds():
    """1, multiplied and divided by the growth again and again: the bounds of the buckets of positive numbers."""
    up, down = [1.0], [1.0]
    while up[-1] * GROWTH <= sys.float_info.max:
        up.append(up[-1] * GROWTH)
    while down[-1] >= sys.float_info.min:
        down.append(down[-1] / GROWTH)
    return [*reversed(down[1:]), *up]


BOUNDS = _bounds()


def approx_quantile(numbers, q):
    number = ranked(numbers, q)
    if number is None or not math.isfinite(number):
        return number
    if abs(number) < sys.float_info.min:
        return 0.0
    lower = BOUNDS[bisect_left(BOUNDS, abs(number)) - 1]
    return math.copysign(min(lower * (2 * GROWTH / (GROWTH + 1)), sys.float_info.max), number)


def habit(v):
    calm = v.where(lambda row: row["mood"] == "calm")
    dear = v.where(lambda row: row["spent"] is not None and row["spent"] > 1.0 and row["dish"] is not None)
    plates = v.numbers("plates", 3 * HOUR)
    earliest = v.within(3 * HOUR)[:1]
    spent, n_3h = total(v.numbers("spent", 2 * HOUR)), len(v.within(3 * HOUR))
    return {
        "n_1h": len(v.within(HOUR)),
        "n_3h": n_3h,
        "calm": len(calm.within(3 * HOUR)),
        "calm_spent": calm.last("spent", 2 * HOUR),
        "dear": total(dear.numbers("spent", 3 * HOUR)),
        "spent": spent,
        "mean": mean(v.numbers("spent", 3 * HOUR)),
        "std": std(v.numbers("spent", 5 * HOUR)),
        "least": min(v.values("plates", 3 * HOUR)) if plates else None,
        "most": ranked(v.numbers("spent", HOUR), 1.0),
        "first": earliest[0]["dish"] if earliest else None,
        "dish": v.last("dish"),
        "fresh": v.last("spent", 90 * MINUTE),
        "taste": v.last("taste", 4 * HOUR),
        "happy": v.last("happy"),
        "age": v.age(),
        "fresh_age": v.age(2 * HOUR),
        "dishes": distinct(v.values("dish", 3 * HOUR)),
        "amounts": distinct(v.values("spent", HOUR)),
        "half": ranked(v.numbers("spent", 3 * HOUR), 0.5),
        "fading": fading(v, 40 * MINUTE, 5 * HOUR),
        "newest": v.values("dish", 3 * HOUR)[::-1][:2],
        "often": most_frequent(v.values("dish", 5 * HOUR), 2),
        "usual": most_frequent(v.values("plates", 5 * HOUR), 2),
        "per_visit": None if spent is None else spent / max(n_3h, 1),
    }


def rough(v):
    five, hour = 5 * MINUTE, HOUR
    return {
        "dishes": approx_distinct(v.values("dish", 3 * HOUR, five)),
        "plates": approx_distinct(v.values("plates", 13 * HOUR, hour)),
        "amounts": approx_distinct(v.values("spent", 3 * HOUR, five)),
        "half": approx_quantile(v.numbers("spent", 3 * HOUR, five), 0.5),
        "high": approx_quantile(v.numbers("plates", 13 * HOUR, hour), 0.9),
    }


def pair(v):
    return {
        "n": len(v.within(3 * HOUR)),
        "spent": total(v.numbers("spent", 3 * HOUR)),
        "last": v.last("dish", 2 * HOUR),
        "moods": distinct(v.values("mood", 3 * HOUR)),
    }


def spot(v):
    return {
        "n": len(v.within(3 * HOUR)),
        "spent": mean(v.numbers("spent", 2 * HOUR)),
        "dishes": most_frequent(v.values("dish", 3 * HOUR), 1),
        "guests": approx_distinct(v.values("guest", HOUR, 5 * MINUTE)),
    }


def either(one, other):
    return True if True in (one, other) else None if None in (one, other) else False


def above(left, right):
    return None if left is None or right is None else left > right


VIEWS = {"habit": habit, "rough": rough, "pair": pair, "spot": spot, "home": spot}


def answers(visits, moves, asked):
    """All features of a row (`as_of`, `guest`, `place`, `price`) from all that was told so far, by name."""
    t, guest, place = asked["as_of"], asked["guest"], asked["place"]

    def about(rows, **key):
        return Believed([row for row in rows if all(row[k] == v for k, v in key.items())], t)

    home = None if guest is None else about(moves, guest=guest).last("home", 4 * HOUR)
    whom = {
        "habit": {"guest": guest},
        "rough": {"guest": guest},
        "pair": {"guest": guest, "place": place},
        "spot": {"place": place},
        "home": {"place": home},
    }
    found = {}
    for name, of in VIEWS.items():
        unknown = None in whom[name].values()
        values = dict.fromkeys(of(Believed([], t))) if unknown else of(about(visits, **whom[name]))
        found.update({f"{name}.{feature}": value for feature, value in values.items()})
    most = None if place is None else ranked(about(visits, place=place).numbers("spent", 3 * HOUR), 1.0)
    usual = found["habit.mean"]
    found["too_dear"] = either(above(asked["price"], None if usual is None else 2 * usual), above(asked["price"], most))
    return found
