"""Lists: the newest few values and the most frequent ones, offline, online and by definition."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.notes import HOUR, NOTE, REFERENCES, START, appended_as_known, histories, note, table_of, view_of

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.facts import ARROW, BadDefinition
from pressroom.features.ask_three_ways import ask_offline
from pressroom.features.check_view import check_view
from pressroom.features.offline import answer
from pressroom.features.online import OnlineAnswers
from pressroom.features.question import BoundFeatures, Question
from pressroom.features.questions_to_check import Asking
from pressroom.features.rebuild import rebuilt
from pressroom.features.stream import position_key, streams_of
from pressroom.values import digest_document, from_document, to_document

TEXT, FEVER, PAGES, MOOD = (REFERENCES[name] for name in ("text", "fever", "pages", "mood"))
LISTS = view_of(
    "lists",
    texts=TEXT.last_n(2, window="3h"),
    often=TEXT.top_k(3, window="12h"),
    fevers=FEVER.last_n(5, window="12h"),
    pages=PAGES.last_n(1, window="3h"),
    usual=PAGES.top_k(2, window="12h"),
    moods=MOOD.top_k(2, window="3h"),
    writers=REFERENCES["writer"].last_n(3, window="3h"),
    calm=PAGES.last_n(2, window="12h", where=MOOD.equals("calm")),
)
QUESTION = Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=LISTS, key="patient"),), request=())


@settings(max_examples=40)
@given(rows=histories, as_known=st.booleans())
def test_any_history_is_equal_offline_online_and_by_definition(rows, as_known):
    rows = appended_as_known(rows) if as_known else rows
    found = check_view(LISTS, {"note": table_of(rows)}, MemoryKeys(), samples=30)
    assert found.examples == ()


def asked(aggregate, *rows, t=START + HOUR):
    """Offline and online, which must be equal."""
    view = view_of("one", x=aggregate)
    ((offline,),) = ask_offline(view, {"note": table_of(rows)}, [Asking(entity="ann", as_of=t)])
    keys = MemoryKeys()
    (stream,) = streams_of(view)
    keys.put_many({**rebuilt(stream, table_of(rows), t), position_key(view): b"0"})
    question = Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=view, key="patient"),), request=())
    (online,) = OnlineAnswers(question, keys).answer([{"patient": "ann"}], [t])
    assert online.values["one.x"] == offline
    return offline


def test_the_newest_come_first_and_nulls_are_passed_over():
    rows = [note(START + step, pages=None if step % 3 == 0 else step) for step in range(8)]
    assert asked(PAGES.last_n(3, window="2h"), *rows) == [7, 5, 4]
    assert asked(PAGES.last_n(100, window="2h"), *rows) == [7, 5, 4, 2, 1]
    assert asked(TEXT.last_n(3, window="2h"), *rows) == []


def test_of_facts_at_one_instant_the_one_known_last_and_then_appended_last_is_newest():
    rows = [note(START, known=START + 2, text="late"), note(START, text="first"), note(START, text="second")]
    assert asked(TEXT.last_n(3, window="2h"), *rows) == ["late", "second", "first"]


def test_the_most_frequent_come_first_and_of_equally_frequent_ones_the_least():
    rows = [
        note(START + place, text=text) for place, text in enumerate(["b", "é", "a", "b", "Z", "a", "", "\U0001d538"])
    ]
    assert asked(TEXT.top_k(3, window="2h"), *rows) == ["a", "b", ""]
    assert asked(TEXT.top_k(9, window="2h"), *rows) == ["a", "b", "", "Z", "é", "\U0001d538"]
    rows = [note(START + place, pages=pages) for place, pages in enumerate([3, -1, 3, 2**63 - 1, -(2**63)])]
    assert asked(PAGES.top_k(3, window="2h"), *rows) == [3, -(2**63), -1]


def test_nobody_has_null_and_who_is_not_known_has_none():
    table = answer(QUESTION, spine([None, "nobody"]), lambda fact, _: table_of([note(START, text="a")]))
    assert [list(row.values()) for row in table.to_pylist()] == [[None] * 8, [[]] * 8]
    keys = MemoryKeys()
    keys.put_many({position_key(LISTS): b"0"})
    online = OnlineAnswers(QUESTION, keys).answer([{"patient": None}, {"patient": "nobody"}], [START] * 2)
    assert [list(one.values.values()) for one in online] == [[None] * 8, [[]] * 8]
    online[1].values["lists.texts"].append("mine")
    assert OnlineAnswers(QUESTION, keys).answer([{"patient": "nobody"}], [START])[0].values["lists.texts"] == []


def spine(patients):
    table = table_of([note(START, patient=patient) for patient in patients])
    return table.select(["event", "patient"]).rename_columns(["as_of", "patient"])


def test_the_answer_says_its_type_and_how_long_it_may_be():
    fields = {field.name.split(".")[1]: (field.type, field.length) for field in LISTS.results()}
    assert fields["texts"] == ("strings", 2)
    assert fields["fevers"] == ("floats", 5)
    assert fields["usual"] == ("ints", 2)
    table = answer(QUESTION, spine(["ann"]), lambda fact, _: table_of([]))
    assert [column.type for column in table.columns] == [ARROW[field.type] for field in LISTS.results()]


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda: FEVER.top_k(3, window="1h"), r"note\.fever is a float, which has no top_k"),
        (lambda: REFERENCES["urgent"].last_n(3, window="1h"), "is true or false, which has no last_n"),
        (lambda: REFERENCES["due"].top_k(3, window="1h"), "is an instant, which has no top_k"),
        (lambda: REFERENCES["scan"].last_n(3, window="1h"), "is bytes, which has no last_n"),
        (lambda: TEXT.last_n(0, window="1h"), "A list of 0 values"),
        (lambda: TEXT.top_k(1_001, window="1h"), "A list of 1001 values"),
        (lambda: TEXT.top_k(2.5, window="1h"), r"A list of 2\.5 values"),
    ],
)
def test_a_list_that_can_not_be_is_refused_where_it_is_asked(ask, why):
    with pytest.raises(BadDefinition, match=why):
        ask()


def test_words_say_how_many():
    assert TEXT.last_n(5, window="7d").words() == "last 5 of note.text over 7d"
    assert MOOD.top_k(3, window="30d").words() == "top 3 of note.mood over 30d"
    assert FEVER.approx_quantile(0.9, window="90d").words() == "approx 0.9 quantile of note.fever over 90d"
    assert TEXT.approx_distinct(window="90d").words() == "approx distinct of note.text over 90d"


def test_documents_and_digests_of_other_aggregates_are_as_they_always_were():
    old = PAGES.quantile(0.5, window="3h")
    assert b'"n":' not in to_document(old)
    assert digest_document(old.meaning()) == "a1c29e7023ec21a547a5e42523200c2e97aab2d09f4d88ca6f5dc1faa3c8acb7"
    assert from_document(to_document(LISTS), type(LISTS)) == LISTS
    assert PAGES.last_n(2, window="3h") != PAGES.last_n(3, window="3h")
