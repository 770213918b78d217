"""However many buckets, in whatever order they are answered, from log or table: the same bytes as in memory."""

from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.rides import MEMBERS, QUESTION, Ride, instants, rides

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.memory.scratch import MemoryScratch
from pressroom.backends.memory.workers import OwnProcess
from pressroom.facts import INSTANT
from pressroom.features import Asking, Features, LabelAsked, LargerThanMemory, Memory, spine
from pressroom.features.buckets.dealing import NOBODY, buckets_of_keys
from pressroom.values import parse_instant

KNOWN_AT = parse_instant("2013-06-01T00:00Z")
NEXT = LabelAsked(label=Ride.fare.next(within="2h", by=Ride.rider).label, key="rider", known_at=KNOWN_AT)


class Backwards(OwnProcess):
    """Works on the last task first, and on every task twice, as a worker does that was thought dead."""

    def each(self, work, tasks):
        for place in reversed(range(len(tasks))):
            work(tasks[place])
            yield place, work(tasks[place])


def whole(features, asking, told=lambda progress: None):
    """Rows, inputs and label as one table, and whether all was in memory."""
    with features.answers(asking, told=told) as answers:
        parts = [
            pa.table(
                {
                    **{name: block.rows.column(name) for name in block.rows.column_names},
                    **{name: block.inputs.column(name) for name in block.inputs.column_names},
                    "label": block.label if block.label is not None else pa.nulls(block.rows.num_rows),
                }
            )
            for block in answers.blocks
        ]
        assert sum(part.num_rows for part in parts) == answers.rows
        return pa.concat_tables(parts).combine_chunks(), answers.in_memory


def by_buckets(floor, limit_bytes, workers=None):
    scratch = MemoryScratch()
    memory = Memory(limit_bytes=limit_bytes, own_bytes=0)
    larger = LargerThanMemory(memory=memory, scratch=scratch, workers=workers or OwnProcess())
    return Features(facts=floor.facts, keys=MemoryKeys(), larger=larger), scratch


def asking_of(rows, *, label=NEXT):
    names = ("rider", "who", "other")
    frame = pa.table(
        {"at": pa.array([t for *_, t in rows], pa.int64()).cast(INSTANT)}
        | {name: pa.array([row[place] for row in rows], pa.string()) for place, name in enumerate(names)}
        | {"note": pa.array([f"row {number}" for number in range(len(rows))]).dictionary_encode()}
    )
    given_rows = spine(frame, as_of="at", keys=dict.fromkeys(names, "member"))
    return Asking(name="law", spine=given_rows, question=QUESTION, known_at=KNOWN_AT, label=label)


people = st.one_of(st.none(), st.sampled_from([*MEMBERS, "nobody knows", ""]))


@settings(max_examples=60)
@given(
    history=st.lists(rides(), max_size=24),
    asked=st.lists(st.tuples(people, people, people, instants()), min_size=1, max_size=12),
    limit_bytes=st.integers(2_000, 40_000),
    settled=st.integers(0, 24),
    backwards=st.booleans(),
)
def test_the_answer_is_the_same_bytes_by_any_number_of_buckets(
    new_floor, *, history, asked, limit_bytes, settled, backwards
):
    floor = new_floor()
    floor.append(Ride, *map(asdict, history[:settled]))
    floor.facts.settle()
    floor.append(Ride, *map(asdict, history[settled:]))
    asking = asking_of(asked)
    expected, in_memory = whole(floor.features, asking)
    assert in_memory
    features, scratch = by_buckets(floor, limit_bytes, Backwards() if backwards else None)
    found, _ = whole(features, asking)
    assert found.schema == expected.schema
    for name in expected.column_names:
        one, other = (table.column(name).combine_chunks() for table in (found, expected))
        if pa.types.is_floating(one.type):
            one, other = (column.fill_null(-12.5).view(pa.int64()) for column in (one, other))
        assert one.equals(other), name
    assert scratch.names() == [], "nothing is left"


def test_a_small_limit_means_buckets_and_a_large_one_does_not(floor):
    floor.append(Ride, *[{"event": KNOWN_AT - n, "rider": f"m{n % 7}", "fare": 1.0} for n in range(1, 200)])
    asking = asking_of([("m1", "m2", "m3", KNOWN_AT - 5)] * 50)
    told = []
    _, in_memory = whole(by_buckets(floor, 20_000)[0], asking, told.append)
    assert not in_memory
    assert {progress.stage for progress in told} == {"rows", "ride", "buckets", "blocks"}
    assert all(progress.done <= progress.total for progress in told)
    assert next(p for p in reversed(told) if p.stage == "ride").done == 199
    assert whole(by_buckets(floor, 10**9)[0], asking)[1]


def test_a_question_without_rows_has_columns_all_the_same(floor):
    asking = asking_of([("m1", "m2", "m3", KNOWN_AT + 5)])
    for features in (floor.features, by_buckets(floor, 1)[0]):
        found, _ = whole(features, asking)
        assert found.num_rows == 0
        assert found.column_names[-1] == "label"


@pytest.mark.parametrize("count", [1, 2, 64])
def test_the_same_key_is_in_the_same_bucket_however_its_column_is_cut(count):
    draw = np.random.default_rng(5)
    texts = ["", "a", "abcdefgh", "abcdefghi", "ä" * 40, None, *(f"member-{n}" for n in draw.integers(0, 900, 3_000))]
    whole_column = pa.chunked_array([texts])
    cut = pa.chunked_array([pa.array(texts[:1]), pa.array(texts)[1:700], pa.array(texts)[700:]])
    found = buckets_of_keys(whole_column, count)
    assert found.tolist() == buckets_of_keys(cut, count).tolist()
    assert found.tolist() == buckets_of_keys(whole_column.cast(pa.large_string()), count).tolist()
    assert found[5] == NOBODY
    assert set(found) - {NOBODY} <= set(range(count))
    by_text = dict(zip(texts, found.tolist(), strict=True))
    assert all(by_text[text] == bucket for text, bucket in zip(texts, found.tolist(), strict=True))
    sizes = np.bincount(found[found >= 0], minlength=count)
    assert sizes.max() <= 3 * sizes.mean() + 10, "no bucket has far more than its share"


@pytest.mark.parametrize("shape", ["{:012d}", "{:06d}-aaaaaaaaaaaaaaaa", "aaaaaaaaaaaa-{:06d}-bbbbbbbbbbbb", "{}"])
def test_keys_of_every_shape_are_spread(shape):
    keys = pa.chunked_array([[shape.format(number) for number in range(20_000)]])
    sizes = np.bincount(buckets_of_keys(keys, 64), minlength=64)
    assert sizes.min() > 200
    assert sizes.max() < 450
