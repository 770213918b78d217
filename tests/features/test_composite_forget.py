"""Forgetting a subject that is part of composite keys: every row with it in that part goes, its partners' stay."""

from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts import Entity, Fact, Float, Key, Upkeep, field
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
    taker: Key[Account] = field(optional=True)
    bank: Key[Bank]
    amount: Float


class Pair(FeatureView, entity=(Account, Account)):
    """What one account gives another."""

    given = Transfer.amount.sum(window="1d", by=(Transfer.giver, Transfer.taker))


class Custom(FeatureView, entity=(Bank, Account)):
    """What goes out at a bank from an account, and how many get it."""

    given = Transfer.amount.sum(window="1d", by=(Transfer.bank, Transfer.giver))
    takers = Transfer.taker.distinct(window="1d", by=(Transfer.bank, Transfer.giver))


class Turnover(FeatureView, entity=Bank):
    """What goes through a bank."""

    amount = Transfer.amount.sum(window="1d")


VIEWS = (Pair.view, Custom.view, Turnover.view)
QUESTION = question_of(
    Transfer.schema, [Pair.on(Transfer.giver, Transfer.taker), Custom.on(Transfer.bank, Transfer.giver), Turnover]
)
NAMES = ("a", "b", "1:a", "x")


def transfer(giver, taker, bank, amount):
    return {"event": T, "giver": giver, "taker": taker, "bank": bank, "amount": float(amount)}


def answers(floor):
    rows = [{"giver": one, "taker": two, "bank": bank} for one in NAMES for two in NAMES for bank in NAMES]
    told = [one.values for one in floor.online(QUESTION).answer(rows, [T + HOUR] * len(rows))]
    assert told == floor.offline(QUESTION, [{"as_of": T + HOUR, **row} for row in rows])
    return told


def forget(floor, subject):
    """What the workspace does, without the log: all of it is settled first."""
    floor.facts.settle()
    floor.facts.trim(floor.facts.log_end())
    neighbours = {}

    def note(fact, rows):
        for key, own in (("giver", True), ("taker", True), ("bank", False)):
            names = [name for name in rows[key].unique().to_pylist() if name is not None]
            neighbours[fact, key] = [name for name in names if not own or name != subject]

    Upkeep(tables=floor.tables, records=None).erase({"transfer": ("giver", "taker")}, subject, note=note)
    return floor.features.forget(VIEWS, entity="account", subject=subject, neighbours=neighbours)


ACCOUNTS = st.sampled_from(["a", "b", "1:a"])
TRANSFERS = st.builds(
    transfer, ACCOUNTS, st.one_of(ACCOUNTS, st.none()), st.sampled_from(["a", "x", "1:a"]), st.integers(0, 9)
)


@given(st.lists(TRANSFERS, min_size=1, max_size=12), ACCOUNTS)
def test_answers_and_rows_are_those_of_a_store_that_never_knew_the_subject(new_floor, rows, subject):
    floor, never = new_floor(), new_floor()
    floor.append(Transfer, *rows)
    floor.follow(*VIEWS)
    left = [row for row in rows if subject not in (row["giver"], row["taker"])]
    if left:
        never.append(Transfer, *left)
    never.follow(*VIEWS)
    there = any(subject in (row["giver"], row["taker"]) for row in rows if row["taker"] or row["giver"] == subject)
    assert floor.features.is_online(VIEWS, entity="account", subject=subject) == there
    forget(floor, subject)
    assert answers(floor) == answers(never)
    assert {key for key, _ in floor.keys.scan(b"")} == {key for key, _ in never.keys.scan(b"")}
    assert not floor.features.is_online(VIEWS, entity="account", subject=subject)


def test_what_was_removed_and_made_anew_is_counted(floor):
    told = [("a", "b", "x", 1), ("b", "a", "x", 2), ("b", None, "x", 3), ("b", "b", "a", 4)]
    floor.append(Transfer, *(transfer(*row) for row in told))
    floor.follow(*VIEWS)
    done = forget(floor, "a")
    assert done == ForgottenOnline(removed=3, rebuilt=3), "gone: a+b, b+a, x+a; anew: b+b, x+b, x"
    assert floor.features.is_online(VIEWS, entity="bank", subject="a"), "a bank of that name is somebody else"
    assert not floor.features.is_online(VIEWS, entity="bank", subject="b")
