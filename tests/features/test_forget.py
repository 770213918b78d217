"""Forgetting online: the subject's own rows go, its neighbours' are made anew, nobody else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts import Entity, Fact, Float, Key, Upkeep
from pressroom.facts import field as say
from pressroom.features import FeatureView, ForgottenOnline, question_of

HOUR = 3_600_000_000
T = 1_356_998_400_000_000


class Account(Entity):
    """An account."""


class Bank(Entity):
    """A bank."""


class Transfer(Fact):
    """Money went from one account to another."""

    giver: Key[Account]
    taker: Key[Account] = say(optional=True)
    bank: Key[Bank]
    amount: Float


class Giving(FeatureView, entity=Account):
    """What an account gives."""

    given = Transfer.amount.sum(window="1d", by=Transfer.giver)
    last = Transfer.amount.last(by=Transfer.giver)


class Taking(FeatureView, entity=Account):
    """What an account gets."""

    taken = Transfer.amount.sum(window="1d", by=Transfer.taker)
    givers = Transfer.giver.distinct(window="1d", by=Transfer.taker)
    last_giver = Transfer.giver.last(by=Transfer.taker)


class Turnover(FeatureView, entity=Bank):
    """What goes through a bank."""

    transfers = Transfer.count(window="1d")


VIEWS = (Giving.view, Taking.view, Turnover.view)
QUESTION = question_of(
    Transfer.schema, [Giving.on(Transfer.giver), Taking.on(Transfer.taker), Turnover.on(Transfer.bank)]
)
NAMES = ("a", "b", "c", "x")
KEYS = {"transfer": ("giver", "taker")}


def transfer(giver, taker, bank, amount):
    return {"event": T, "giver": giver, "taker": taker, "bank": bank, "amount": amount}


def answers(floor):
    rows = [{"giver": name, "taker": name, "bank": name} for name in NAMES]
    told = floor.online(QUESTION).answer(rows, [T + HOUR] * len(rows))
    values = [one.values for one in told]
    assert values == floor.offline(QUESTION, [{"as_of": T + HOUR, **row} for row in rows])
    return values


def forget(floor, subject):
    """What the workspace does, without the log: all of it is settled first."""
    floor.facts.settle()
    floor.facts.trim(floor.facts.log_end())
    neighbours = {}

    def note(fact, rows):
        for key, own in (("giver", True), ("taker", True), ("bank", False)):
            names = [name for name in rows[key].unique().to_pylist() if name is not None]
            neighbours[fact, key] = [name for name in names if not own or name != subject]

    Upkeep(tables=floor.tables, records=None).erase(KEYS, subject, note=note)
    return floor.features.forget(VIEWS, entity="account", subject=subject, neighbours=neighbours)


TRANSFERS = st.builds(
    transfer, st.sampled_from("abc"), st.sampled_from(["a", "b", "c", None]), st.sampled_from("ax"), st.integers(0, 9)
)


@given(st.lists(TRANSFERS, min_size=1, max_size=12), st.sampled_from("abc"))
def test_online_answers_are_those_of_a_store_that_never_knew_the_subject(new_floor, rows, subject):
    rows = [{**row, "amount": float(row["amount"])} for row in rows]
    floor, never = new_floor(), new_floor()
    floor.append(Transfer, *rows)
    floor.follow(*VIEWS)
    left = [row for row in rows if subject not in (row["giver"], row["taker"])]
    if left:
        never.append(Transfer, *left)
    never.follow(*VIEWS)
    forget(floor, subject)
    assert answers(floor) == answers(never)
    assert not floor.features.is_online(VIEWS, entity="account", subject=subject)


def test_no_text_of_the_subject_is_left_in_the_rows_of_others(floor):
    floor.append(Transfer, transfer("mallory-7", "b", "x", 1.0), transfer("c", "b", "x", 2.0))
    floor.follow(*VIEWS)
    assert any(b"mallory-7" in value for _, value in floor.keys.scan(b""))
    forget(floor, "mallory-7")
    assert not any(b"mallory-7" in key or b"mallory-7" in value for key, value in floor.keys.scan(b""))
    assert any(b"c" in value for _, value in floor.keys.scan(b""))


def test_what_was_removed_and_made_anew_is_counted(floor):
    floor.append(Transfer, transfer("a", "b", "x", 1.0), transfer("b", "c", "a", 2.0), transfer("c", None, "y", 3.0))
    floor.follow(*VIEWS)
    assert floor.features.is_online(VIEWS, entity="account", subject="a")
    assert forget(floor, "a") == ForgottenOnline(removed=1, rebuilt=2), "b as a taker, and the bank x"
    assert floor.features.is_online(VIEWS, entity="bank", subject="a"), "a bank of that name is somebody else"


def test_what_comes_after_is_followed_as_ever(floor):
    floor.append(Transfer, transfer("a", "b", "x", 1.0), transfer("b", "a", "x", 2.0))
    floor.follow(*VIEWS)
    forget(floor, "a")
    floor.append(Transfer, transfer("a", "b", "x", 5.0))
    floor.follow(*VIEWS)
    assert [told["giving.given"] for told in answers(floor)] == [5.0, None, None, None]


def test_a_view_that_was_never_filled_and_one_that_is_not_kept_online_are_passed_over(floor):
    class Words(FeatureView, entity=Account):
        bank = Transfer.bank.last(by=Transfer.giver)

    floor.append(Transfer, transfer("a", "b", "x", 1.0))
    done = floor.features.forget((*VIEWS, Words.view), entity="account", subject="a", neighbours={})
    assert done == ForgottenOnline(removed=0, rebuilt=0)
    assert not floor.features.is_online((*VIEWS, Words.view), entity="account", subject="a")


@pytest.mark.parametrize("checks", [{"low": 0.0}, {"high": 10.0}])
def test_expectations_of_a_fact_are_no_part_of_what_is_made_from_it(checks):
    def made(**options):
        body = {"__annotations__": {"account": Key[Account], "amount": Float}, "amount": say(unit="eur", **options)}
        fact = type("Paid", (Fact,), body, **({"unique": "account"} if options else {}))
        view = type("Payments", (FeatureView,), {"sum": fact.amount.sum(window="1d")}, entity=Account)
        return fact, view.view, question_of(fact.schema, [view])

    plain, checked = made(), made(**checks)
    assert plain[0].schema != checked[0].schema
    assert plain[1].digest() == checked[1].digest()
    assert plain[2].digest() == checked[2].digest()
    assert plain[2].keys == checked[2].keys
