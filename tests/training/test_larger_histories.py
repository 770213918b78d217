"""The digest of a training set of everything that can be asked, in memory and by buckets."""

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.features.buckets.test_answers import KNOWN_AT, by_buckets
from tests.features.conftest import Floor
from tests.features.test_parity_histories import Telling
from tests.features.visits import FEATURES, Asked, Visit
from tests.features.visits_told import steps_of

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.features import request
from pressroom.training import Split, training_set
from pressroom.training.freeze import freeze

DEFINITION = training_set(
    "spending",
    spine=Asked,
    features=[*FEATURES, request(Asked.price)],
    label=Visit.spent.next(within="14h", by=Visit.guest),
    split=Split(train_until=1_357_000_000_000_000, validate_until=1_357_100_000_000_000, test_until=KNOWN_AT),
    purpose="test",
    baseline=[Asked.price],
)


@settings(max_examples=10, phases=[Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**48), limit_bytes=st.integers(4_000, 16_000))
def test_a_training_set_of_any_history_has_the_same_digest_by_any_number_of_buckets(seed, limit_bytes):
    floor, steps = Floor(), steps_of(seed, 8)
    telling = Telling(floor)
    for step in steps:
        telling.tell(step)
    names = ("guest", "place", "price")
    asked = [{"event": row["as_of"], **{name: row[name] for name in names}} for step in steps for row in step.asked]
    floor.append(Asked, *asked)
    features = (floor.features, by_buckets(floor, limit_bytes)[0])
    found = [freeze(DEFINITION, features=each, blobs=MemoryBlobs(), known_at=KNOWN_AT) for each in features]
    assert found[0].rows > 0
    assert (found[0].digest, found[0].blob) == (found[1].digest, found[1].blob)
