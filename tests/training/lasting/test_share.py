import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pressroom.training.lasting.loops import Reading, pass_over
from pressroom.training.lasting.place import Place
from pressroom.training.lasting.rows import rows_by_place
from pressroom.training.lasting.share import Part

COUNTS = st.integers(min_value=1, max_value=60)
WORKERS = st.integers(min_value=1, max_value=9)


def parts_of(workers: int) -> list[Part]:
    return [Part(place=place, of=workers) for place in range(workers)]


@given(count=COUNTS, workers=WORKERS)
def test_shares_that_count_are_the_batch_in_its_order(count, workers):
    batch = np.arange(100, 100 + count)
    shares = [part.rows(batch).tolist() for part in parts_of(workers) if part.weight(count) > 0]
    assert [row for share in shares for row in share] == batch.tolist()


@given(count=COUNTS, workers=WORKERS)
def test_nobody_has_nothing_and_shares_differ_by_a_row_at_most(count, workers):
    sizes = [len(part.rows(np.arange(count))) for part in parts_of(workers)]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1


@given(count=COUNTS, workers=WORKERS)
def test_weights_are_parts_of_the_batch_and_add_up_to_one(count, workers):
    weights = [part.weight(count) for part in parts_of(workers)]
    assert abs(sum(weights) - 1) < 1e-12
    for part, weight in zip(parts_of(workers), weights, strict=True):
        assert weight == 0 or abs(weight * count - len(part.rows(np.arange(count)))) < 1e-9


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), workers=WORKERS)
def test_weighted_means_of_shares_are_the_mean_of_the_batch(values, workers):
    batch = np.array(values)
    means = [(part.weight(len(batch)), batch[part.rows(np.arange(len(batch)))].mean()) for part in parts_of(workers)]
    assert np.isclose(sum(weight * mean for weight, mean in means), batch.mean(), rtol=1e-9, atol=1e-6)


@given(
    count=COUNTS, size=st.integers(1, 20), workers=WORKERS, seed=st.integers(0, 3), epoch=st.integers(0, 2),
    shuffle=st.booleans(), whole=st.booleans(),
)  # fmt: skip
def test_workers_see_the_batches_of_a_single_process_whatever_their_number(
    count, size, workers, seed, epoch, shuffle, whole
):
    rows = rows_by_place(np.arange(count))

    def seen(part: Part) -> list[tuple[list[int], float]]:
        one = pass_over(
            rows,
            Place(epoch=epoch),
            Reading(size=size, seed=seed, shuffle=shuffle, whole=whole, part=part),
        )
        return [(one.make(number).tolist(), one.weight(number) if one.weight else 1.0) for number in range(one.count)]

    alone = [batch for batch, _ in seen(Part())]
    spread = [seen(part) for part in parts_of(workers)]
    together = [[row for worker in spread for row in worker[at][0] if worker[at][1] > 0] for at in range(len(alone))]
    assert together == alone
    assert sorted(row for batch in alone for row in batch) == list(range(count)) or whole or size > count
