"""Decisions: purposes of the sources, and rules on labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.policy import Decision, PolicyRefused, Rule, decide, enforce

PII = Rule(label="pii", purposes=("operations", "safety"))


def test_data_that_nobody_limits_may_be_used_for_anything():
    assert decide("ads", labels=["money"], purposes=[(), ()], rules=[PII]) == Decision(
        allowed=True, because="no rule stands against it"
    )


def test_every_source_must_allow_the_purpose():
    purposes = [("operations", "ads"), (), ("operations",)]
    assert decide("operations", labels=[], purposes=purposes, rules=[]).allowed
    assert decide("ads", labels=[], purposes=purposes, rules=[]) == Decision(
        allowed=False, because="a source allows only operations"
    )


def test_labelled_data_may_be_used_only_as_the_rule_says():
    assert decide("safety", labels=["pii"], purposes=[], rules=[PII]).allowed
    assert decide("ads", labels=["money", "pii"], purposes=[], rules=[PII]) == Decision(
        allowed=False, because="data labelled 'pii' may be used only for operations, safety"
    )


def test_every_rule_on_a_label_must_allow_the_purpose():
    rules = [PII, Rule(label="pii", purposes=("safety",))]
    assert decide("safety", labels=["pii"], purposes=[], rules=rules).allowed
    assert not decide("operations", labels=["pii"], purposes=[], rules=rules).allowed


def test_a_label_that_may_be_used_for_nothing_is_used_for_nothing():
    assert not decide("operations", labels=["secret"], purposes=[], rules=[Rule(label="secret", purposes=())]).allowed


words = st.sampled_from(["a", "b", "c"])
sets = st.lists(words, max_size=3)


@given(
    purpose=words,
    labels=sets,
    more_labels=sets,
    purposes=st.lists(sets, max_size=3),
    more_purposes=st.lists(sets, max_size=3),
    rules=st.lists(st.builds(Rule, label=words, purposes=sets.map(tuple)), max_size=3),
)
def test_more_sources_never_loosen_a_decision(purpose, labels, more_labels, purposes, more_purposes, rules):
    alone = decide(purpose, labels=labels, purposes=purposes, rules=rules)
    together = decide(purpose, labels=labels + more_labels, purposes=purposes + more_purposes, rules=rules)
    assert alone.allowed or not together.allowed


def test_a_refusal_says_what_why_and_what_to_do():
    with pytest.raises(PolicyRefused) as refused:
        enforce(decide("ads", labels=["pii"], purposes=[], rules=[PII]), what="Model late", purpose="ads")
    assert str(refused.value) == (
        "Model late may not be used for 'ads': data labelled 'pii' may be used only for operations, safety. "
        "Leave the data out, or ask the owner of the rule to change it in pressroom.toml."
    )


def test_what_is_allowed_passes():
    enforce(Decision(allowed=True, because=""), what="Model late", purpose="ads")
