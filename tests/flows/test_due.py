"""What of a run can go on is known without looking at all of it, and is what looking at all of it would say."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from pressroom.flows.calls import ENDED, MADE
from pressroom.flows.due import Due


def call(number):
    return SimpleNamespace(number=number, state="waiting", key=None)


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=25),
    st.lists(st.sampled_from(["done", "kept", "failed"]), min_size=25, max_size=25),
    st.randoms(use_true_random=False),
)
def test_each_call_goes_on_once_when_all_that_it_needs_is_made_and_else_never(wanted, ends, random):
    due, calls, needs, under_way = Due(), [], [], []

    def settle():
        for complete in due.complete():
            assert all(calls[each].state in MADE for each in needs[complete.number])
            assert complete.state == "waiting"
            complete.state = "ready"
            under_way.append(complete)
        for broken, by in due.broken():
            assert by.number in needs[broken.number]
            assert (by.state in ENDED - MADE, broken.state) == (True, "waiting")
            broken.state = "skipped"
            due.ended(broken)

    for number, some in enumerate(wanted):
        made = call(number)
        calls.append(made)
        needs.append(sorted({each for each in some if each < number}))
        due.add(made, [calls[each] for each in needs[number]])
        settle()
        while under_way and random.random() < 0.5:
            ended = under_way.pop(random.randrange(len(under_way)))
            ended.state = ends[ended.number]
            due.ended(ended)
            settle()
    while under_way:
        ended = under_way.pop()
        ended.state = ends[ended.number]
        due.ended(ended)
        settle()
    for each in calls:
        broken = any(calls[need].state in ENDED - MADE for need in needs[each.number])
        assert each.state == ("skipped" if broken else ends[each.number])


def test_who_waits_for_a_twin_looks_again_when_that_one_has_ended():
    due = Due()
    first, twin, other = call(0), call(1), call(2)
    first.key = twin.key = "same"
    other.key = "another"
    for each in (twin, other):
        due.wait_for_twin(each)
    due.attempt_ended(first)
    assert [each.number for each in due.complete()] == [1]
    due.attempt_ended(other)
    assert [each.number for each in due.complete()] == [2]
