"""The hour before the newest fact: rows in which later facts are already packed answer earlier instants exactly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.notes import DAY, HOUR, MINUTE, NOTE, REFERENCES, START, histories, table_of, view_of
from tests.features.test_heap import SHORT, WORDS
from tests.features.test_lists import LISTS
from tests.features.test_sketches import ALL

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.features.ask_three_ways import ask_offline
from pressroom.features.check_view import same
from pressroom.features.head import Head
from pressroom.features.online import OnlineAnswers
from pressroom.features.question import BoundFeatures, Question
from pressroom.features.questions_to_check import Asking
from pressroom.features.rebuild import rebuilt
from pressroom.features.stream import position_key, streams_of

TEXT, FEVER = REFERENCES["text"], REFERENCES["fever"]
BRIEF = view_of(
    "brief",
    texts=TEXT.approx_distinct(window="5min"),
    texts_1h=TEXT.approx_distinct(window="1h"),
    fever=FEVER.approx_quantile(0.7, window="20min"),
    texts_13h=TEXT.approx_distinct(window="13h"),
)
NOW = START + 90 * HOUR
BESIDE = st.one_of(st.integers(0, 2 * HOUR), st.sampled_from([0, 1, 5 * MINUTE, HOUR]))


@pytest.mark.parametrize("view", [ALL, BRIEF, WORDS, SHORT, LISTS], ids=lambda view: view.name)
@settings(max_examples=60)
@given(
    rows=histories,
    shift=st.sampled_from([0, DAY, 37 * MINUTE]),
    beside=st.lists(
        st.one_of(st.integers(0, 2 * HOUR), st.sampled_from([0, 1, 5 * MINUTE, HOUR])), min_size=4, max_size=8
    ),
)
def test_from_the_first_instant_on_that_a_row_promises_it_is_right(view, rows, shift, beside):
    rows = [{**row, "patient": "ann", "until": None, "event": row["event"] + shift, "known": row["known"] + shift}
            for row in rows]  # fmt: skip
    told = table_of(rows)
    keys = MemoryKeys()
    keys.put_many({position_key(view): b"0"})
    for stream in streams_of(view):
        keys.put_many(rebuilt(stream, told, NOW))
    heads = [Head.of(row) for key, row in keys.scan(b"") if not key.startswith(b"position")]
    newest = max([max(row["event"], row["known"]) for row in rows], default=START)
    exact_from = max([head.exact_from for head in heads], default=START)
    assert exact_from <= newest - HOUR or not rows
    first = max(exact_from, START)
    instants = [first + us for us in beside]
    online = OnlineAnswers(_question(view), keys).answer([{"patient": "ann"}] * len(instants), instants)
    offline = ask_offline(view, {"note": told}, [Asking(entity="ann", as_of=instant) for instant in instants])
    names = [field.name for field in view.results()]
    for answer, wanted in zip(online, offline, strict=True):
        assert all(map(same, (answer.values[name] for name in names), wanted))


def _question(view):
    return Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=view, key="patient"),), request=())
