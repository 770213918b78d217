"""What was used, and what that cost: usage, its meter, price books, bills, budgets, the price of quality.

Usage is counted where it arises and priced later, by a price book that has a version: an old bill can be written again.
Usage is kept as facts. What a budget means for work is said here; the work is stopped by whoever runs it.
"""

from pressroom.costs.bill import Bill, Line, bill
from pressroom.costs.budget import WARN_AT, Budget, Standing, budgets_for, spent_of, worst
from pressroom.costs.charge import KINDS, WASTE, Charge, Kind, charges_in, charges_of
from pressroom.costs.cost_of_quality import cost_of_a_point
from pressroom.costs.device import Device
from pressroom.costs.errors import InvalidPriceBook, NoSuchProcess, NotMeasuring
from pressroom.costs.focus import FOCUS_COLUMNS, focus_rows
from pressroom.costs.formula import BASES, Billed, Formula
from pressroom.costs.meter import Meter, usage_of_process
from pressroom.costs.price_book import Price, PriceBook, default_price_book, read_price_book
from pressroom.costs.price_books import PriceBooks, price_books
from pressroom.costs.statement import DIMENSIONS, BookOf, Dimension, Entry, Idle, Statement, idle_of, statement
from pressroom.costs.usage import GIB, Usage
from pressroom.costs.usage_fact import (
    NO_SOURCES,
    NOBODY,
    USAGE,
    Sources,
    Spender,
    usage_row,
    usage_said,
    usages_of,
)

__all__ = [
    "BASES",
    "DIMENSIONS",
    "FOCUS_COLUMNS",
    "GIB",
    "KINDS",
    "NOBODY",
    "NO_SOURCES",
    "USAGE",
    "WARN_AT",
    "WASTE",
    "Bill",
    "Billed",
    "BookOf",
    "Budget",
    "Charge",
    "Device",
    "Dimension",
    "Entry",
    "Formula",
    "Idle",
    "InvalidPriceBook",
    "Kind",
    "Line",
    "Meter",
    "NoSuchProcess",
    "NotMeasuring",
    "Price",
    "PriceBook",
    "PriceBooks",
    "Sources",
    "Spender",
    "Standing",
    "Statement",
    "Usage",
    "bill",
    "budgets_for",
    "charges_in",
    "charges_of",
    "cost_of_a_point",
    "default_price_book",
    "focus_rows",
    "idle_of",
    "price_books",
    "read_price_book",
    "spent_of",
    "statement",
    "usage_of_process",
    "usage_row",
    "usage_said",
    "usages_of",
    "worst",
]
