"""Bills by whom and by what; of old days by the books of their days."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.charges import BOOK, CHARGES, DAY, USAGES, charge

from pressroom.costs import (
    DIMENSIONS,
    Formula,
    InvalidPriceBook,
    idle_of,
    price_books,
    read_price_book,
    statement,
)
from pressroom.tiers import Share
from pressroom.values import MICROSECONDS


@given(st.lists(CHARGES, max_size=15), st.sampled_from(DIMENSIONS))
def test_whatever_the_dimension_all_of_it_is_billed_once(charges, by):
    found = statement(charges, lambda at: BOOK, by=by)
    billed = [each for each in charges if each.kind != "cached"]
    whole = sum(BOOK.price(each.usage, each.asked).usd for each in billed)
    assert found.total_usd == pytest.approx(whole)
    assert sum(entry.usd for entry in found.entries) == pytest.approx(whole)
    assert sum(entry.attempts for entry in found.entries) == len(billed)
    for entry in found.entries:
        assert sum(usd for kind, usd in entry.usd_of if kind != "cached") == pytest.approx(entry.usd)


@given(USAGES, st.sampled_from([0.0, 1.0, 4.0]))
def test_the_larger_of_asked_and_used_is_billed(usage, cores):
    asked = Share(cpu=cores)
    assert Formula().billed(usage, asked).cpu_s == max(usage.cpu_s, cores * usage.wall_s)
    assert Formula(cpu="used").billed(usage, asked).cpu_s == usage.cpu_s
    assert Formula(cpu="asked").billed(usage, asked).cpu_s == cores * usage.wall_s


def test_an_old_bill_is_written_again_under_the_book_of_its_day():
    old = [charge(DAY), charge(2 * DAY, wall_s=3.0, asked=2.0)]
    books = price_books([BOOK])
    before = statement(old, books.at)
    dearer = replace(BOOK, version="2", valid_from=5 * DAY, usd_per_cpu_s=9.0, formula=Formula(cpu="used"))
    later = price_books([dearer, BOOK])
    assert statement(old, later.at) == before
    assert before.total_usd == 1.0 + 6.0
    both = statement([*old, charge(6 * DAY)], later.at)
    assert (both.total_usd, both.books) == (7.0 + 9.0, ("1", "2"))
    assert statement(old, lambda at: later.named("2")).total_usd == 18.0


def test_books_of_which_nobody_could_say_which_is_in_force_are_refused():
    with pytest.raises(InvalidPriceBook, match="both valid from"):
        price_books([BOOK, replace(BOOK, version="2")])
    with pytest.raises(InvalidPriceBook, match="Two price books"):
        price_books([BOOK, replace(BOOK, valid_from=DAY)])
    with pytest.raises(InvalidPriceBook, match="no price book '7'"):
        price_books([BOOK]).named("7")


def test_a_formula_is_read_with_its_book_and_a_wrong_one_is_refused():
    text = (
        'version = "x"\nvalid_from = 2025-01-01T00:00:00Z\ncurrency = "usd"\ndoc = "d"\n[prices]\nusd_per_cpu_s = 1\n'
        "usd_per_gib_s = 0\nusd_per_gib_written = 0\nusd_per_gib_read = 0\nusd_per_gpu_s = 3\n[formula]\n"
    )
    read = read_price_book(text + 'cpu = "used"\n')
    assert (read.formula, read.usd_per_gpu_s) == (Formula(cpu="used"), 3.0)
    for wrong in ('cpu = "most"\n', 'disk = "used"\n'):
        with pytest.raises(InvalidPriceBook, match="formula"):
            read_price_book(text + wrong)


def test_idle_is_what_of_the_machine_nobody_used_meanwhile():
    idle = idle_of([charge(10 * MICROSECONDS, cpu_s=4.0, wall_s=10.0), charge(10 * MICROSECONDS, kind="cached")],
                   lambda at: BOOK, Share(cpu=2.0))  # fmt: skip
    assert idle is not None
    assert (idle.cpu_s, idle.share, idle.usd) == (16.0, 0.8, 16.0)
    assert idle_of([], lambda at: BOOK, Share(cpu=2.0)) is None
