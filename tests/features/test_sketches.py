"""Sketches: equal offline, online and by definition; near the exact answers; in little room whatever the facts."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.notes import (
    DAY,
    HOUR,
    MINUTE,
    NOTE,
    REFERENCES,
    START,
    appended_as_known,
    histories,
    note,
    table_of,
    view_of,
)

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.facts import INSTANT, BadDefinition
from pressroom.features import TooOld
from pressroom.features.ask_three_ways import ask_offline
from pressroom.features.check_view import check_view, same
from pressroom.features.head import HEAD, Head
from pressroom.features.online import OnlineAnswers
from pressroom.features.question import BoundFeatures, Question
from pressroom.features.questions_to_check import Asking
from pressroom.features.rebuild import rebuilt
from pressroom.features.stream import position_key, streams_of

TEXT, FEVER, PAGES = (REFERENCES[name] for name in ("text", "fever", "pages"))
ALL = view_of(
    "all",
    texts=TEXT.approx_distinct(window="3h"),
    texts_13h=TEXT.approx_distinct(window="13h"),
    fevers=FEVER.approx_distinct(window="1h"),
    writers=REFERENCES["writer"].approx_distinct(window="12d"),
    urgent=REFERENCES["urgent"].approx_distinct(window="3h"),
    due=REFERENCES["due"].approx_distinct(window="3h"),
    fever=FEVER.approx_quantile(0.5, window="3h"),
    hot=FEVER.approx_quantile(0.9, window="13h"),
    pages=PAGES.approx_quantile(1.0, window="3h"),
    calm=FEVER.approx_quantile(0.5, window="3h", where=REFERENCES["mood"].equals("calm")),
    exact=FEVER.quantile(0.5, window="3h"),
)
NOW = START + 90 * HOUR
QUESTION = Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=ALL, key="patient"),), request=())


@settings(max_examples=25)
@given(rows=histories, as_known=st.booleans())
def test_any_history_is_equal_offline_online_and_by_definition(rows, as_known):
    rows = appended_as_known(rows) if as_known else rows
    found = check_view(ALL, {"note": table_of(rows)}, MemoryKeys(), samples=25)
    assert found.examples == ()


def asked_online(keys, instants):
    keys.put_many({position_key(ALL): b"0"})
    rows = [{"patient": "ann"}] * len(instants)
    names = [field_.name for field_ in QUESTION.inputs()]
    answers = OnlineAnswers(QUESTION, keys).answer(rows, instants)
    return [[answer.values[name] for name in names] for answer in answers]


@settings(max_examples=25)
@given(rows=histories, size=st.integers(1, 5))
def test_rows_that_grew_in_steps_answer_like_rows_made_at_once(new_floor, rows, size):
    rows = [{**row, "until": None} for row in appended_as_known(rows)]
    floor = new_floor()
    for start in range(0, len(rows), size):
        told = table_of(rows[start : start + size]).drop_columns(["seq", "until"])
        floor.facts.append_checked([(NOTE, told)])
        floor.follow(ALL)
    floor.follow(ALL)
    once = MemoryKeys()
    for stream in streams_of(ALL):
        once.put_many(rebuilt(stream, table_of(rows), NOW))
    steps = asked_online(floor.keys, [NOW])[0]
    assert all(map(same, steps, asked_online(once, [NOW])[0]))
    assert all(map(same, steps, ask_offline(ALL, {"note": table_of(rows)}, [Asking(entity="ann", as_of=NOW)])[0]))


def test_sketches_and_exact_features_do_not_keep_what_only_the_other_needs():
    view = view_of(
        "mixed",
        exact=FEVER.mean(window="1h"),
        long=TEXT.approx_distinct(window="90d"),
        hot=FEVER.approx_quantile(0.9, window="30d"),
        short=TEXT.approx_distinct(window="1h"),
        last=TEXT.last(ttl="2h"),
    )
    streams = streams_of(view)
    assert [(stream.hop_us, stream.horizon_us) for stream in streams] == [
        (0, 2 * HOUR), (DAY, 90 * DAY), (5 * MINUTE, HOUR),
    ]  # fmt: skip
    assert [stream.sketches for stream in streams] == [
        (), (("fever", "quantile"), ("text", "distinct")), (("text", "distinct"),),
    ]  # fmt: skip
    assert [stream.heap for stream in streams] == [("text",), (), ()]


LONG = view_of("long", texts=TEXT.approx_distinct(window="90d"), fever=FEVER.approx_quantile(0.9, window="90d"))


def busy(count, *, days):
    """Very many notes about one patient, each with a text of its own, in the order in which they became known."""
    draw = np.random.default_rng(11)
    event = START + np.sort(draw.integers(0, days * DAY, count))
    return pa.table(
        {
            "event": pa.array(event).cast(INSTANT),
            "known": pa.array(event + MINUTE).cast(INSTANT),
            "seq": np.arange(count),
            "patient": pa.array(["ann"] * count),
            "text": pa.array([f"t{number}" for number in range(count)]),
            "fever": draw.lognormal(3, 1, count),
        }
    )


@pytest.fixture(scope="module")
def hot():
    return busy(200_000, days=90)


def test_a_very_busy_entity_takes_some_tens_of_kilobytes(hot):
    (stream,) = streams_of(LONG)
    end = START + 90 * DAY
    (row,) = rebuilt(stream, hot, end).values()
    texts_alone, fever_alone = (
        len(next(iter(rebuilt(streams_of(view_of("one", one=aggregate))[0], hot, end).values())))
        for aggregate in (feature.aggregate for feature in LONG.features)
    )
    assert texts_alone < 110_000, "91 days of 1,068 bytes"
    assert fever_alone < 60_000
    assert len(row) < 160_000 < hot.num_rows * stream.record.itemsize / 50
    keys = MemoryKeys()
    keys.put_many({stream.prefix + b"ann": row, position_key(LONG): b"0"})
    question = Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=LONG, key="patient"),), request=())
    ((distinct, fever),) = [
        list(one.values.values()) for one in OnlineAnswers(question, keys).answer([{"patient": "ann"}], [end])
    ]
    assert [[distinct, fever]] == ask_offline(LONG, {"note": hot}, [Asking(entity="ann", as_of=end)])
    assert distinct == pytest.approx(200_000, rel=0.08)
    assert fever == pytest.approx(np.quantile(hot["fever"].to_numpy(), 0.9, method="inverted_cdf"), rel=0.0101)


def test_tiles_that_no_window_reaches_are_dropped():
    (stream,) = streams_of(view_of("short", texts=TEXT.approx_distinct(window="1h")))
    (row,) = rebuilt(stream, busy(5_000, days=20), START + 20 * DAY).values()
    (brief,) = rebuilt(stream, busy(250, days=1), START + DAY).values()
    assert len(row) < 2 * len(brief)


def test_a_late_fact_counts_from_when_it_is_known_and_then_as_long_as_all_others():
    rows = [note(START + step * HOUR, text=f"t{step}") for step in range(30)]
    rows += [note(START + HOUR + 1, known=START + 30 * HOUR, text="late")]
    rows += [note(START + step * HOUR, text=f"t{step}") for step in range(31, 40)]
    view = view_of("day", texts=TEXT.approx_distinct(window="35h"))
    (stream,) = streams_of(view)
    (row,) = rebuilt(stream, table_of(rows[:30]), NOW).values()
    assert Head.of(row).exact_from == START + 28 * HOUR
    found = check_view(view, {"note": table_of(rows)}, MemoryKeys(), samples=300)
    assert found.examples == ()


def test_an_instant_before_what_is_kept_is_refused():
    (stream,) = streams_of(LONG)
    keys = MemoryKeys()
    keys.put_many({**rebuilt(stream, busy(1_000, days=2), START + 2 * DAY), position_key(LONG): b"0"})
    question = Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=LONG, key="patient"),), request=())
    with pytest.raises(TooOld, match="long is kept online from"):
        OnlineAnswers(question, keys).answer([{"patient": "ann"}], [START + DAY])
    assert OnlineAnswers(question, keys).answer([{"patient": None}, {"patient": "bob"}], [START] * 2)[1].values == {
        "long.texts": 0, "long.fever": None,
    }  # fmt: skip


def test_a_fact_does_not_count_at_its_own_instant_where_that_is_the_first_one_promised():
    view = view_of("edge", texts=TEXT.approx_distinct(window="5h"))
    (stream,) = streams_of(view)
    told = [note(START - 2 * HOUR, text="old"), note(START, text="edge"), note(START + HOUR, text="new")]
    keys = MemoryKeys()
    keys.put_many({**rebuilt(stream, table_of(told), NOW), position_key(view): b"0"})
    question = Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=view, key="patient"),), request=())
    answers = OnlineAnswers(question, keys).answer([{"patient": "ann"}] * 2, [START, START + 1])
    assert [answer.values["edge.texts"] for answer in answers] == [1, 2]


def test_an_age_is_that_of_the_newest_fact_also_when_it_was_folded():
    (stream,) = streams_of(LONG)
    keys = MemoryKeys()
    packed = rebuilt(stream, table_of([note(START, text="a"), note(START + 5, known=START + DAY, text="b")]), NOW)
    keys.put_many({**packed, position_key(LONG): b"0"})
    question = Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=LONG, key="patient"),), request=())
    (answer,) = OnlineAnswers(question, keys).answer([{"patient": "ann"}], [START + DAY + 10])
    assert answer.ages_s["long.texts"] == pytest.approx((DAY + 5) / 1e6)
    assert answer.values["long.texts"] == 2
    assert len(packed[stream.prefix + b"ann"]) > HEAD.size


def test_what_has_no_sketch_is_refused_where_it_is_asked():
    with pytest.raises(BadDefinition, match=r"note\.meaning is a vector, which has no approx_distinct"):
        REFERENCES["meaning"].approx_distinct(window="1h")
    with pytest.raises(BadDefinition, match=r"note\.text is text, which has no approx_quantile"):
        TEXT.approx_quantile(0.5, window="1h")
    with pytest.raises(BadDefinition, match="no quantile"):
        FEVER.approx_quantile(0.0, window="1h")
